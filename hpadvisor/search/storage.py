"""Where a study is kept: a journal, a database server, or another machine's journal by gRPC."""

from __future__ import annotations

import re
import time
import warnings

import optuna

from hpadvisor.search.journal import open_journal
from hpadvisor.search.locks import locked
from hpadvisor.search.problems import TuneError
from hpadvisor.search.words import say

SERVER_SECONDS = 60
"""How long to wait for a gRPC server."""


def shown(storage: str | None) -> str:
    """Return a storage as it may be printed: never with a password."""
    return re.sub(r"(://[^:/@]*):.*@", r"\1:***@", storage or "memory")


def is_server(storage: str | None) -> bool:
    """Tell whether a storage is a server, whose other users know nothing of our locks."""
    return storage is not None and "://" in storage


def open_storage(storage: str) -> optuna.storages.BaseStorage:
    """Open a journal, a database server or the gRPC proxy of another machine.

    Raises:
        TuneError: It cannot be opened, with the reason in one line.
    """
    if "://" not in storage:
        return open_journal(storage)
    for pause in (0.5, 1.0, 2.0, 4.0, 0.0):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                if storage.startswith("grpc://"):
                    return _proxy(storage)
                return optuna.storages.RDBStorage(storage)
        except TuneError:
            raise
        except Exception as error:  # each driver raises errors of its own
            text = shown(" ".join(str(error).split("\n")[0].split())[:200])
            # Machines that begin at once create the same tables; one of them is told so.
            if not pause or not re.search("duplicate|already exists|unique", text, re.IGNORECASE):
                raise TuneError(f"{shown(storage)}: cannot be opened ({text})") from None
        time.sleep(pause)
    raise AssertionError


def _proxy(storage: str) -> optuna.storages.BaseStorage:
    host, _, port = storage.removeprefix("grpc://").rstrip("/").rpartition(":")
    if not host or not port.isdigit():
        raise TuneError(f"--storage {storage}: write grpc://HOST:PORT")
    try:
        proxy = optuna.storages.GrpcStorageProxy(host=host, port=int(port))
    except AttributeError:
        raise TuneError("a gRPC storage needs optuna 4.2 or newer") from None
    except ImportError as error:
        raise TuneError(f"a gRPC storage needs grpcio: pip install grpcio ({error})") from None
    try:
        if hasattr(proxy, "wait_server_ready"):
            proxy.wait_server_ready(timeout=SERVER_SECONDS)
    except Exception:
        raise TuneError(f"{storage}: no server answers; start it with --serve {port}") from None
    return proxy


def serve(storage: str, place: str) -> None:
    """Serve a journal to other machines, until it is interrupted.

    Args:
        storage: The journal, or a database.
        place: HOST:PORT to listen at, or a port alone, for processes of this machine only.

    Raises:
        TuneError: It cannot be served, with the reason in one line.
    """
    host, _, port = place.rpartition(":")
    host = host or "localhost"
    if not port.isdigit():
        raise TuneError(f"--serve {place}: write PORT or HOST:PORT")
    if storage.startswith("grpc://"):
        raise TuneError("--serve needs the journal or database itself, not another server")
    with locked(storage):
        store = open_storage(storage)
    say(f"Serving {shown(storage)} at {host}:{port}; Ctrl-C ends it.")
    try:
        optuna.storages.run_grpc_proxy_server(store, host=host, port=int(port))
    except ImportError as error:
        raise TuneError(f"--serve needs grpcio: pip install grpcio protobuf ({error})") from None
    except (OSError, RuntimeError) as error:
        raise TuneError(f"--serve {place}: cannot listen there ({error})") from None
