"""No false all-clear: what check could not judge makes it end with 2, in every mode."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SWEEP = "method: bayes\nparameters:\n  lr: {min: 0.1, max: 0.001}\n"
GOOD = "learning_rate: 0.01\noptimizer: sgd\n"
BROKEN = "a: [1, 2\nb: 3\n"


def check(folder: Path, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "hpadvisor", "check", "--isolated", *arguments],
        cwd=folder, input=data, capture_output=True, check=False, timeout=60,
    )  # fmt: skip


MODES = [
    [], ["--diff"], ["--fix"], ["--write-baseline", "known.json"], ["--format", "json"],
    ["--format", "github"], ["--format", "gitlab"], ["--skip-unknown"], ["--fail-on", "never"],
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES, ids=" ".join)
@pytest.mark.parametrize("kind", ["named", "folder"])
def test_a_broken_file_is_2(mode: list[str], kind: str, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(BROKEN)
    (tmp_path / "good.yaml").write_text(GOOD)
    places = ["broken.yaml", "good.yaml"] if kind == "named" else ["."]
    done = check(tmp_path, *mode, *places)
    assert done.returncode == 2
    assert b"broken.yaml:2" in done.stderr


@pytest.mark.parametrize("mode", [[], ["--diff"], ["--fix"], ["--write-baseline", "b.json"]])
@pytest.mark.parametrize("content", [b"", b"\n\n", b"# nothing\n"])
def test_an_empty_file_is_2_and_says_so(mode: list[str], content: bytes, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_bytes(content)
    done = check(tmp_path, *mode, "empty.yaml")
    assert done.returncode == 2
    assert b"no config" in done.stderr


@pytest.mark.parametrize("mode", [[], ["--diff"], ["--fix"]])
@pytest.mark.parametrize("data", [b"", BROKEN.encode(), b"\0\1\2"])
def test_standard_input_that_cannot_be_judged_is_2(
    mode: list[str], data: bytes, tmp_path: Path
) -> None:
    done = check(tmp_path, *mode, "--stdin-filename", "x.yaml", data=data)
    assert done.returncode == 2
    assert done.stderr


def test_the_last_line_counts_what_was_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(BROKEN)
    (tmp_path / "binary.yaml").write_bytes(b"a: \0")
    (tmp_path / "good.yaml").write_text(GOOD)
    done = check(tmp_path, ".")
    assert b"2 not judged" in done.stdout.splitlines()[-1]
    diff = check(tmp_path, "--diff", ".")
    assert b"2 not judged" in diff.stderr.splitlines()[-1]


def test_fixes_are_still_shown_beside_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(BROKEN)
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    done = check(tmp_path, ".")
    assert done.returncode == 2
    assert b"error[" in done.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_pipes_in_folders_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    (tmp_path / "good.yaml").write_text(GOOD)
    assert check(tmp_path, ".").returncode == 0


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_2(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    done = check(tmp_path, ".")
    closed.chmod(0o700)
    assert done.returncode == 2
    assert b"closed" in done.stderr


@pytest.mark.parametrize("flag", ["--output", "--write-baseline"])
def test_an_existing_file_is_kept_without_force(flag: str, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "mine").write_text("mine")
    value = "json=mine" if flag == "--output" else "mine"
    done = check(tmp_path, flag, value, "good.yaml")
    assert done.returncode == 2
    assert b"exists already" in done.stderr
    assert (tmp_path / "mine").read_text() == "mine"
    assert check(tmp_path, flag, value, "--force", "good.yaml").returncode == 0
    assert (tmp_path / "mine").read_text().startswith("{")


def test_folders_without_end_are_named(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(110):
        deep = deep / "d"
        deep.mkdir()
    (tmp_path / "good.yaml").write_text(GOOD)
    done = check(tmp_path, ".")
    assert done.returncode == 2
    assert b"nested deeper" in done.stderr


def test_a_pattern_that_git_passes_over_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("!\nskipped.yaml\n")
    (tmp_path / "skipped.yaml").write_text(BROKEN)
    (tmp_path / "good.yaml").write_text(GOOD)
    assert check(tmp_path, ".").returncode == 0


def test_many_ignore_comments_take_no_time(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("# hpadvisor: ignore\n" * 1_500 + GOOD)
    assert check(tmp_path, "good.yaml").returncode in (0, 1)
    (tmp_path / "good.yaml").write_text("# hpadvisor: ignore\n" * 100_000 + GOOD)
    done = check(tmp_path, "good.yaml")
    assert done.returncode == 2
    assert b"ignore comments" in done.stderr
