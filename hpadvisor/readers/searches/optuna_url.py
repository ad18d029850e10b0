"""Optuna storages behind a URL (PostgreSQL, MySQL, gRPC): read by Optuna itself."""

from __future__ import annotations

import warnings
from array import array
from typing import Any
from urllib.parse import unquote

from hpadvisor.errors import UserError
from hpadvisor.readers.searches import optuna_common as common
from hpadvisor.readers.searches.record import ReadOptions, State, Study, Trial, choose

_SCHEMES = ("postgresql", "postgres", "mysql", "mariadb", "mssql", "oracle", "sqlite", "grpc")
_DRIVERS = {
    "psycopg": "pip install 'psycopg[binary]'",
    "psycopg2": "pip install psycopg2-binary",
    "pymysql": "pip install pymysql",
    "MySQLdb": "pip install mysqlclient; or pip install pymysql, and write mysql+pymysql://…",
    "grpc": "pip install grpcio protobuf",
}
_SERVER_SECONDS = 10


def read(url: str, options: ReadOptions) -> Study:
    """Read a study of a database server, or of a gRPC proxy, by the optuna extra.

    Nothing is written: the session is read-only where the server knows such (PostgreSQL, MySQL),
    no table is made, no schema is brought up to date.

    Raises:
        UserError: Optuna or the driver is not installed, no connection, or no such study.
    """
    shown = masked(url)
    if _dialect(url) not in _SCHEMES:
        raise UserError(
            "not the URL of a database",
            path=shown,
            remedy="Write postgresql://USER:PASSWORD@HOST/NAME, mysql+pymysql://… or "
            "grpc://HOST:PORT.",
        )
    try:
        import optuna
    except ImportError:
        raise UserError(
            "a database URL needs Optuna", path=shown, remedy="pip install 'hpadvisor[optuna]'."
        ) from None
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        storage = _storage(url)
        studies = storage.get_all_studies()
        names = [study.study_name for study in studies]
        frozen = studies[choose(names, options.study, shown)]
        members = storage.get_all_trials(frozen._study_id, deepcopy=False)
        metrics = storage.get_study_system_attrs(frozen._study_id).get("study:metric_names", [])
    except UserError:
        raise
    except ImportError as error:
        raise _no_driver(shown, error) from None
    except Exception as error:  # drivers raise their own kinds
        raise _no_study(url, shown, error) from None
    return _study(frozen, list(metrics), members, options, shown)


def read_study(study: Any, options: ReadOptions) -> Study:
    """Read a study of Optuna that is in memory.

    Args:
        study: An ``optuna.study.Study``.
        options: Which objective and direction.
    """
    metrics = study.metric_names or []
    shown = f"the study '{study.study_name}'"
    return _study(study, list(metrics), study.get_trials(deepcopy=False), options, shown)


def _study(
    frozen: Any, metrics: list[str], members: list[Any], options: ReadOptions, shown: str
) -> Study:
    """Make a study of what Optuna holds of it."""
    stored = [direction.name for direction in frozen.directions]
    index = common.objective_index(stored, list(metrics), options, shown)
    space = common.Distributions()
    trials = [_trial(member, index, space) for member in members]
    study = Study(
        frozen.study_name,
        "optuna",
        common.direction_name(stored[index], options, shown),
        metrics[index] if index < len(metrics) else "",
        list(space.space.values()),
        trials,
        shown,
    )
    return common.joined(study, [member.user_attrs for member in members], frozen.user_attrs)


def masked(url: str) -> str:
    """The URL as it may be shown: without its password."""
    scheme, _, rest = url.partition("://")
    account, at, place = rest.rpartition("@")
    user = account.split(":", 1)[0]
    return f"{scheme}://{user}{':***' if ':' in account else ''}{at}{place}"


def _dialect(url: str) -> str:
    return url.partition("://")[0].partition("+")[0]


def _storage(url: str) -> Any:
    import optuna

    if url.startswith("grpc://"):
        host, _, port = url.removeprefix("grpc://").rstrip("/").rpartition(":")
        if not host or not port.isdecimal():
            raise UserError("no host and port", path=masked(url), remedy="Write grpc://HOST:PORT.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is called experimental
            proxy = optuna.storages.GrpcStorageProxy(host=host, port=int(port))
        proxy.wait_server_ready(timeout=_SERVER_SECONDS)
        return proxy
    dialect = _dialect(url)
    settings: dict[str, Any] = {}
    if dialect in ("postgresql", "postgres"):
        settings["execution_options"] = {"postgresql_readonly": True}
    elif dialect in ("mysql", "mariadb"):
        settings["connect_args"] = {"init_command": "SET SESSION TRANSACTION READ ONLY"}
    return optuna.storages.RDBStorage(
        # SQLAlchemy has dropped the short name, which hosts still give out.
        url.replace("postgres://", "postgresql://", 1) if dialect == "postgres" else url,
        engine_kwargs=settings,
        skip_table_creation=True,
    )


def _no_driver(shown: str, error: ImportError) -> UserError:
    name = str(getattr(_first(error), "name", None) or "").split(".")[0]
    return UserError(
        f"its driver is not installed{f' ({name})' if name else ''}",
        path=shown,
        remedy=f"{_DRIVERS.get(name, 'Install a driver that SQLAlchemy knows')}.",
    )


def _first(error: BaseException) -> BaseException:
    """What was raised first: Optuna and SQLAlchemy wrap the words of the driver."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error


def _no_study(url: str, shown: str, raised: Exception) -> UserError:
    error = _first(raised)
    text = " ".join(" ".join(str(error).split("\n")[:2]).split())[:160]
    secret = url.partition("://")[2].rpartition("@")[0].partition(":")[2]
    for part in filter(None, (secret, unquote(secret))):
        text = text.replace(part, "***")
    lowered = str(error).lower()
    missing = "does not exist" in lowered or "doesn't exist" in lowered or "no such" in lowered
    if ("relation" in lowered or "table" in lowered) and missing:
        return UserError(
            "a database without a study of Optuna", path=shown, remedy="Check its name."
        )
    if "read-only" in lowered or "storage upgrade" in lowered:
        return UserError(
            f"of another version of Optuna ({text})",
            path=shown,
            remedy="Nothing was changed. Read it with the Optuna that wrote it, or upgrade it.",
        )
    if url.startswith("grpc://"):
        return UserError(f"no server answers ({text})", path=shown, remedy="Start it there.")
    return UserError(
        f"cannot be read ({text})",
        path=shown,
        remedy="Check the address, the password and the rights.",
    )


def _trial(member: Any, index: int, space: common.Distributions) -> Trial:
    from optuna.distributions import distribution_to_json

    for name, dist in member.distributions.items():
        space.value(name, distribution_to_json(dist), dist.to_internal_repr(member.params[name]))
    steps = sorted(member.intermediate_values)
    attributes = member.system_attrs
    trial = Trial(
        member.number,
        common.STATE_NAMES.get(member.state.name, State.FAILED),
        dict(member.params),
        member.values[index] if member.values else None,
        array("d", steps),
        array("d", (member.intermediate_values[step] for step in steps)),
        start=None if member.datetime_start is None else member.datetime_start.timestamp(),
        end=None if member.datetime_complete is None else member.datetime_complete.timestamp(),
        enqueued="fixed_params" in attributes,
        infeasible=common.broke_constraint(attributes.get("constraints")),
    )
    common.apply_script_attributes(trial, member.user_attrs)
    return trial
