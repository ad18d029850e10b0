"""A guard of the process: while it is up, nothing but the given folders can be read.

The paths that a client names are checked before they are used (:mod:`.folders`). The guard is the
second wall: readers look beside and above what they are given (a config's defaults, a
``.gitignore``), and folders hold links. It listens to Python's audit events, which every open,
listing, connection and child process raises, and refuses what is not needed. Libraries written in
C may open files unseen; the readers open each file in Python first.
"""

from __future__ import annotations

import errno
import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from hpadvisor.integrations.folders import OUTSIDE

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = frozenset(
    {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
     "os.chmod", "os.chown", "os.utime", "shutil.rmtree", "shutil.move", "shutil.copyfile"}
)  # fmt: skip
_NEVER = frozenset(
    {"socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system",
     "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile"}
)  # fmt: skip
_LISTS = frozenset({"os.listdir", "os.scandir"})
_IMPORTER = "<frozen importlib._bootstrap_external>"
"""The file that Python's import system names as its own."""


class _State:
    installed = False
    places: _Places | None = None


class _Places:
    """What may be read, and what may be written, while the guard is up."""

    def __init__(self, roots: Sequence[Path], also: Sequence[Path], cache: Path | None) -> None:
        names = ("stdlib", "platstdlib", "purelib", "platlib")
        python = [Path(sysconfig.get_path(name)) for name in names]
        self._cache = () if cache is None else (os.path.realpath(cache),)
        self._read = (*(os.path.realpath(one) for one in (*roots, *also, *python)), *self._cache)
        self._listed = frozenset(os.path.realpath(one or ".") for one in sys.path)

    def may_read(self, place: str) -> bool:
        return place == os.devnull or _below(place, self._read)

    def may_list(self, place: str) -> bool:
        return place in self._listed or self.may_read(place)

    def may_write(self, place: str) -> bool:
        # Python opens its own temporary files and the cache of parsed rules, nothing else.
        return place == os.devnull or _below(place, self._cache)


def _below(place: str, folders: Sequence[str]) -> bool:
    return any(place == one or place.startswith(one.rstrip(os.sep) + os.sep) for one in folders)


@contextmanager
def guarded(roots: Sequence[Path], also: Sequence[Path] = ()) -> Iterator[None]:
    """Let this process read the given folders only, and change nothing but the cache of rules.

    Args:
        roots: What clients may read.
        also: What the program reads beside its own rules: rules of the user's.
    """
    from hpadvisor.readers.caching import cache_folder
    from hpadvisor.readers.location import builtin_rules

    if not _State.installed:
        sys.addaudithook(_hook)  # it stays for the life of the process, and sleeps when down
        _State.installed = True
    package = Path(__file__).resolve().parent.parent
    before, _State.places = (
        _State.places,
        _Places(roots, (*also, package, builtin_rules()), cache_folder()),
    )
    try:
        yield
    finally:
        _State.places = before


def _hook(event: str, args: tuple[Any, ...]) -> None:
    places = _State.places
    if places is None:
        return
    if event == "open":
        _opened(places, *args)
    elif event in _LISTS:
        _demand(args[0], places.may_list)
    elif event == "sqlite3.connect":
        _connected(places, args[0])
    elif event in _CHANGES:
        for path in args[: 2 if event in ("os.rename", "shutil.move") else 1]:
            _demand(path, places.may_write)
    elif event in _NEVER:
        raise PermissionError(errno.EACCES, "not allowed in a server", str(args[0]))


def _opened(places: _Places, path: Any, mode: Any, flags: Any) -> None:
    writes = bool(set(mode) & set("wax+")) if isinstance(mode, str) else bool(flags & _WRITES)
    if writes:
        _demand(path, places.may_write)
    elif sys._getframe(2).f_code.co_filename != _IMPORTER:
        _demand(path, places.may_read)


def _connected(places: _Places, database: Any) -> None:
    name = os.fsdecode(database) if isinstance(database, bytes | os.PathLike) else str(database)
    if name.startswith("file:"):
        name = unquote(name.removeprefix("file:").partition("?")[0])
    if name not in ("", ":memory:"):
        _demand(name, places.may_read)


def _demand(path: Any, allowed: Any) -> None:
    if isinstance(path, int):
        return  # a descriptor that is open already
    name = "." if path is None else os.fsdecode(path)
    if not allowed(os.path.realpath(name)):
        raise PermissionError(errno.EACCES, OUTSIDE, name)
