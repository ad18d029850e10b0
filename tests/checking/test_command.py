"""The command as users and CI run it: exit codes, settings, ignores, baselines, folders."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BAD = "method: bayes\nmetric: {name: val_loss, goal: maximize}\nparameters:\n  lr: {value: 1}\n"
GOOD = BAD.replace("maximize", "minimize")


def run(folder: Path, *args: str, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "hpadvisor", "check", *args],
        cwd=folder, input=data, capture_output=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "sweep.yaml").write_text(BAD)
    return tmp_path


def test_findings_exit_1_and_show_the_place(folder: Path) -> None:
    done = run(folder)
    assert done.returncode == 1
    assert b"sweep.yaml:2:32" in done.stdout
    assert done.stderr == b""


def test_clean_exits_0(folder: Path) -> None:
    (folder / "sweep.yaml").write_text(GOOD)
    assert run(folder).returncode == 0


@pytest.mark.parametrize(
    ("level", "code"), [("warning", 1), ("error", 0), ("never", 0), ("note", 1)]
)
def test_fail_on(folder: Path, level: str, code: int) -> None:
    assert run(folder, "--fail-on", level).returncode == code


def test_warning_does_not_fail_when_errors_are_asked_for(folder: Path) -> None:
    (folder / "sweep.yaml").write_text("lr: 0.1\nlr: 0.2\n")
    assert run(folder).returncode == 1
    assert run(folder, "--fail-on", "error").returncode == 0


def test_nothing_to_check_is_no_success(folder: Path) -> None:
    (folder / "sweep.yaml").write_text("services: {web: {image: nginx}}\n")
    done = run(folder)
    assert done.returncode == 2
    assert b"no config to check" in done.stderr
    assert run(folder, "--skip-unknown").returncode == 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["missing.yaml"], b"missing.yaml: no such file or folder"),
        (["--select", "XYZ"], b"no rule begins with 'XYZ'"),
        (["--persona", "picky"], b"persona is 'picky'"),
        (["--format", "xml"], b"no form 'xml'"),
        (["--output", "sarif"], b"names no file"),
        (["--baseline", "none.json"], b"none.json: no such file"),
    ],
)
def test_wrong_use_is_one_line_and_2(folder: Path, args: list[str], words: bytes) -> None:
    done = run(folder, *args)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert b"Traceback" not in done.stderr


def test_named_file_that_cannot_be_read_is_2_and_names_the_line(folder: Path) -> None:
    (folder / "broken.yaml").write_text("a: [1, 2\nb: 3\n")
    done = run(folder, "broken.yaml", "sweep.yaml")
    assert done.returncode == 2
    assert b"broken.yaml:2" in done.stderr
    assert b"SPC016" in done.stdout
    walked = run(folder)
    assert walked.returncode == 2
    assert b"broken.yaml:2" in walked.stderr
    assert b"1 not judged" in walked.stdout


def test_several_outputs_in_one_run(folder: Path) -> None:
    done = run(
        folder, "--format", "concise", "--output", "sarif=out.sarif", "--output", "junit=o.xml"
    )
    assert done.stdout.startswith(b"sweep.yaml:2:32: warning SPC016")
    assert json.loads((folder / "out.sarif").read_text())["version"] == "2.1.0"
    assert "<testsuites" in (folder / "o.xml").read_text()


def test_json_goes_to_stdout_alone(folder: Path) -> None:
    document = json.loads(run(folder, "--format", "json").stdout)
    assert document["formats"] == {"sweep.yaml": "wandb-sweep"}


def test_select_and_ignore(folder: Path) -> None:
    assert run(folder, "--ignore", "SPC016").returncode == 0
    assert run(folder, "--select", "CFG").returncode == 0
    assert run(folder, "--select", "SPC").returncode == 1


def test_settings_from_pyproject_and_own_file(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.hpadvisor]\nignore = ["SPC016"]\n')
    assert run(folder).returncode == 0
    assert run(folder, "--isolated").returncode == 1
    (folder / ".hpadvisor.yaml").write_text("fail-on: never\n")
    done = run(folder)
    assert done.returncode == 0
    assert b"SPC016" in done.stdout
    assert run(folder, "--fail-on", "warning").returncode == 1


def test_unknown_setting_is_refused(folder: Path) -> None:
    (folder / ".hpadvisor.yaml").write_text("selekt: [SPC]\n")
    done = run(folder)
    assert done.returncode == 2
    assert b"unknown setting 'selekt'" in done.stderr


def test_per_file_ignores(folder: Path) -> None:
    (folder / ".hpadvisor.yaml").write_text('per-file-ignores: {"sweep*.yaml": [SPC016]}\n')
    assert run(folder).returncode == 0


def test_inline_ignore_with_reason(folder: Path) -> None:
    text = BAD.replace("maximize}", "maximize}  # hpadvisor: ignore[SPC016] reported negated")
    (folder / "sweep.yaml").write_text(text)
    done = run(folder)
    assert done.returncode == 0
    assert b"1 hidden by comments" in done.stdout


def test_ignore_on_the_line_above_and_for_the_file(folder: Path) -> None:
    (folder / "sweep.yaml").write_text(
        BAD.replace("metric:", "# hpadvisor: ignore[SPC016] negated\n\n# more\nmetric:")
    )
    assert run(folder).returncode == 0
    (folder / "sweep.yaml").write_text("# hpadvisor: ignore-file[SPC] generated\n" + BAD)
    assert run(folder).returncode == 0


def test_unused_and_bare_ignores_are_reported(folder: Path) -> None:
    (folder / "sweep.yaml").write_text(GOOD + "# hpadvisor: ignore[SPC016] once needed\n")
    assert b"CFG037" in run(folder, "--format", "concise").stdout
    (folder / "sweep.yaml").write_text(BAD.replace("maximize}", "maximize}  # hpadvisor: ignore"))
    done = run(folder, "--format", "concise", "--persona", "pedantic")
    assert b"CFG038" in done.stdout
    assert b"SPC016" not in done.stdout


def test_ignore_inside_of_a_text_is_no_comment(folder: Path) -> None:
    text = GOOD.replace("val_loss", '"# hpadvisor: ignore[SPC001] no"')
    (folder / "sweep.yaml").write_text(text)
    assert b"CFG037" not in run(folder, "--format", "concise").stdout


def test_baseline_hides_by_rule_path_and_key_path(folder: Path) -> None:
    assert run(folder, "--write-baseline", "known.json").returncode == 0
    entry = json.loads((folder / "known.json").read_text())["findings"]
    assert entry == [{"rule": "SPC016", "path": "sweep.yaml", "key_path": "metric.goal"}]
    (folder / "sweep.yaml").write_text("# a line more\n" + BAD)
    assert run(folder, "--baseline", "known.json").returncode == 0
    (folder / "other.yaml").write_text(BAD)
    done = run(folder, "--baseline", "known.json", "--format", "concise")
    assert done.returncode == 1
    assert b"other.yaml" in done.stdout
    assert b"sweep.yaml" not in done.stdout


def test_folders_of_outputs_and_ignored_files_are_left_out(folder: Path) -> None:
    for name in ("outputs", "wandb", ".hydra", "kept", "private"):
        (folder / name).mkdir()
        (folder / name / "sweep.yaml").write_text(BAD)
    (folder / ".gitignore").write_text("private/\n*.tmp.yaml\n!kept.tmp.yaml\n")
    (folder / "a.tmp.yaml").write_text(BAD)
    (folder / "kept.tmp.yaml").write_text(BAD)
    found = set(json.loads(run(folder, "--format", "json").stdout)["formats"])
    assert found == {"sweep.yaml", "kept/sweep.yaml", "kept.tmp.yaml"}
    everything = set(
        json.loads(run(folder, "--format", "json", "--no-gitignore").stdout)["formats"]
    )
    assert everything - found == {"private/sweep.yaml", "a.tmp.yaml"}


def test_exclude(folder: Path) -> None:
    (folder / "old").mkdir()
    (folder / "old" / "sweep.yaml").write_text(BAD)
    document = json.loads(run(folder, "--format", "json", "--exclude", "old").stdout)
    assert set(document["formats"]) == {"sweep.yaml"}


def test_standard_input(folder: Path) -> None:
    done = run(
        folder, "--stdin-filename", "conf/sweep.yaml", "--format", "concise", data=BAD.encode()
    )
    assert done.returncode == 1
    assert done.stdout.startswith(b"conf/sweep.yaml:2:32:")


def test_fix_writes_and_diff_does_not(folder: Path) -> None:
    path = folder / "sweep.yaml"
    done = run(folder, "--diff", "--unsafe-fixes")
    assert done.returncode == 1
    assert b"+metric: {name: val_loss, goal: minimize}" in done.stdout
    assert path.read_text() == BAD
    assert run(folder, "--fix").returncode == 1
    assert path.read_text() == BAD
    path.chmod(0o640)
    assert run(folder, "--fix", "--unsafe-fixes").returncode == 0
    assert path.read_text() == GOOD
    assert path.stat().st_mode & 0o777 == 0o640


def test_fix_of_standard_input_prints_the_text(folder: Path) -> None:
    data = BAD.replace("\n", "\r\n").encode()
    done = run(folder, "--stdin-filename", "s.yaml", "--fix", "--unsafe-fixes", data=data)
    assert done.stdout == data.replace(b"maximize", b"minimize")


def test_own_rules(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "own.yaml").write_text(
        "sources: [{id: mine, title: Ours, kind: guide}]\n"
        "rules:\n"
        "  - {id: SPC900, title: Constant, topic: space, applies_to: [check], each: parameter,\n"
        "     when: {fact: parameter.varies, eq: false}, severity: warning,\n"
        "     at: [parameter.name],\n"
        "     message: \"'{parameter.name}' is constant\", advice: Search it., evidence: F,\n"
        "     sources: [{cite: mine}],\n"
        "     examples: [{given: {parameter.varies: false}, expect: match},\n"
        "                {given: {parameter.varies: true}, expect: no-match}]}\n"
    )
    done = run(folder, "sweep.yaml", "--rules", "mine", "--format", "concise")
    assert b"sweep.yaml:4:3: warning SPC900 'lr' is constant" in done.stdout


def test_check_leaves_heavy_modules_alone(folder: Path) -> None:
    code = (
        "import sys; from hpadvisor.cli.main import run; sys.argv = ['hpadvisor', 'check']\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('pydantic', 'rich.table', 'numpy', 'jsonschema') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
