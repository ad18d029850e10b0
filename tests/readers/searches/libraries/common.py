"""What the comparisons share: real searches to copy, the best value of a study."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hpadvisor.readers.searches import State, Study

FOLDER = Path(__file__).resolve().parents[5] / "shared" / "corpus" / "searches"


def real(name: str, tmp_path: Path) -> Path:
    """Copy a real search to where a library may write beside it; skip where it is missing."""
    source = FOLDER / name
    if not source.exists():
        pytest.skip("the collection of real searches is not beside the repository")
    target = tmp_path / "real" / source.name
    target.parent.mkdir()
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target


def best(study: Study) -> float:
    """The best value of the complete trials."""
    values = [t.value for t in study.trials if t.state is State.COMPLETE and t.value is not None]
    return max(values) if study.direction == "maximize" else min(values)
