"""The pre-commit hook and the GitHub Action, as far as a machine without network can run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BAD = "method: bayes\nmetric: {name: val_loss, goal: maximize}\nparameters:\n  lr: {value: 1}\n"


def environment(folder: Path) -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    keep = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    names = ("AUTHOR", "COMMITTER")
    who = {f"GIT_{n}_NAME": "t" for n in names} | {
        f"GIT_{n}_EMAIL": "t@example.org" for n in names
    }
    return keep | who | {"PATH": path, "HOME": str(folder), "PRE_COMMIT_HOME": str(folder / "pc")}


def step(name: str) -> dict[str, Any]:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert action["runs"]["using"] == "composite"
    return next(s for s in action["runs"]["steps"] if s.get("name") == name)


@pytest.mark.parametrize(("text", "code"), [(BAD, 1), (BAD.replace("maximize", "minimize"), 0)])
def test_the_action_checks_and_writes_sarif(tmp_path: Path, text: str, code: int) -> None:
    if shutil.which("bash") is None:
        pytest.skip("no bash")
    (tmp_path / "sweep.yaml").write_text(text)
    env = environment(tmp_path) | {
        "HPADVISOR_PATHS": ".",
        "HPADVISOR_ARGS": "--persona default",
        "HPADVISOR_SARIF": "o.sarif",
        "HPADVISOR_BASELINE": "",
        "HPADVISOR_BASE": "",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }  # fmt: skip
    run = step("Check")
    assert set(run["env"]) <= set(env)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", run["run"]],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert (tmp_path / "o.sarif").is_file()
    assert ("::warning file=sweep.yaml,line=2" in done.stdout) == (code == 1)
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert summary == (tmp_path / "hpadvisor-check.md").read_text(encoding="utf-8")
    assert ("SPC016" in summary) == (code == 1)


def test_the_comment_is_one_that_is_kept_up_to_date() -> None:
    comment = step("Comment")
    assert "pull_request" in comment["if"]
    assert "--edit-last --create-if-none" in comment["run"]
    assert "${{" not in comment["run"]


def test_inputs_reach_the_shell_through_the_environment_only() -> None:
    for name in ("Install", "Check"):
        assert "${{" not in step(name)["run"]


def hook_repository(folder: Path) -> Path:
    """Make a repository with the project's hooks, run by the hpadvisor that is installed here."""
    hooks = folder / "hooks"
    hooks.mkdir()
    entries = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    # Installing from an index needs a network; everything else of the hook stays as it ships.
    for entry in entries:
        assert entry["language"] == "python"
        entry["language"] = "system"
    (hooks / ".pre-commit-hooks.yaml").write_text(yaml.safe_dump(entries))
    git(hooks, "init", "-q")
    git(hooks, "add", ".")
    git(hooks, "commit", "-q", "-m", "hooks")
    return hooks


def git(folder: Path, *args: str) -> None:
    subprocess.run(
        ["git", *args], cwd=folder, env=environment(folder), check=True, capture_output=True
    )


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"sweep.yaml": BAD}, 1),
        ({"sweep.yaml": BAD.replace("maximize", "minimize")}, 0),
        ({"compose.yaml": "services: {web: {image: nginx}}\n"}, 0),
    ],
    ids=["finding", "clean", "no config"],
)
def test_pre_commit_runs_the_hook(tmp_path: Path, files: dict[str, str], code: int) -> None:
    pytest.importorskip("pre_commit")
    if shutil.which("git") is None:
        pytest.skip("no git")
    hooks = hook_repository(tmp_path)
    project = tmp_path / "project"
    project.mkdir()
    git(project, "init", "-q")
    for name, text in files.items():
        (project / name).write_text(text)
    git(project, "add", ".")
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(hooks), "hpadvisor-check",
         "--all-files", "--verbose"],
        cwd=project, env=environment(tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert "hpadvisor check" in done.stdout
    assert ("SPC016" in done.stdout) == (code == 1)
