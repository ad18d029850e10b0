"""What people have in hand, as tables or paths: frames, histories, trainers, runs, studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.tables import Table

ACCEPTED = (
    "Give paths of logs, a mapping or frame of columns, a list of records, a Keras History, a "
    "Trainer or its log_history, a run of MLflow or W&B that lies on this machine, or its id."
)

Columns = dict[str, list[Any]]


def table_given(given: Any) -> Table | None:
    """Turn curves that are in memory into a table; None where it is a path, or several.

    Args:
        given: A mapping of lists, a frame of pandas or polars, records, a History of Keras, a
            Trainer of transformers, its state or its log_history.

    Raises:
        UserError: there are no numbers in it.
    """
    from hpadvisor.readers.curves import json_shapes

    history = _log_history(given)
    if history is not None:
        return json_shapes.trainer_state({"log_history": history, **_planned(given)}, "curves")
    if is_records(given):
        found = json_shapes.table_of_document([dict(one) for one in given], "curves")
        if found is None:
            raise UserError("no curve among the records", path="curves", remedy=ACCEPTED)
        return found
    columns = columns_of(given)
    if columns is not None:
        _of_one_length(columns)
    return None if columns is None else json_shapes.table_of_lists(columns, "curves")


def _of_one_length(columns: Columns) -> None:
    """Refuse lists of several lengths: nobody can tell which values belong together."""
    sizes = {
        str(name): len(values)
        for name, values in columns.items()
        if isinstance(values, Sequence) and not isinstance(values, str) and len(values) > 1
    }
    if len(set(sizes.values())) < 2:
        return
    long, short = max(sizes, key=sizes.__getitem__), min(sizes, key=sizes.__getitem__)
    raise UserError(
        f"'{long}' has {sizes[long]} values, '{short}' {sizes[short]}", path="curves",
        remedy="Give lists of one length, with None where nothing was logged, or a list of "
        'records such as {"epoch": 3, "val_loss": 0.4}.',
    )  # fmt: skip


def columns_of(given: Any) -> Columns | None:
    """The columns of a mapping, a History of Keras, or a frame; None for all else."""
    if isinstance(given, Mapping):
        return dict(given)
    history = getattr(given, "history", None)
    if isinstance(history, Mapping):
        epochs = getattr(given, "epoch", None)
        counted = isinstance(epochs, list) and len(epochs) == len(next(iter(history.values()), []))
        numbers = {"epoch": [1 + place for place in epochs]} if counted and epochs else {}
        return {**numbers, **history}
    names = getattr(given, "columns", None)
    if names is None or isinstance(given, str | Path):
        return None
    return {str(name): _listed(given[name]) for name in names}


def _listed(column: Any) -> list[Any]:
    """The cells of a frame's column."""
    for way in ("to_list", "tolist", "to_pylist"):
        if hasattr(column, way):
            return list(getattr(column, way)())
    return list(column)


def is_records(given: Any) -> bool:
    """Whether it is a list of mappings."""
    listed = isinstance(given, Sequence) and not isinstance(given, str | bytes)
    return listed and len(given) > 0 and all(isinstance(one, Mapping) for one in given)


def _log_history(given: Any) -> list[Any] | None:
    """The log of a Trainer of transformers, by what it calls it."""
    state = getattr(given, "state", given)
    history = getattr(state, "log_history", None)
    if isinstance(history, list):
        return history
    if not is_records(given) or not all({"epoch", "step"} <= set(one) for one in given):
        return None
    return list(given) if any({"loss", "eval_loss"} & set(one) for one in given) else None


def _planned(given: Any) -> dict[str, Any]:
    state = getattr(given, "state", given)
    names = ("max_steps", "num_train_epochs")
    return {name: getattr(state, name) for name in names if hasattr(state, name)}


def path_given(given: Any) -> Any:
    """Where a run of MLflow or Weights & Biases lies on this machine; what is none, itself.

    Raises:
        UserError: the run lies on a server.
    """
    place = getattr(getattr(given, "info", None), "artifact_uri", None)
    if isinstance(place, str):
        return _of_mlflow(given.info, place)
    folder = getattr(given, "dir", None)
    if isinstance(folder, str) and Path(folder).name == "files":
        return Path(folder).parent
    return _of_wandb(given) if callable(getattr(given, "scan_history", None)) else given


def _of_mlflow(info: Any, place: str) -> Path:
    """The folder of a run in a file store, or its address in the database beside the store."""
    from hpadvisor.readers.curves.local_runs import in_database

    parsed = urlparse(place)
    run = str(getattr(info, "run_id", ""))
    if parsed.scheme in ("", "file"):
        folder = Path(unquote(parsed.path) if parsed.scheme else place).parent
        if (folder / "metrics").is_dir() or not run:
            return folder
        stores = (Path("mlflow.db"), *(above / "mlflow.db" for above in folder.parents))
    else:
        stores = (Path("mlflow.db"),)  # a server of this folder keeps its runs here
    found = next((at for store in stores if run and (at := in_database(store, run))), None)
    if found is not None:
        return found
    raise UserError(
        f"a run on a server ({parsed.scheme})" if parsed.scheme else "a run that is not here",
        path="run",
        remedy="Give its numbers: client.get_metric_history(run_id, name), as lists by name.",
    )


def _of_wandb(run: Any) -> Path:
    """The log of a run that W&B's API gives, where this machine has it."""
    from hpadvisor.readers.curves.local_runs import by_id

    found = by_id(str(getattr(run, "id", "")))
    if found is None:
        raise UserError(
            "a run on a server (W&B)",
            path="run",
            remedy="Give its numbers: hpadvisor.diagnose(list(run.scan_history())).",
        )
    return found
