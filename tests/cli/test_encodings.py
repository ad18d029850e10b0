"""Every command ends well under every encoding: signs are replaced, none is fatal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

ENCODINGS: dict[str, dict[str, str]] = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "POSIX": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
FOREIGN = "größe-学-🚀"
"""A name with letters of Latin-1, others of the basic plane, and one beyond it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files whose names and values no small encoding holds."""
    path = tmp_path_factory.mktemp("encodings")
    rows = "".join(f"{k},{2 * 0.9**k + 0.3},{2 * 0.9**k + 0.5}\n" for k in range(40))
    (path / "log.csv").write_text(f"epoch,train_loss,val_loss\n{rows}", encoding="utf-8")
    (path / "sweep.yaml").write_text(
        f"method: bayes\nname: {FOREIGN}\nmetric: {{name: val_loss, goal: minimize}}\n"
        "parameters:\n  lr: {min: 0.00001, max: 0.1}\n",
        encoding="utf-8",
    )
    (path / "situation.yaml").write_text(
        "training: {kind: tabular-mlp}\nbudget: {trainings: 20}\nhyperparameters:\n"
        f"  - {{name: {FOREIGN}, role: learning_rate, low: 1e-5, high: 0.1, scale: log}}\n",
        encoding="utf-8",
    )
    trials = "".join(
        f"{k},{0.7 + 0.01 * (k % 9)},{10 ** -(1 + k % 4)},{FOREIGN}\n" for k in range(30)
    )
    (path / "trials.csv").write_text(f"number,value,rate,{FOREIGN}\n{trials}", encoding="utf-8")
    return path


AUDIT = (
    "audit",
    "trials.csv",
    "--param",
    "rate",
    "--objective",
    "value",
    "--direction",
    "maximize",
)
COMMANDS: dict[str, tuple[str, ...]] = {
    "plan": ("plan", "situation.yaml", "--why"),
    "plan-json": ("plan", "situation.yaml", "--format", "json"),
    "plan-yaml": ("plan", "situation.yaml", "--format", "yaml"),
    "plan-markdown": ("plan", "situation.yaml", "--format", "markdown"),
    "plan-optuna": ("plan", "situation.yaml", "--emit", "optuna"),
    "diagnose": ("diagnose", "log.csv", "--why"),
    "diagnose-json": ("diagnose", "log.csv", "--format", "json"),
    "check": ("check", "sweep.yaml"),
    "check-sarif": ("check", "sweep.yaml", "--format", "sarif"),
    "check-junit": ("check", "sweep.yaml", "--format", "junit"),
    "check-html": ("check", "sweep.yaml", "--format", "html"),
    "run": (
        "run",
        "situation.yaml",
        "--metric",
        "val_loss",
        "--dry-run",
        "--",
        "python",
        "train.py",
        "--lr",
        "{learning_rate}",
    ),
    "audit": AUDIT,
    "audit-json": (*AUDIT, "--format", "json"),
    "explain": ("explain", "learning_rate"),
    "rules": ("rules", "list"),
    "rules-facts": ("rules", "facts"),
    "schema": ("schema", "plan"),
    "help": ("plan", "--help"),
    "complaint": ("diagnose", f"{FOREIGN}.csv"),
}


def run(
    arguments: tuple[str, ...], folder: Path, environment: dict[str, str]
) -> tuple[bytes, int]:
    """Run a command; nothing of a traceback or of a bug may be in its talk."""
    done = subprocess.run(
        [sys.executable, "-m", "hpadvisor", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        timeout=120,
    )
    talk = done.stderr
    assert b"Traceback" not in talk, talk
    assert b"a bug in hpadvisor" not in talk, talk
    return done.stdout, done.returncode


@pytest.fixture(scope="module")
def plain(folder: Path) -> dict[str, tuple[bytes, int]]:
    """What each command prints in UTF-8."""
    return {
        name: run(arguments, folder, {"PYTHONIOENCODING": "utf-8"})
        for name, arguments in COMMANDS.items()
    }


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_command_ends_well(
    encoding: str, folder: Path, plain: dict[str, tuple[bytes, int]]
) -> None:
    for name, arguments in COMMANDS.items():
        wide, expected = plain[name]
        out, code = run(arguments, folder, ENCODINGS[encoding])
        assert code == expected, name
        codec = {"POSIX": "ascii"}.get(encoding, encoding)
        text = out.decode(codec)  # every byte is of the asked encoding
        assert bool(text.strip()) == (name != "complaint"), name
        if name.endswith(("json", "sarif")):
            assert _stable(json.loads(out)) == _stable(json.loads(wide)), name
        elif name.endswith("yaml"):
            assert yaml.safe_load(text) == yaml.safe_load(wide.decode()), name
        elif name.endswith("junit"):
            ElementTree.fromstring(out)  # noqa: S314
        elif name.endswith("optuna"):
            compile(text, "tune.py", "exec")


def _stable(document: object) -> object:
    """A document without what a run says of itself."""
    if isinstance(document, dict):
        return {key: _stable(value) for key, value in document.items() if key != "version"}
    return [_stable(value) for value in document] if isinstance(document, list) else document
