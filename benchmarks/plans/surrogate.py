"""LCBench: a surrogate of 52-epoch curves, as an ONNX file of yahpo_data."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.plans.tasks import Curve, Params, Task, defaults_of, load_situation

FOLDER = Path(__file__).parents[3] / "shared" / "corpus" / "tuning" / "lcbench"
EPOCHS = 52
NAMES = (
    "batch_size", "learning_rate", "momentum", "weight_decay", "num_layers", "max_units",
    "max_dropout",
)  # fmt: skip
VALIDATION_ACCURACY = 1
SAMPLE = 20_000
"""Random configurations that say what is best and what is typical."""
EXAMPLES = {
    "126025": 48842, "126029": 45211, "167104": 690, "167152": 2000, "167168": 846,
    "167184": 748, "167190": 5404, "167201": 67557, "168330": 83733, "168335": 130064,
    "168908": 5418, "189354": 539383, "189865": 5124, "189873": 416188, "189906": 2310,
    "189909": 44819, "3945": 50000,
}  # fmt: skip
"""Rows of each data set, as OpenML gives them."""
BOUNDS = {
    "batch_size": (16, 512), "learning_rate": (1e-4, 1e-1), "momentum": (0.1, 0.99),
    "weight_decay": (1e-5, 1e-1), "num_layers": (1, 5), "max_units": (64, 1024),
    "max_dropout": (0.0, 1.0),
}  # fmt: skip


def load_surrogate() -> list[Task]:
    """Load the development tasks: the ids sorted as strings, those at even positions.

    Raises:
        FileNotFoundError: the surrogate does not lie beside the project.
    """
    space = json.loads((FOLDER / "config_space.json").read_text(encoding="utf-8"))
    ids = next(p["choices"] for p in space["hyperparameters"] if p["name"] == "OpenML_task_id")
    codes = json.loads((FOLDER / "encoding.json").read_text(encoding="utf-8"))["OpenML_task_id"]
    return [_task(name, codes[name]) for name in sorted(ids)[::2]]


def _task(name: str, code: int) -> Task:
    situation = load_situation("lcbench")
    situation["data"] = {"train_examples": EXAMPLES[name]}
    final = _predict(code, _random(SAMPLE), EPOCHS)
    return Task(
        family="lcbench", name=name, situation=situation, epochs=EPOCHS, seeds=1,
        curve=_Curves(code), best=float(final.max()), typical=float(np.median(final)),
        default=defaults_of(situation),
    )  # fmt: skip


def _random(count: int) -> np.ndarray:
    """Draw configurations from the legal space, on the scales that the situation gives."""
    generator, columns = np.random.default_rng(0), []
    for name in NAMES:
        low, high = BOUNDS[name]
        if name == "num_layers":
            columns.append(generator.integers(low, high + 1, count).astype(float))
        elif name in ("momentum", "max_dropout"):
            columns.append(generator.uniform(low, high, count))
        else:
            columns.append(np.exp(generator.uniform(np.log(low), np.log(high), count)))
    return np.stack(columns, axis=1)


@cache
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(FOLDER / "model.onnx"), options)


def predict_all(name: str, configurations: np.ndarray, epochs: int | np.ndarray) -> np.ndarray:
    """Return all outputs of the surrogate for some configurations of a task, one row each."""
    codes = json.loads((FOLDER / "encoding.json").read_text(encoding="utf-8"))["OpenML_task_id"]
    return _outputs(codes[name], configurations, epochs)


def _predict(code: int, configurations: np.ndarray, epochs: int | np.ndarray) -> np.ndarray:
    outputs = _outputs(code, configurations, epochs)
    return np.asarray(outputs[:, VALIDATION_ACCURACY], dtype=np.float64)


def _outputs(code: int, configurations: np.ndarray, epochs: int | np.ndarray) -> np.ndarray:
    rows = len(configurations)
    epoch = np.broadcast_to(np.asarray(epochs, dtype=np.float64), (rows,))[:, None]
    inputs = {
        "x_cat": np.full((rows, 1), code, dtype=np.int32),
        "x_cont": np.hstack([epoch, configurations]).astype(np.float32),
    }
    return np.asarray(_session().run(None, inputs)[0])


class _Curves:
    """Answers a configuration with its curve; values outside the surrogate's are cut to it."""

    def __init__(self, code: int) -> None:
        self._code = code
        self._known: dict[tuple[float, ...], Curve] = {}

    def __call__(self, params: Params, seed: int) -> Curve:
        key = tuple(float(np.clip(params[name], *BOUNDS[name])) for name in NAMES)
        if key not in self._known:
            rows = np.tile(np.array(key), (EPOCHS, 1))
            self._known[key] = _predict(self._code, rows, np.arange(1, EPOCHS + 1))
        return self._known[key]
