"""The benchmark over real configs, where at hand: no crash, and the confirmed mistakes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("corpus", ROOT / "benchmarks/check/corpus.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
