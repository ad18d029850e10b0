"""What a metric's name tells: which way is better, within which bounds, on which data it is taken.

The names stand in ``rules/metrics``: one table for everything that reads a log, a search or a
config. A user's own rules may add to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from hpadvisor.readers.caching import cached
from hpadvisor.readers.location import builtin_rules
from hpadvisor.records import Record

Better = Literal["higher", "lower", "either"]
Split = Literal["training", "validation", "test"]

FOLDER: Final = "metrics"
"""Where the table stands among the rules, and the kind under which files list it."""

_USED = ("id", "title", "better", "family", "names", "low", "high", "percent", "loss",
         "evaluated", "order")  # fmt: skip
_REQUIRED = ("id", "title", "better", "family", "names")
_SHORTEST_PLURAL = 4
"""Letters of a plural such as ``rmses``; ``maps`` is none of ``map``."""

_LONGEST = 4
"""Words of the longest name that is looked for."""

_PLAIN_SHORT = frozenset((
    "acc", "ap", "auc", "bpc", "cer", "dsc", "eer", "f1", "fid", "iou", "mae", "map", "mrr",
    "mse", "nll", "ppl", "wer",
))  # fmt: skip
"""Short names that mean nothing else; other short ones count as the last word of a name alone."""

_EVERYDAY = frozenset(
    ("return", "returns", "margin", "correct", "errors", "hits", "energy", "cost", "quantile")
)
"""Words that mean a metric as the last word of a name alone: a ``return_code`` is none."""

_NO_COSTS = frozenset(
    ("reader", "batch", "data", "time", "iter", "step", "comm", "read", "feed", "forward",
     "backward", "fwd", "bwd", "compute", "memory", "mem", "load", "loading", "preprocess",
     "postprocess", "infer", "inference", "gpu", "cpu", "fetch", "io")
)  # fmt: skip
"""In front of ``cost`` these say what takes time or money: ``avg_reader_cost``."""

_WORD = re.compile(r"[A-Za-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z]{2})(?=Acc|Err|Score)")
_SPELLINGS = (
    ("accuracy_thresh", "accuracy"),
    ("mAP", "map"), ("mAcc", "macc"), ("aAcc", "aacc"), ("mDice", "mdice"), ("top-", "top"),
    ("mIoU", "miou"), ("nDCG", "ndcg"), ("chrF", "chrf"), ("mIOU", "miou"),
    ("R²", "r2"), ("²", "2"), ("MinDCF", "mindcf"), ("minDCF", "mindcf"),
)  # fmt: skip
_NEGATED = frozenset(("neg", "negative", "minus", "inverse", "inv", "negated"))
TRAIN: Final = frozenset(("train", "training", "trn", "tr", "learn"))
"""Words for the part that is trained on; CatBoost says ``learn``."""

VALIDATION: Final = (
    "val", "vali", "valid", "validation", "eval", "evaluation", "dev", "holdout", "test", "cv",
    "oof", "validate", "testing", "tst", "validating", "evaluate", "evaluating", "heldout",
    "crossval", "te",
)  # fmt: skip
TEST: Final = frozenset(("test", "testing", "tst", "holdout", "te"))
_PARTS = frozenset((*TRAIN, *VALIDATION))
_AFTER = frozenset((*_PARTS, "epoch", "step", "avg", "mean", "score", "macro",
                    "micro", "weighted", "ema", "pct", "percent"))  # fmt: skip
"""Words that may follow a short name."""


class Metric(Record):
    """One kind of metric.

    Attributes:
        id: Of its entry.
        title: In words.
        better: Which way it should go; ``either`` where both are logged under one name.
        family: What it is used for, such as ``classification``.
        names: Under which it is logged.
        low: Smallest value that it can take, None where there is none.
        high: Largest value, likewise.
        percent: Whether it is often logged as a percentage of ``high``.
        loss: Whether it may stand for the loss where none is logged by that name.
        evaluated: Whether nobody computes it on batches of the training.
        order: Of several in one log the lowest is judged.
    """

    id: str
    title: str
    better: Better
    family: str
    names: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    percent: bool = False
    loss: bool = False
    evaluated: bool = False
    order: int = 5


class MetricTable:
    """Metrics by name.

    Args:
        metrics: The entries; of equal names the first counts.
    """

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self.metrics: Sequence[Metric] = tuple(metrics)
        self._named: dict[str, Metric] = {}
        for metric in self.metrics:
            for name in metric.names:
                self._named.setdefault(name, metric)
        self._asked: dict[tuple[str, ...], Metric | None] = {}

    def find(self, words: Sequence[str]) -> Metric | None:
        """Return the metric that the words of a name say; the longest name wins, then the last.

        Of two that are as long, an error beats a score: ``top5_error`` is an error.
        """
        key = tuple(words)
        if key not in self._asked:
            if len(self._asked) > 10_000:
                self._asked.clear()
            self._asked[key] = self._find(key)
        return self._asked[key]

    def _find(self, words: tuple[str, ...]) -> Metric | None:
        for length in range(min(_LONGEST, len(words)), 0, -1):
            starts = range(len(words) - length, -1, -1)
            found = [
                one for start in starts if (one := self._at(words, start, length)) is not None
            ]
            if found:
                return next((one for one in found if one.better == "lower"), found[0])
        return None

    def _at(self, words: tuple[str, ...], start: int, length: int) -> Metric | None:
        """The metric of the words from ``start`` on; ``iou3`` is an ``iou``."""
        name = "_".join(words[start : start + length])
        metric = self._named.get(name) or self._named.get(name.rstrip("0123456789"))
        if metric is None and len(name) > _SHORTEST_PLURAL:
            metric = self._named.get(name.removesuffix("s"))
        short = len(name) <= 3 and name not in _PLAIN_SHORT
        if metric is None or length > 1 or not (short or name in _EVERYDAY):
            return metric
        if name == "per" and not _PARTS.issuperset(words[:start]):
            return None  # "time per step"
        if name == "cost" and _NO_COSTS & set(words[:start]):
            return None
        rest = words[start + length :]
        return metric if all(word.isdigit() or word in _AFTER for word in rest) else None


_IN_USE: ContextVar[MetricTable | None] = ContextVar("metrics in use", default=None)


def metrics_in_use() -> MetricTable:
    """Return the table that counts now: the shipped one, with a user's own in front of it."""
    return _IN_USE.get() or shipped_metrics()


@contextmanager
def own_metrics(rules: Sequence[str | Path]) -> Iterator[None]:
    """Put the metrics of a user's rules in front of the shipped ones, as long as it lasts.

    Args:
        rules: Folders and files, as given by ``--rules``; whoever loads them tells what is wrong
            there.
    """
    paths = [Path(one) for one in rules]
    files = [file for path in paths for file in sorted(path.rglob("*.yaml")) or [path]]
    read = _read([file for file in files if file.is_file()])["metrics"] if files else []
    own = [item for item in read if all(item.get(name) for name in _REQUIRED)]
    if not own:
        yield
        return
    token = _IN_USE.set(MetricTable((*metric_table(own).metrics, *shipped_metrics().metrics)))
    try:
        yield
    finally:
        _IN_USE.reset(token)


@lru_cache(maxsize=1)
def shipped_metrics() -> MetricTable:
    """Return the table that ships with the package."""
    files = sorted((builtin_rules() / FOLDER).glob("*.yaml"))
    raw = cached(files, _read, FOLDER)
    return metric_table(raw["metrics"])


def metric_table(raw: Iterable[dict[str, Any]]) -> MetricTable:
    """Build a table from plain entries; what does not concern a metric's name is left out."""
    kept = ({name: _plain(item[name]) for name in _USED if name in item} for item in raw)
    return MetricTable(Metric(**values) for values in kept)


def _plain(value: Any) -> Any:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else value


def _read(files: Sequence[Path]) -> dict[str, Any]:
    from hpadvisor.readers.files import read_text
    from hpadvisor.readers.yaml_nodes import compose, construct

    found: list[dict[str, Any]] = []
    for path in files:
        for node in compose(read_text(path, kind="a rules file"), path):
            values = construct(node, path)
            listed = values.get(FOLDER) if isinstance(values, dict) else None
            found += [
                {name: item[name] for name in _USED if name in item}
                for item in (listed if isinstance(listed, list) else ())
                if isinstance(item, dict)
            ]
    return {"metrics": found}


@lru_cache(maxsize=8192)
def words_of(name: str) -> tuple[str, ...]:
    """Split a name into lower-case words: at ``/``, ``_``, ``.``, blanks and camelCase."""
    for spelled, plain in _SPELLINGS:
        name = name.replace(spelled, plain)
    return tuple(word.lower() for word in _WORD.findall(_CAMEL.sub(" ", name)))


_LOSSES: Final = ("loss", "losses", "lossvalue")
_OF_A_LOSS: Final = frozenset(("w", "weight", "weights", "coef", "coeff", "coefficient", "lambda",
                               "scale", "factor", "multiplier", "type", "fn"))  # fmt: skip
"""Behind ``loss`` these name a setting of it: ``bin_loss_w``."""


def is_loss(words: Sequence[str]) -> bool:
    """Whether a name says that it is a loss, whatever else it says: ``loss_iou``, ``valloss``."""
    return any(word in _LOSSES or word.endswith("loss") for word in words)


def metric_of(name: str) -> Metric | None:
    """Return the metric that a name says; None for a loss and for what nobody knows."""
    words = words_of(name)
    return None if is_loss(words) else metrics_in_use().find(words)


def kind_of_loss(name: str) -> Metric | None:
    """Return what a loss is made of where its name says it: ``ctc_loss``, ``train/mse``."""
    words = [word for word in words_of(name) if word not in ("loss", "losses")]
    metric = metrics_in_use().find(words)
    return metric if metric is not None and metric.loss else None


def direction_of(name: str) -> Literal["minimize", "maximize"] | None:
    """Return which way a metric or loss should go where its name tells it, else None."""
    words = words_of(name)
    if is_loss(words):
        return None if words[-1] in _OF_A_LOSS else "minimize"
    metric = metrics_in_use().find(words)
    if metric is None or metric.better == "either":
        return None
    if negated(words, metric):
        return None
    return "maximize" if metric.better == "higher" else "minimize"


def negated(words: Sequence[str], metric: Metric) -> bool:
    """Whether a word turns the metric round: ``neg_rmse``; ``neg_log_likelihood`` is a name."""
    turned = _NEGATED & set(words) or set(words[:2]) in ({"one", "minus"}, {"1", "minus"})
    whole = "_".join(words)
    return bool(turned) and not any(
        name in whole for name in metric.names if _NEGATED & set(name.split("_"))
    )


def split_of(name: str) -> Split | None:
    """Return the data that a metric's name points at: validation before test before training."""
    words = set(words_of(name))
    if words & (set(VALIDATION) - TEST):
        return "validation"
    if words & TEST:
        return "test"
    return "training" if words & TRAIN else None
