"""Every data set of the clinic by its name."""

from __future__ import annotations

from functools import lru_cache

from benchmarks.clinic.data import LOADERS, DataSet
from benchmarks.clinic.more_data import MORE_LOADERS


@lru_cache(maxsize=2)
def load(name: str) -> DataSet:
    """Load a data set by name."""
    return {**LOADERS, **MORE_LOADERS}[name]()
