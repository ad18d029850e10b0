"""The notebook of the docs: shown as it is today, and run by Jupyter's own kernel where it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, load_module

PATH = ROOT / "docs" / "notebook.ipynb"


def notebook() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def test_its_outputs_are_those_of_today() -> None:
    runner = load_module(ROOT / "docs" / "notebooks.py", "notebooks")
    text = PATH.read_text(encoding="utf-8")
    done = runner.executed(text, drawn=False)
    assert runner.notebook_text(done) == text, "run: python docs/generate.py"
    page = runner.as_markdown(done)
    assert page.startswith("# ")
    assert page.count("<div><div") == 4  # a plan, a diagnosis, an audit, a check
    assert "fp16 and bf16 are both on" in page


def test_every_result_shows_itself() -> None:
    shown = [
        output["data"]["text/plain"][0]
        for cell in notebook()["cells"]
        if cell["cell_type"] == "code"
        for output in cell["outputs"]
        if "text/html" in output.get("data", {})
    ]
    assert shown == ["<Plan>", "<Diagnosis>", "<Audit>", "<CheckResult>"]


def test_a_fault_in_a_cell_is_a_fault(tmp_path: Path) -> None:
    runner = load_module(ROOT / "docs" / "notebooks.py", "notebooks")
    cell = {"cell_type": "code", "source": ["1 / 0"], "outputs": [], "execution_count": None}
    with pytest.raises(ZeroDivisionError):
        runner.executed(json.dumps({"cells": [cell]}), drawn=False)


def test_a_real_kernel_runs_it(tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient", reason="needs nbclient; .ci/docs runs it")
    nbformat = pytest.importorskip("nbformat", reason="needs nbformat; .ci/docs runs it")
    pytest.importorskip("ipykernel", reason="needs ipykernel; .ci/docs runs it")
    read = nbformat.read(PATH, as_version=4)
    nbformat.validate(read)
    options = {"resources": {"metadata": {"path": str(tmp_path)}}, "kernel_name": "python3"}
    nbclient.NotebookClient(read, timeout=120, **options).execute()
    pictures = [
        output["data"]["text/html"].count("<svg")
        for cell in read.cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    assert len(pictures) == 4
