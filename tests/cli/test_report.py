"""``hpadvisor report`` and ``--format html`` as users type them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import hpadvisor
from tests.report.html.test_pages import EXAMPLE, write_log, write_trials


def test_everything_goes_on_one_page(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("optimizer: adamw\nlearning_rate: 5.0\n")
    plan = hpadvisor("plan", "--example", "cifar10-resnet", "--format", "json")
    (tmp_path / "plan.json").write_text(plan.stdout, encoding="utf-8")
    paths = [
        write_log(tmp_path / "log.csv"), write_trials(tmp_path / "trials.csv"), EXAMPLE,
        tmp_path / "plan.json", tmp_path / "config.yaml",
    ]  # fmt: skip
    page = tmp_path / "page.html"
    done = hpadvisor("report", *map(str, paths), "-o", str(page))
    assert done.returncode == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    kinds = [text.count(f'<p class="kind">{kind} ·') for kind in ("diagnose", "audit", "plan")]
    assert kinds == [1, 1, 2]


def test_a_page_is_never_written_over_another(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("mine")
    log = write_log(tmp_path / "log.csv")
    done = hpadvisor("report", str(log), "-o", str(page))
    assert done.returncode == 2
    assert page.read_text() == "mine"
    assert "--force" in done.stderr


@pytest.mark.parametrize("text", ["", "nothing: of ours\n", "{"])
def test_what_no_command_reads_is_said_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    done = hpadvisor("report", str(path), "-o", str(tmp_path / "page.html"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "file.yaml" in done.stderr


@pytest.mark.parametrize("command", ["diagnose", "audit"])
def test_results_go_to_a_file(tmp_path: Path, command: str) -> None:
    made = {"diagnose": write_log, "audit": write_trials}[command](tmp_path / "input.csv")
    for form in ("text", "json", "html"):
        path = tmp_path / f"result.{form}"
        done = hpadvisor(
            command, str(made), "--format", form, "-o", str(path), "--fail-on", "never"
        )
        assert done.stdout == ""
        assert path.stat().st_size > 200
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["schema_version"]


def test_a_page_goes_through_a_pipe(tmp_path: Path) -> None:
    done = hpadvisor("diagnose", str(write_log(tmp_path / "log.csv")), "--format", "html")
    assert done.stdout.startswith("<!doctype html>")


def test_pictures_are_written_as_svg(tmp_path: Path) -> None:
    log, trials = write_log(tmp_path / "log.csv"), write_trials(tmp_path / "trials.csv")
    folder, page = tmp_path / "pictures", tmp_path / "page.html"
    call = ("report", str(log), str(trials), "-o", str(page), "--figures", str(folder))
    assert hpadvisor(*call).returncode == 0
    names = {path.name for path in folder.iterdir()}
    assert {"1-diagnose-loss-over-epochs.svg", "2-audit-history.svg"} <= names
    assert all(path.read_text(encoding="utf-8").startswith("<svg") for path in folder.iterdir())
    again = hpadvisor(*call[:-2], "--figures", str(folder))
    assert again.returncode == 2
    assert "--force" in again.stderr
