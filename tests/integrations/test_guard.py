"""Nothing outside the served folders is read, whatever a client, a link or a file names."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpadvisor.errors import UserError
from hpadvisor.integrations.folders import Folders
from hpadvisor.integrations.guard import guarded
from hpadvisor.integrations.tools import Tools
from tests.integrations.project import make_project

SECRET = "hunter2-and-more"  # noqa: S105 - none
Attempt = Callable[[Tools], str]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project beside a folder with a secret."""
    hidden = make_project(tmp_path / "hidden")
    (hidden / "secret.yaml").write_text(f"optimizer:\n  lr: {SECRET}\n", encoding="utf-8")
    return make_project(tmp_path / "project")


def test_paths_inside_are_taken_relative_or_absolute(project: Path) -> None:
    folders = Folders([project])
    wanted = (project / "runs" / "metrics.csv").resolve()
    assert folders.inside("runs/metrics.csv") == wanted
    assert folders.inside(str(project / "runs" / ".." / "runs" / "metrics.csv")) == wanted
    assert folders.inside(".") == project.resolve()


@pytest.mark.parametrize(
    "named",
    ["../hidden/secret.yaml", "/etc/passwd", "..", "runs/../../hidden", "/", "~/x", "runs/\0x",
     "../project2"],
)  # fmt: skip
def test_paths_that_leave_are_refused(project: Path, named: str) -> None:
    project.with_name("project2").mkdir()
    with pytest.raises(UserError, match=r"outside the folders|no such file"):
        Folders([project]).inside(named)


def test_nothing_is_told_of_what_exists_outside(project: Path) -> None:
    folders = Folders([project])
    told = []
    for name in ("secret.yaml", "nothing.yaml"):
        with pytest.raises(UserError) as caught:
            folders.inside(f"../hidden/{name}")
        told.append(str(caught.value).replace(name, "NAME"))
    assert told[0] == told[1]


def test_links_that_leave_are_refused_and_links_that_stay_are_not(project: Path) -> None:
    (project / "out.csv").symlink_to(project.parent / "hidden" / "trials.csv")
    (project / "away").symlink_to(project.parent / "hidden")
    (project / "in.csv").symlink_to(project / "trials.csv")
    folders = Folders([project])
    for named in ("out.csv", "away", "away/trials.csv"):
        with pytest.raises(UserError, match="outside the folders"):
            folders.inside(named)
    with pytest.raises(UserError, match="no such file"):
        folders.inside("a*y/runs/*.csv")  # patterns are none here
    assert folders.inside("in.csv") == (project / "trials.csv").resolve()


def test_without_a_folder_nothing_is_read_and_plans_are_still_made(project: Path) -> None:
    tools = Tools(Folders([]))
    with pytest.raises(UserError, match="no folder is served"):
        tools.diagnose([str(project / "runs" / "metrics.csv")])
    assert tools.plan({"training": {"kind": "lora"}}).text


def test_a_folder_that_is_none_is_refused(project: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        Folders([project / "trials.csv"])


def links_in_a_checked_folder(project: Path) -> Attempt:
    (project / "conf" / "more.yaml").symlink_to(project.parent / "hidden" / "secret.yaml")
    return lambda tools: tools.check(["conf"]).text


def links_in_a_folder_of_logs(project: Path) -> Attempt:
    (project / "runs" / "more.csv").symlink_to(project.parent / "hidden" / "runs" / "metrics.csv")
    return lambda tools: tools.diagnose(["runs"]).text


def a_search_that_is_a_link_in_its_folder(project: Path) -> Attempt:
    (project / "study").mkdir()
    (project / "study" / "results.csv").symlink_to(project.parent / "hidden" / "trials.csv")
    return lambda tools: tools.audit("study").text


def settings_that_name_a_baseline_outside(project: Path) -> Attempt:
    text = f"baseline: {project.parent}/hidden/secret.yaml\n"
    (project / ".hpadvisor.yaml").write_text(text, encoding="utf-8")
    return lambda tools: tools.check(["conf"]).text


def settings_that_name_rules_outside(project: Path) -> Attempt:
    text = f"rules: [{project.parent}/hidden]\n"
    (project / ".hpadvisor.yaml").write_text(text, encoding="utf-8")
    return lambda tools: tools.check(["conf"]).text


ATTEMPTS = (
    links_in_a_checked_folder, links_in_a_folder_of_logs, a_search_that_is_a_link_in_its_folder,
    settings_that_name_a_baseline_outside, settings_that_name_rules_outside,
)  # fmt: skip


OPENED: list[str] = []


@pytest.fixture(scope="module")
def opened() -> list[str]:
    """Every path that this process opens from now on; what the guard refuses is not among it."""
    with guarded([]):
        pass  # its listener stands before ours, and ends what it refuses
    sys.addaudithook(lambda event, args: OPENED.append(str(args[0])) if event == "open" else None)
    return OPENED


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.__name__)
def test_what_a_tool_finds_outside_is_not_read(
    project: Path, attempt: Callable[[Path], Attempt], opened: list[str]
) -> None:
    hidden = os.path.realpath(project.parent / "hidden")
    act, tools = attempt(project), Tools(Folders([project]))
    opened.clear()
    with guarded([project]):
        try:
            told = act(tools)
        except UserError as error:
            told = str(error)
    assert SECRET not in told
    assert [name for name in opened if os.path.realpath(name).startswith(hidden)] == []


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.__name__)
def test_without_the_guard_it_would_be_read(
    project: Path, attempt: Callable[[Path], Attempt], opened: list[str]
) -> None:
    hidden = os.path.realpath(project.parent / "hidden")
    act, tools = attempt(project), Tools(Folders([project]))
    opened.clear()
    with contextlib.suppress(UserError):
        act(tools)
    assert [name for name in opened if os.path.realpath(name).startswith(hidden)]


def test_a_config_is_judged_without_what_lies_above_the_served_folder(project: Path) -> None:
    """Hydra's defaults are looked for in the folders above; the answer must not fail for it."""
    above = project.parent
    (above / ".gitignore").write_text("conf/\n", encoding="utf-8")
    (above / ".hpadvisor.yaml").write_text("select: [CFG]\n", encoding="utf-8")
    (above / "config.yaml").write_text("defaults: [_self_, model: big]\n", encoding="utf-8")
    (above / "model").mkdir()
    (above / "model" / "big.yaml").write_text("optimizer: {lr: 1e-5}\n", encoding="utf-8")
    (project / "conf" / "train.yaml").write_text(
        "defaults: [_self_, model: big]\n"
        "hydra: {sweeper: {params: {model.lr: 'interval(1,2)'}}}\n",
        encoding="utf-8",
    )
    with guarded([project]):
        told = Tools(Folders([project])).check(["conf"]).text
    assert "SPC016" in told
    assert "cannot be read" not in told


def run_a_program(_: Path) -> None:
    subprocess.run([sys.executable, "-c", ""], check=False)


def connect(_: Path) -> None:
    with contextlib.closing(socket.socket()) as one:
        one.connect(("127.0.0.1", 9))


def write_a_file(project: Path) -> None:
    (project / "new.txt").write_text("x", encoding="utf-8")


def remove_a_file(project: Path) -> None:
    (project / "trials.csv").unlink()


def make_a_folder(project: Path) -> None:
    (project / "new").mkdir()


def rename_a_file(project: Path) -> None:
    (project / "trials.csv").rename(project / "other.csv")


def list_outside(project: Path) -> None:
    list((project.parent / "hidden").iterdir())


def walk_outside(project: Path) -> None:
    with os.scandir(project.parent / "hidden"):
        pass


def open_a_database_outside(project: Path) -> None:
    sqlite3.connect(f"file:{project.parent}/hidden/study.db?mode=ro", uri=True)


def open_with_a_descriptor(project: Path) -> None:
    os.open(project.parent / "hidden" / "secret.yaml", os.O_RDONLY)


FORBIDDEN: tuple[Callable[[Path], Any], ...] = (
    run_a_program, connect, write_a_file, remove_a_file, make_a_folder, rename_a_file,
    list_outside, walk_outside, open_a_database_outside, open_with_a_descriptor,
)  # fmt: skip


@pytest.mark.parametrize("act", FORBIDDEN, ids=lambda act: act.__name__)
def test_the_guard_refuses(project: Path, act: Callable[[Path], Any]) -> None:
    with guarded([project]), pytest.raises(PermissionError):
        act(project)


def test_the_guard_sleeps_afterwards(project: Path) -> None:
    with guarded([project]):
        assert (project / "situation.yaml").read_text(encoding="utf-8")
    assert SECRET in (project.parent / "hidden" / "secret.yaml").read_text(encoding="utf-8")
    write_a_file(project)


def test_python_can_still_import(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = project.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "module_of_elsewhere.py").write_text("VALUE = 7\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(elsewhere))
    with guarded([project]):
        import module_of_elsewhere  # type: ignore[import-not-found]
    assert module_of_elsewhere.VALUE == 7
