"""Copies of configs: the values change, every other byte stays."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
import yaml

from hpadvisor.errors import UserError
from hpadvisor.running.config_copies import ConfigTemplate

YAML = """\
# my training
optimizer:
  name: adamw   # as in the paper
  lr: 3e-4
  betas: [0.9, 0.98]
train: {epochs: 12, "batch_size": 64}
note: "lr"
"""
TOML = '[optimizer]\nlr = 0.0003 # small\nname = "adamw"\n[train]\nepochs = 12\n'
JSON = '{\n  "optimizer": {"lr": 0.0003, "name": "adamw"},\n  "train": {"epochs": 12}\n}\n'


def copy(tmp_path: Path, name: str, text: str, values: dict[str, object]) -> str:
    (tmp_path / name).write_text(text)
    target = tmp_path / "trial" / name
    template = ConfigTemplate(tmp_path / name)
    template.write({template.find(key): value for key, value in values.items()}, target)
    assert (tmp_path / name).read_text() == text
    return target.read_text()


def test_yaml_keeps_comments_and_floats_are_floats(tmp_path: Path) -> None:
    text = copy(tmp_path, "c.yaml", YAML, {"optimizer.lr": 1e-5, "batch_size": 128, "name": "no"})
    assert text == YAML.replace("3e-4", "1.0e-05").replace("64", "128").replace("adamw", '"no"')
    read = yaml.safe_load(text)
    assert read["optimizer"] == {"name": "no", "lr": 1e-5, "betas": [0.9, 0.98]}


def test_toml_and_json(tmp_path: Path) -> None:
    changed = {"lr": 2.5e-6, "epochs": 3, "name": 'a "b"'}
    assert tomllib.loads(copy(tmp_path, "c.toml", TOML, changed)) == {
        "optimizer": {"lr": 2.5e-6, "name": 'a "b"'}, "train": {"epochs": 3}}  # fmt: skip
    assert json.loads(copy(tmp_path, "c.json", JSON, changed))["optimizer"]["lr"] == 2.5e-6


def test_a_value_is_found_by_its_role(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(YAML)
    assert ConfigTemplate(tmp_path / "c.yaml").find("learning_rate") == "optimizer.lr"


def test_what_is_not_there_or_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("a: {lr: 1}\nb: {lr: 2}\n")
    template = ConfigTemplate(tmp_path / "c.yaml")
    with pytest.raises(UserError, match=r"a\.lr or b\.lr"):
        template.find("lr")
    with pytest.raises(UserError, match="no value is called"):
        template.find("dropout")


def test_a_python_config_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.py").write_text("lr = 0.1\n")
    with pytest.raises(UserError, match="YAML, JSON and TOML"):
        ConfigTemplate(tmp_path / "c.py")
