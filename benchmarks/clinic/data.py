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
    return ((values - values.mean(axis=0)) / np.where(spread > 1e-6, spread, 1.0)).astype(
        np.float32
    )


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


def digits_parity() -> DataSet:
    """Odd or even digits, two classes."""
    data = digits()
    return DataSet(data.inputs, data.targets % 2, 2)


def digits_low() -> DataSet:
    """The digits 0 to 4 alone, five classes."""
    data = digits()
    low = data.targets < 5
    return DataSet(data.inputs[low], data.targets[low], 5)


def digits_halves() -> DataSet:
    """The lower half of a digit from its upper half, a regression of 32 pixels."""
    pixels = digits_pixels().inputs
    return DataSet(np.ascontiguousarray(pixels[:, :32]), np.ascontiguousarray(pixels[:, 32:]), 0)


def cancer_texture() -> DataSet:
    """One measurement of the breast cancer data from ten others, a regression."""
    from sklearn.datasets import load_breast_cancer

    table = _standardise(load_breast_cancer().data)
    return _shuffled(np.ascontiguousarray(table[:, :10]), np.ascontiguousarray(table[:, 25:26]), 0)


def wine_alcohol() -> DataSet:
    """The alcohol of a wine from its other measurements, a regression."""
    from sklearn.datasets import load_wine

    table = _standardise(load_wine().data)
    return _shuffled(np.ascontiguousarray(table[:, 1:]), np.ascontiguousarray(table[:, :1]), 0)


def diabetes_high() -> DataSet:
    """Diabetes progression above the median or not, two classes."""
    data = diabetes()
    return DataSet(data.inputs, (data.targets[:, 0] > -0.15).astype(np.int64), 2)


@lru_cache(maxsize=1)
def _squares() -> tuple[Array, Array]:
    """Grey 6 × 6 patches (5000, 36) of two photographs, and which one each is from."""
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(9)
    rows, labels = [], []
    for label, image in enumerate(load_sample_images().images):
        grey = image.mean(axis=2)
        tops = rng.integers(0, grey.shape[0] - 6, 2500)
        lefts = rng.integers(0, grey.shape[1] - 6, 2500)
        rows += [grey[t : t + 6, s : s + 6].ravel() for t, s in zip(tops, lefts, strict=True)]
        labels += [label] * 2500
    return np.asarray(rows), np.asarray(labels, dtype=np.int64)


def photographs() -> DataSet:
    """Which of two photographs a patch is from, two classes."""
    rows, labels = _squares()
    return _shuffled(_standardise(rows), labels, 2)


def patch_pixels() -> DataSet:
    """Patches of photographs as their own target (for an autoencoder), mean removed."""
    rows, _ = _squares()
    rows = rows - rows.mean(axis=1, keepdims=True)
    scaled = (rows / rows.std()).astype(np.float32)
    return _shuffled(scaled, scaled, 0)


def _trigrams(lines: list[str], size: int = 64) -> Array:
    rows = np.zeros((len(lines), size))
    for row, line in zip(rows, lines, strict=True):
        for start in range(max(1, len(line) - 2)):
            row[zlib.crc32(line[start : start + 3].encode()) % size] += 1
    lengths = np.sqrt(np.maximum(1.0, (rows**2).sum(axis=1, keepdims=True)))
    return _standardise(rows / lengths)


def _lines(names: tuple[str, ...], limit: int) -> tuple[list[str], Array]:
    lines: list[str] = []
    labels: list[int] = []
    for label, name in enumerate(names):
        text = inspect.getsource(__import__(name))
        kept = [line.strip() for line in text.splitlines() if len(line.strip()) > 24][:limit]
        lines += kept
        labels += [label] * len(kept)
    return lines, np.asarray(labels, dtype=np.int64)


def modules_two() -> DataSet:
    """Which of two modules a line of source is from, two classes."""
    lines, labels = _lines(("turtle", "doctest"), 1200)
    return _shuffled(_trigrams(lines), labels, 2)


def modules_four() -> DataSet:
    """Which of four modules a line of source is from, four classes."""
    lines, labels = _lines(("pydoc", "zipfile", "locale", "smtplib"), 900)
    return _shuffled(_trigrams(lines, 48), labels, 4)


def line_lengths() -> DataSet:
    """The length of a line of source from its trigrams, a regression."""
    lines, _ = _lines(("optparse", "ftplib", "shutil"), 1000)
    target = _standardise(np.log([[len(line)] for line in lines]))
    return _shuffled(_trigrams(lines), target, 0)


def scripts() -> DataSet:
    """The script of a Unicode character from its name without the first word, eight classes."""
    import unicodedata

    wanted = (
        "LATIN",
        "GREEK",
        "CYRILLIC",
        "ARABIC",
        "HANGUL",
        "ETHIOPIC",
        "CUNEIFORM",
        "CANADIAN",
    )
    found: dict[str, list[str]] = {name: [] for name in wanted}
    for code in range(0x110000 // 8):
        first, _, rest = unicodedata.name(chr(code), "").partition(" ")
        if first in found and rest and len(found[first]) < 450:
            found[first].append(rest)
    lines = [line for names in found.values() for line in names]
    labels = [label for label, names in enumerate(found.values()) for _ in names]
    return _shuffled(_trigrams(lines), np.asarray(labels, dtype=np.int64), len(wanted))


@lru_cache(maxsize=1)
def _prose() -> str:
    from pydoc_data import topics

    return " ".join(" ".join(topics.topics.values()).split()).lower()[:400_000]


def prose() -> DataSet:
    """The next letter of English prose (Python's language reference), 40 classes."""
    text = _prose()
    common = [symbol for symbol, _ in Counter(text).most_common(39)]
    index = {symbol: place for place, symbol in enumerate(common)}
    codes = np.asarray([index.get(symbol, 39) for symbol in text], dtype=np.int64)
    starts = np.random.default_rng(6).choice(len(codes) - 13, 6000, replace=False)
    return _shuffled(np.stack([codes[s : s + 12] for s in starts]), codes[starts + 12], 40)


def vowels() -> DataSet:
    """Whether the next letter of prose is a vowel, a consonant or neither, three classes."""
    text = _prose()
    alphabet = "abcdefghijklmnopqrstuvwxyz .,"
    starts = np.random.default_rng(7).choice(len(text) - 6, 5000, replace=False)
    inputs = np.zeros((len(starts), 5 * 30), dtype=np.float32)
    labels = []
    for row, start in enumerate(starts):
        for place in range(5):
            inputs[row, place * 30 + alphabet.find(text[start + place]) % 30] = 1
        after = text[start + 5]
        labels.append(0 if after in "aeiou" else 1 if after.isalpha() else 2)
    return _shuffled(inputs, np.asarray(labels, dtype=np.int64), 3)


def word_lengths() -> DataSet:
    """The length of the last of three words of prose from their trigrams, a regression."""
    words = _prose().split()
    starts = np.random.default_rng(8).choice(len(words) - 4, 5000, replace=False)
    lines = [" ".join(words[s : s + 3]) for s in starts]
    target = _standardise(np.asarray([[float(len(words[s + 2]))] for s in starts]))
    return _shuffled(_trigrams(lines), target, 0)


LOADERS: dict[str, Callable[[], DataSet]] = {
    "digits": digits,
    "digits_pixels": digits_pixels,
    "cancer": cancer,
    "wine": wine,
    "diabetes": diabetes,
    "patches": patches,
    "modules": modules,
    "characters": characters,
    "digits_parity": digits_parity,
    "digits_low": digits_low,
    "digits_halves": digits_halves,
    "cancer_texture": cancer_texture,
    "wine_alcohol": wine_alcohol,
    "diabetes_high": diabetes_high,
    "photographs": photographs,
    "patch_pixels": patch_pixels,
    "modules_two": modules_two,
    "modules_four": modules_four,
    "line_lengths": line_lengths,
    "scripts": scripts,
    "prose": prose,
    "vowels": vowels,
    "word_lengths": word_lengths,
}
