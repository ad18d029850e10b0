"""The benchmark over real configs, where at hand: no crash, and the confirmed mistakes."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from tests.support import load_module

ROOT = Path(__file__).resolve().parents[2]


def benchmark() -> ModuleType:
    return load_module(ROOT / "benchmarks/check/corpus.py", "corpus")


def test_real_configs() -> None:
    module = benchmark()
    corpus = module.DEFAULT_CORPUS
    if not (corpus / "INDEX.tsv").is_file():
        pytest.skip(f"no corpus at {corpus}")
    rows = module.read_table(corpus / "INDEX.tsv")
    result = module.run(corpus, rows, "default")
    assert len(result.files) == len(rows)
    known = module.read_table(corpus / "KNOWN-MISTAKES.tsv")
    missed, wrong, _ = module.against_known(result.findings, known, corpus)
    assert missed == []
    assert wrong == []
    good, _ = module.recognised(result, rows, corpus)
    assert good / len(rows) >= 0.97
