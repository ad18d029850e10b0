"""Small real data sets that need no download: scikit-learn's bundled ones and Python's own text.

Every loader returns inputs and targets as float32 or int64 arrays, shuffled with a fixed seed,
inputs standardised.
"""

from __future__ import annotations

import inspect
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class DataSet:
    """Inputs and targets; ``classes`` is 0 for a regression."""

    inputs: Array
    targets: Array
    classes: int


def _standardise(values: Array) -> Array:
    spread = values.std(axis=0)
    return ((values - values.mean(axis=0)) / np.where(spread > 1e-6, spread, 1.0)).astype(np.float32)


def _shuffled(inputs: Array, targets: Array, classes: int) -> DataSet:
    order = np.random.default_rng(20).permutation(len(inputs))
    return DataSet(inputs[order], targets[order], classes)


def digits() -> DataSet:
    """Handwritten digits, 1,797 images of 8 × 8, ten classes."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pixels = ((bunch.data - 8.0) / 8.0).astype(np.float32)
    return _shuffled(pixels, bunch.target.astype(np.int64), 10)


def digits_pixels() -> DataSet:
    """The same digits as their own target (for an autoencoder), unit variance over all pixels."""
    data = digits()
    scaled = (data.inputs - data.inputs.mean(0)) / data.inputs.std()
    return DataSet(scaled, scaled, 0)


def cancer() -> DataSet:
    """Breast cancer Wisconsin, 569 cases, 30 measurements, two classes."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    return _shuffled(_standardise(bunch.data), bunch.target.astype(np.int64), 2)


def wine() -> DataSet:
    """Wine cultivars, 178 cases, 13 measurements, three classes."""
    from sklearn.datasets import load_wine

    bunch = load_wine()
    return _shuffled(_standardise(bunch.data), bunch.target.astype(np.int64), 3)


def diabetes() -> DataSet:
    """Diabetes progression, 442 patients, ten measurements, a regression."""
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes()
    target = _standardise(bunch.target[:, None])
    return _shuffled(_standardise(bunch.data), target, 0)


def patches() -> DataSet:
    """The centre of 6 × 6 patches of two photographs, from the pixels around it."""
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(3)
    rows = []
    for image in load_sample_images().images:
        grey = image.mean(axis=2)
        tops = rng.integers(0, grey.shape[0] - 6, 2500)
        lefts = rng.integers(0, grey.shape[1] - 6, 2500)
        rows += [grey[t : t + 6, s : s + 6].ravel() for t, s in zip(tops, lefts, strict=True)]
    table = np.asarray(rows)
    ring = np.delete(table, [14, 15, 20, 21], axis=1)
    centre = table[:, [14]] - ring.mean(axis=1, keepdims=True)
    ring = ring - ring.mean(axis=1, keepdims=True)
    return _shuffled(_standardise(ring), _standardise(centre), 0)


_MODULES = ("argparse", "tarfile", "pickle", "difflib", "inspect", "typing", "subprocess", "ast")


@lru_cache(maxsize=1)
def _sources() -> dict[str, str]:
    return {name: inspect.getsource(__import__(name)) for name in _MODULES}


def modules() -> DataSet:
    """Which module of the standard library a line of source comes from (hashed trigrams)."""
    rows, labels = [], []
    for label, text in enumerate(_sources().values()):
        lines = [line.strip() for line in text.splitlines() if len(line.strip()) > 24][:700]
        for line in lines:
            counts = np.zeros(96)
            for start in range(len(line) - 2):
                counts[zlib.crc32(line[start : start + 3].encode()) % 96] += 1
            rows.append(counts / np.sqrt((counts**2).sum()))
            labels.append(label)
    inputs = _standardise(np.asarray(rows))
    return _shuffled(inputs, np.asarray(labels, dtype=np.int64), len(_MODULES))


def characters() -> DataSet:
    """The next character of Python source from the twelve before it, 40 classes."""
    text = "\n".join(_sources().values()).lower()
    common = [symbol for symbol, _ in Counter(text).most_common(39)]
    index = {symbol: place for place, symbol in enumerate(common)}
    codes = np.asarray([index.get(symbol, 39) for symbol in text], dtype=np.int64)
    starts = np.random.default_rng(5).choice(len(codes) - 13, 6000, replace=False)
    inputs = np.stack([codes[s : s + 12] for s in starts])
    return _shuffled(inputs, codes[starts + 12], 40)


LOADERS: dict[str, Callable[[], DataSet]] = {
    "digits": digits,
    "digits_pixels": digits_pixels,
    "cancer": cancer,
    "wine": wine,
    "diabetes": diabetes,
    "patches": patches,
    "modules": modules,
    "characters": characters,
}


@lru_cache(maxsize=2)
def load(name: str) -> DataSet:
    """Load a data set by name."""
    return LOADERS[name]()
