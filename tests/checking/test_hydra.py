"""What the files of one Hydra tree say together."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpadvisor.checking.findings import Finding
from hpadvisor.checking.hydra_defaults import parts_of
from hpadvisor.checking.running import check_paths
from hpadvisor.checking.settings import CheckSettings
from hpadvisor.readers.documents import read_document


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(folder: Path, rule: str) -> list[Finding]:
    return [f for f in check_paths([str(folder)], CheckSettings()).findings if f.rule.id == rule]


TREE = {
    "train.yaml": "defaults:\n  - model: small\n  - optimizer: sgd\n  - _self_\nseed: 1\n",
    "model/small.yaml": "_target_: net.Small\ndropout: 0.1\n",
    "optimizer/sgd.yaml": "_target_: torch.optim.SGD\nlr: 0.1\n",
    "hparams_search/search.yaml": (
        "# @package _global_\n"
        "hydra:\n"
        "  sweeper:\n"
        "    _target_: hydra_plugins.hydra_optuna_sweeper.optuna_sweeper.OptunaSweeper\n"
        "    params:\n"
        "      optimizer.lr: tag(log, interval(0.001, 1.5))\n"
        "      model.dropuot: interval(0.0, 0.5)\n"
        "      model: choice(small, large)\n"
        "      +optimizer.nesterov: choice(true, false)\n"
    ),
}


def test_unknown_name_is_found(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    findings = found(tmp_path, "SPC024")
    assert [(f.line, f.column) for f in findings] == [(7, 7)]
    assert "model.dropuot" in findings[0].message


@pytest.mark.parametrize(
    "change",
    [
        {"model/small.yaml": "_target_: net.Small\ndropuot: 0.1\n"},
        {"train.yaml": TREE["train.yaml"].replace("model: small", "model: missing")},
        {"train.yaml": TREE["train.yaml"].replace("model: small", "model@net: small")},
        {"model/broken.yaml": "a: [1\n"},
        {"train.yaml": "seed: 1\n"},
    ],
    ids=[
        "known",
        "part not there",
        "part put elsewhere",
        "part not readable",
        "no primary config",
    ],
)
def test_silent_where_the_tree_cannot_be_judged(tmp_path: Path, change: dict[str, str]) -> None:
    write(tmp_path, TREE | change)
    assert found(tmp_path, "SPC024") == []


def test_optimizer_comes_from_the_part_that_the_defaults_name(tmp_path: Path) -> None:
    files = {
        "train.yaml": "defaults:\n  - optim: adam\n  - _self_\nlearning_rate: 0.5\n",
        "optim/adam.yaml": "_target_: torch.optim.AdamW\nbetas: [0.9, 0.99]\n",
    }
    write(tmp_path, files)
    findings = found(tmp_path, "CFG001")
    assert [(Path(f.path).name, f.line) for f in findings] == [("train.yaml", 4)]
    write(tmp_path, {"optim/adam.yaml": "_target_: torch.optim.SGD\n"})
    assert found(tmp_path, "CFG001") == []


def test_space_of_another_file_counts_for_the_experiment(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "config.yml": "searchSpaceFile: space.json\ntrialCommand: python t.py\n"
            "trialConcurrency: 1\nmaxTrialNumber: 4\ntuner: {name: TPE}\n",
            "space.json": '{"lr": {"_type": "loguniform", "_value": [0.0001, 0.1]},\n'
            ' "momentum": {"_type": "uniform", "_value": [0.8, 0.99]}}\n',
        },
    )
    findings = found(tmp_path, "SPC005")
    assert [(Path(f.path).name, f.line, f.column) for f in findings] == [("config.yml", 4, 17)]


def test_a_part_whose_name_no_file_can_have_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, TREE | {"train.yaml": f"defaults:\n  - model: {'x' * 5000}\nlr: 0.1\n"})
    assert found(tmp_path, "SPC024") == []


@pytest.mark.parametrize(("argument", "count"), [("${args_no_hyphens}", 1), ("${args}", 0)])
def test_wandb_sweep_that_drives_hydra(tmp_path: Path, argument: str, count: int) -> None:
    write(
        tmp_path,
        {f"conf/{name}": text for name, text in TREE.items() if "search" not in name}
        | {
            "sweep.yaml": "method: random\nprogram: train.py\n"
            f"command: [python, train.py, '{argument}']\n"
            "metric: {name: val_loss, goal: minimize}\nparameters:\n"
            "  optimizer.lr: {distribution: log_uniform_values, min: 0.001, max: 0.5}\n"
            "  optimizer.momentun: {min: 0.8, max: 0.99}\n"
        },
    )
    assert [f.line for f in found(tmp_path, "SPC024")] == [7] * count


SEARCH = (
    "# @package _global_\n"
    "optimized_metric: val/quality\n"
    "hydra:\n"
    "  sweeper:\n"
    "    _target_: hydra_plugins.hydra_optuna_sweeper.optuna_sweeper.OptunaSweeper\n"
    "    direction: maximize\n"
    "    params:\n"
    "      optimizer.lr: tag(log, interval(0.001, 0.5))\n"
)
CHECKPOINT = "model_checkpoint:\n  monitor: {0}\n  mode: {1}\n"


@pytest.mark.parametrize(
    ("monitor", "mode", "rules"),
    [
        ("val/quality", "min", {"SPC048"}),
        ("val/quality_best", "min", {"SPC048"}),
        ("val/quality", "max", set()),
        ("val/other", "min", set()),
    ],
)
def test_direction_is_held_against_what_the_tree_monitors(
    tmp_path: Path, monitor: str, mode: str, rules: set[str]
) -> None:
    files = {"callbacks/best.yaml": CHECKPOINT.format(monitor, mode), "search/own.yaml": SEARCH}
    write(tmp_path, TREE | files)
    assert {f.rule.id for f in found(tmp_path, "SPC048")} == rules


def test_the_tree_counts_for_more_than_a_name(tmp_path: Path) -> None:
    search = SEARCH.replace("val/quality", "val/loss")
    write(tmp_path, TREE | {"search/own.yaml": search})
    assert len(found(tmp_path, "SPC016")) == 1
    write(tmp_path, {"callbacks/best.yaml": CHECKPOINT.format("val/loss", "max")})
    assert found(tmp_path, "SPC016") == found(tmp_path, "SPC048") == []


# The optimizer stands three levels down: the task's part names the recipe, which names the rest.
DEEP = {
    "train.yaml": "defaults:\n  - task: images\n  - _self_\ntrainer:\n  max_epochs: 10\n",
    "task/images.yaml": "defaults:\n  - /recipe: quick\n  - _self_\nname: images\n",
    "recipe/quick.yaml": "defaults:\n  - base\n  - /optimizer: sgd\n  - _self_\nseed: 1\n",
    "recipe/base.yaml": "defaults:\n  - quick\npatience: 3\n",
    "optimizer/sgd.yaml": "_target_: torch.optim.SGD\nlr: 0.1\nweight_decay: 0.01\n",
    "optimizer/adam.yaml": "_target_: torch.optim.Adam\nlr: 0.1\nweight_decay: 0.02\n",
    "experiment/one.yaml": (
        "# @package _global_\ndefaults:\n  - /train\n  - override /optimizer: adam\n"
        "optimizer:\n  lr: 0.5\n"
    ),
}


def composed(folder: Path, name: str) -> dict[tuple[str, ...], str]:
    parts = parts_of(folder / name, lambda path: read_document(path) if path.is_file() else None)
    return {group: part.roots[0].pairs[-1][1].text for group, part in parts}


def test_parts_name_further_parts(tmp_path: Path) -> None:
    write(tmp_path, DEEP)
    assert composed(tmp_path, "train.yaml") == {
        ("task",): "images", ("recipe",): "3", ("optimizer",): "0.01",
    }  # fmt: skip
    assert composed(tmp_path, "experiment/one.yaml")[("optimizer",)] == "0.02"


def test_a_rule_sees_what_stands_three_levels_down(tmp_path: Path) -> None:
    write(tmp_path, DEEP)
    assert [Path(f.path).name for f in found(tmp_path, "CFG001")] == ["one.yaml"]
    write(tmp_path, {"experiment/one.yaml": DEEP["experiment/one.yaml"].replace("adam", "sgd")})
    assert found(tmp_path, "CFG001") == []


def test_a_deep_part_that_is_missing_makes_names_unknowable(tmp_path: Path) -> None:
    write(tmp_path, TREE | {"model/small.yaml": "defaults:\n  - far\ndropout: 0.1\n"})
    assert found(tmp_path, "SPC024") == []
    write(tmp_path, {"model/far.yaml": "depth: 3\n"})
    assert len(found(tmp_path, "SPC024")) == 1
