"""Searches as engines leave them on disk, in one common record. One module an engine."""

from __future__ import annotations

from hpadvisor.readers.searches.detect import read_search
from hpadvisor.readers.searches.record import (
    Parameter,
    ReadOptions,
    State,
    Study,
    Trial,
)

__all__ = ["Parameter", "ReadOptions", "State", "Study", "Trial", "read_search"]
