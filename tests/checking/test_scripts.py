"""Search spaces in scripts and notebooks: what is read, where findings point, what is silent."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from hpadvisor.checking.findings import Finding
from hpadvisor.checking.running import check_text
from hpadvisor.checking.settings import CheckSettings
from hpadvisor.errors import UserError
from hpadvisor.readers.documents import parse_document
from hpadvisor.readers.yaml_nodes import Node

OPTUNA = """\
import optuna

def objective(trial):
    rate = trial.suggest_float("lr", 1e-5, 1e-1)
    return train(rate)

study = optuna.create_study(direction="maximize")
study.optimize(objective, n_trials=80)
"""


def findings(text: str, name: str = "tune.py") -> list[Finding]:
    return check_text(text.encode(), name, CheckSettings()).findings


def rules(text: str, name: str = "tune.py") -> set[str]:
    return {finding.rule.id for finding in findings(text, name)}


def plain(node: Node) -> object:
    if node.kind == "scalar":
        return node.text if node.tag is None else "?"
    if node.kind == "sequence":
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.pairs}


def space(text: str, name: str = "tune.py") -> dict[str, object]:
    (root,) = parse_document(text.encode(), name).roots
    read = plain(root)
    assert isinstance(read, dict)
    return read


def test_the_finding_points_at_the_limit() -> None:
    (finding,) = findings(OPTUNA)
    assert (finding.rule.id, finding.line, finding.column) == ("SPC001", 4, 12)
    assert finding.key_path == "parameters.lr.kind"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("from ray import tune\ns = {'lr': tune.uniform(1e-5, 1e-1)}\n", "SPC001"),
        ("from hyperopt import hp\ns = {'lr': hp.uniform('lr', 1e-5, 1e-1)}\n", "SPC001"),
        ("from hyperopt import hp\ns = hp.loguniform('lr', 1e-5, 1e-1)\n", "SPC007"),
        ("import keras_tuner\nr = hp.Float('lr', 1e-4, 1e-1)\n", "SPC001"),
        ("def build(hp):\n    return hp.Float('lr', 1e-4, 1e-1)\n", "SPC001"),
        ("from skopt.space import Real\ns = [Real(1e-5, 1e-1, name='lr')]\n", "SPC001"),
        ("from ray import tune\ns = {'dropout': tune.uniform(0.1, 0.95)}\n", "SPC010"),
        ("import optuna\ntrial.suggest_float('wd', 0, 0.1, log=True)\n", "SPC021"),
        ("import optuna\ntrial.suggest_float('lr', base / 10, base * 10)\n", "SPC001"),
        ("c = {'method': 'bayes', 'metric': {'name': 'loss', 'goal': 'maximize'},\n"
         " 'parameters': {'lr': {'value': 1}}}\nwandb.sweep(c)\n", "SPC016"),
        ("# wandb.sweep\nc = {'method': 'random'}\nc['parameters'] = "
         "{'lr': {'min': 1e-5, 'max': 1e-1}}\n", "SPC001"),
        ("s = {'lr': {'_type': 'uniform', '_value': [1e-5, 1e-1]}}\n", "SPC001"),
    ],
    ids=lambda value: value if value.startswith("SPC") else "",
)  # fmt: skip
def test_each_library_is_read(text: str, rule: str) -> None:
    assert rule in rules(text)


@pytest.mark.parametrize(
    "text",
    [
        OPTUNA.replace("1e-1)", "1e-1, log=True)"),
        OPTUNA.replace("1e-1)", "1e-1, log=flag)"),
        OPTUNA.replace("1e-5", "low"),
        OPTUNA.replace('"lr"', "name"),
        "from hyperopt import hp\ns = hp.loguniform('lr', -11.5, -2.3)\n",
        "from hyperopt import hp\nimport numpy as np\n"
        "s = hp.loguniform('lr', np.log(1e-5), np.log(1e-1))\n",
        "tune.uniform = 3\nclass tune:\n    pass\n",
        "import keras_tuner\nr = hp.Float('lr', 1e-4, 1e-1, sampling='log')\n",
    ],
)
def test_what_is_right_or_not_known_is_silent(text: str) -> None:
    assert rules(text) == set()


def test_constants_and_arithmetic_are_folded() -> None:
    text = "import optuna\nLOW = 10**-5\ntrial.suggest_float('lr', LOW, 2 * LOW * 1e4)\n"
    parameters = space(text)["parameters"]
    assert parameters == {
        "lr": {"name": "lr", "kind": "float", "low": "1e-05", "high": "0.2"}
    }  # fmt: skip


def test_helpers_of_an_objective_are_one_space_and_branches_no_dimension() -> None:
    helper = "\ndef extra(trial):\n    trial.suggest_float('wd', 1e-6, 1e-2, log=True)\n"
    branch = "    extra(trial)\n    if rate:\n        trial.suggest_int('depth', 1, 3)\n    return"
    text = OPTUNA.replace("    return", branch) + helper
    read = space(text)
    parameters = read["parameters"]
    assert isinstance(parameters, dict)
    assert set(parameters) == {"lr", "wd", "depth"}
    assert parameters["depth"]["sometimes"] == "true"
    assert (read["direction"], read["trials"]) == ("maximize", "80")


@pytest.mark.parametrize(
    ("returned", "direction", "rule"),
    [
        ("accuracy", "minimize", "SPC016"),
        ("val_loss", "maximize", "SPC016"),
        ("cross_val_score(model, x, y).mean()", "minimize", "SPC016"),
        ("float(test_accuracy)", "maximize", "SPC014"),
    ],
)
def test_the_objective_is_what_the_function_returns(
    returned: str, direction: str, rule: str
) -> None:
    text = OPTUNA.replace("1e-1)", "1e-1, log=True)").replace("train(rate)", returned)
    assert rules(text.replace("maximize", direction)) == {rule}


@pytest.mark.parametrize(
    ("returned", "direction"),
    [("-accuracy", "minimize"), ("score", "minimize"), ("1 - accuracy", "minimize"),
     ("accuracy, loss", "minimize")],
)  # fmt: skip
def test_a_turned_or_vague_objective_is_silent(returned: str, direction: str) -> None:
    text = OPTUNA.replace("1e-1)", "1e-1, log=True)").replace("train(rate)", returned)
    assert rules(text.replace("maximize", direction)) == set()


def test_grids_of_scikit_learn() -> None:
    text = (
        "from sklearn.model_selection import GridSearchCV\n"
        "values = list(range(1, 12))\n"
        "grid = {'clf__C': [0.1, 1, 10], 'clf__degree': values, 'clf__gamma': [1, 2]}\n"
        "search = GridSearchCV(pipe, grid, cv=3)\n"
    )
    read = space(text)
    assert read["method"] == "grid"
    assert rules(text) == set()
    large = text.replace("range(1, 12)", "range(1, 400)")
    assert rules(large) == {"SPC013"}


def notebook(*cells: str) -> str:
    return json.dumps(
        {"cells": [{"cell_type": "markdown", "source": ["# hp.choice"]}]
         + [{"cell_type": "code", "outputs": [], "source": cell.splitlines(keepends=True)}
            for cell in cells], "metadata": {}},
        indent=1,
    )  # fmt: skip


def test_notebooks_point_into_their_json() -> None:
    text = notebook("%matplotlib inline\nimport optuna\n", "not python at all (\n", OPTUNA)
    (finding,) = findings(text, "tune.ipynb")
    line = text.splitlines()[finding.line - 1]
    assert finding.rule.id == "SPC001"
    assert "suggest_float" in line
    assert line[finding.column - 1 :].startswith("trial.suggest_float")


@pytest.mark.parametrize(
    "text", ["import optuna\ntrial.suggest_float(", "{", '{"cells": 3}', '{"cells": [1, {}]}']
)
def test_what_cannot_be_parsed_is_one_error_or_none(text: str) -> None:
    name = "a.py" if "optuna" in text else "a.ipynb"
    with contextlib.suppress(UserError):
        parse_document((text + " # hp.choice(").encode(), name)


def test_nothing_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    parse_document(f"import optuna\nopen({str(mark)!r}, 'w')\n{OPTUNA}".encode(), "tune.py")
    assert not mark.exists()


def test_a_rate_that_the_code_scales_may_be_one_for_each_optimizer() -> None:
    text = (
        "import optuna\n"
        "lr = trial.suggest_float('lr', 1e-4, 1e-1, log=True)\n"
        "kind = trial.suggest_categorical('optimizer', ['Adam', 'SGD'])\n"
        "sgd_rate = %s\n"
    )
    scaled = {"lr": False, "lr  # not lr * 10": False, "lr * 10": True, "10 * c['lr']": True}
    for rate, is_scaled in scaled.items():
        found = check_text((text % rate).encode(), "search.py").findings
        assert [f.rule.id for f in found if f.rule.id == "SPC004"] == ["SPC004"] * (not is_scaled)


FOLDS = """\
import lightgbm as lgb
import optuna
from sklearn.model_selection import cross_validate

def objective(trial):
    leaves = trial.suggest_int("num_leaves", 8, 96)
    folds = cross_validate(lgb.LGBMClassifier(num_leaves=leaves), x, y, scoring=kinds)
    return folds["test_recall"].mean()

study = optuna.create_study(direction=%r)
study.optimize(objective, n_trials=35)
"""


def test_the_scores_of_cross_validate_are_of_folds_held_out() -> None:
    assert rules(FOLDS % "maximize") == set()
    assert rules(FOLDS % "minimize") == {"SPC016"}


def test_a_search_of_scikit_learn_scores_from_outside() -> None:
    text = """\
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import RandomizedSearchCV

space = {"validation_fraction": [0.1, 0.15, 0.3], "n_estimators": [80, 160]}
search = RandomizedSearchCV(GradientBoostingClassifier(), space, n_iter=6)
"""
    assert rules(text) == set()


def test_a_name_that_a_program_reads_before_it_changes_is_no_mistake() -> None:
    text = "_base_ = []\noptimizer = dict(type='SGD', lr=0.02)\nrows = 3\n%srows = 5\n"
    assert rules(text % "", "config.py") == {"CFG022"}
    assert rules(text % "show(rows)\n", "config.py") == set()
