"""A script on the library and the file that stands alone: the same trials, to the digit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hpadvisor.emit import assembling
from hpadvisor.emit.optuna import emit_optuna
from hpadvisor.planning.model import Plan

from .plans import CONFIRM, parameters, plan, search

ASHA = {"name": "asha", "min_fraction": 0.1, "reduction_factor": 3}
MODEL = {"name": "gaussian-process", "startup_trials": 3}
RUN = """
import json, math, sys
import tune

def train(params, report, seed=0):
    score = -abs(math.log10(params["eta"]) + 2) - abs(params["momentum"] - 0.9) + seed / 1e4
    for epoch in range(1, 10):
        report(epoch, score - 1 / epoch)
    return score

study = SEARCH.run(tune.PLAN, train, storage=None, seed=3)
rows = [[t.state.name, t.values, t.params, t.user_attrs.get("origin")] for t in study.trials]
print(json.dumps([rows, SEARCH.choose(tune.PLAN, train, seed=1)]))
"""


def _trials(folder: Path, made: Plan, *, standalone: bool) -> str:
    text = emit_optuna(made, created_by="a test", standalone=standalone)
    (folder / "tune.py").write_text(text)
    search_module = "tune" if standalone else "hpadvisor.search"
    imports = "import hpadvisor.search\n" * (not standalone)
    done = subprocess.run(
        [sys.executable, "-c", imports + RUN.replace("SEARCH", search_module)],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize(
    "made",
    [
        plan(search(sampler=MODEL, pruner=ASHA, trials=14, trainings=10), CONFIRM),
        plan(
            search(strategy="quasirandom", trials=6, trainings=6),
            search(trials=6, trainings=6),
        ),
    ],
    ids=["model", "phases"],
)
def test_both_run_the_same_trials_to_the_digit(made: Plan, tmp_path: Path) -> None:
    library = _trials(tmp_path, made, standalone=False)
    alone = _trials(tmp_path, made, standalone=True)
    assert len(json.loads(library)[0]) >= 12
    assert alone == library


def test_the_file_that_stands_alone_needs_no_hpadvisor(tmp_path: Path) -> None:
    text = emit_optuna(plan(), created_by="a test", standalone=True)
    compile(text, "tune.py", "exec")
    (tmp_path / "tune.py").write_text(text)
    (tmp_path / "hpadvisor.py").write_text("raise SystemExit('hpadvisor was imported')\n")
    done = subprocess.run(
        [sys.executable, "tune.py", "--help"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "--confirm" in done.stdout
    assert text == emit_optuna(plan(), created_by="a test", standalone=True)


def test_what_nothing_asks_for_is_left_out() -> None:
    text = emit_optuna(plan(), created_by="a test", standalone=True)
    assert "def legal_values" not in text  # for readers of a study
    assert "class GaussianProcess" in text


def test_a_name_with_two_meanings_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = {
        "hpadvisor.search.a": "from hpadvisor.search.b import f\nX = 1\ndef g(): return f() + X\n",
        "hpadvisor.search.b": "X = 2\ndef f(): return X\n",
    }
    monkeypatch.setattr(assembling, "_source", sources.__getitem__)
    with pytest.raises(ValueError, match="X means two things"):
        assembling.assemble("from hpadvisor.search.a import g\nprint(g())\n")


def test_modules_are_joined_in_the_order_of_their_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = {
        "hpadvisor.search.a": (
            '"""A."""\nimport math\nfrom hpadvisor.search.b import f\n\n# Kept.\n'
            "def g():\n    return f() + math.pi\n\ndef unused():\n    return 0\n"
        ),
        "hpadvisor.search.b": 'import os\nX = 2\n"""Two."""\ndef f():\n    return X\n',
    }
    monkeypatch.setattr(assembling, "_source", sources.__getitem__)
    text = assembling.assemble('"""M."""\nfrom hpadvisor.search.a import g\n\nprint(round(g()))\n')
    assert text.index("def f") < text.index("# Kept.") < text.index("def g") < text.index("print")
    assert '"""Two."""' in text
    assert "unused" not in text
    assert "import os" not in text
    assert "hpadvisor.search import" not in text
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "5"


@pytest.mark.parametrize("count", [1, 17])
def test_a_script_has_eighty_lines_at_most(count: int) -> None:
    items = [p.model_copy(update={"name": f"{p.name}_{k}"}) for k in range(4)
             for p in parameters()]  # fmt: skip
    rules = [f"Rule {k} says when to stop. It has a reason, which is long." for k in range(6)]
    made = plan(search(parameters=items[:count], stop_when=rules), CONFIRM)
    text = emit_optuna(made, created_by="hpadvisor 0.1.0 from situation.yaml")
    assert text.count("\n") <= 80
    assert max(map(len, text.splitlines())) < 100
