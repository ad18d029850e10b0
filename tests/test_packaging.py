"""The wheel carries everything: built, installed elsewhere, and run away from the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, install it into a fresh environment, and return its folder of programs."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    wheel = next(folder.glob("*.whl"))
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    programs = environment / "bin"
    site = Path(
        subprocess.run(
            [programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet",
         "--target", site, wheel],
        check=True,
        capture_output=True,
    )  # fmt: skip
    # The dependencies of the tests serve it too, so that no network is needed; the editable
    # checkout among them must not: its own folder comes later on the path.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return programs


def test_the_main_job_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [installed / "python", "-I", "-m", "hpadvisor", "plan", "--example", "cifar10-resnet",
         "--format", "json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    plan = json.loads(run.stdout)
    assert plan["verdict"] == "tune"
    assert plan["steps"]


def test_rules_and_templates_come_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    code = (
        "import hpadvisor, hpadvisor.emit.optuna\n"
        "from hpadvisor.engine.knowledge import builtin_rules\n"
        "print(hpadvisor.__file__); print(builtin_rules())\n"
        "script = hpadvisor.emit.optuna.emit_optuna(\n"
        "    hpadvisor.plan({'training': {'kind': 'lora'}, 'budget': {'trainings': 30}}),\n"
        "    created_by='a test')\n"
        "compile(script, 'tune.py', 'exec')\n"
    )
    run = subprocess.run(
        [installed / "python", "-I", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    package, rules = run.stdout.split()
    assert str(ROOT) not in package
    assert Path(rules) == Path(package).parent / "_rules"


def test_shipped_rules_pass_their_examples_there(installed: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [installed / "python", "-I", "-m", "hpadvisor", "rules", "test"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert " 0 failed" in run.stdout


def test_guides_and_the_skill_come_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    code = (
        "from hpadvisor.integrations.guides import GUIDES, guide_file\n"
        "from hpadvisor.integrations.skill import install_skill\n"
        "import hpadvisor, pathlib\n"
        "package = pathlib.Path(hpadvisor.__file__).parent\n"
        "assert all(guide_file(name).is_relative_to(package) for name in GUIDES)\n"
        "assert all(guide_file(name).stat().st_size > 500 for name in GUIDES)\n"
        "print(install_skill('skills'))\n"
    )
    run = subprocess.run(
        [installed / "python", "-I", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (tmp_path / run.stdout.strip()).is_file()


def test_an_archive_is_told_to_be_installed(installed: Path, tmp_path: Path) -> None:
    wheel = next(installed.parent.parent.glob("*.whl"))
    (tmp_path / "train.yaml").write_text("learning_rate: 0.1\noptimizer: adam\n", encoding="utf-8")
    script = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    script += "runpy.run_module('hpadvisor', run_name='__main__')"
    for command in (["explain", "warmup"], ["check", "train.yaml"]):
        run = subprocess.run(
            [installed / "python", "-I", "-c", script, wheel, *command],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 2
        assert len(run.stderr.splitlines()) == 1
        assert "pip install" in run.stderr
