"""The published schemas are sound, and the files that name one name a file that is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from hpadvisor.readers.plain_yaml import load_plain_yaml
from hpadvisor.report.schemas import SCHEMAS, schema
from tests.cli.running import called
from tests.support import ROOT

NAMED = re.compile(r"^# yaml-language-server: \$schema=(\S+)$", re.MULTILINE)
PUBLISHED = ROOT / "docs" / "schema"
FILES = sorted([*(ROOT / "rules").rglob("*.yaml"), *(ROOT / "hpadvisor/examples").glob("*.yaml")])


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_published_schema_is_sound(name: str) -> None:
    published = json.loads((PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(published)
    assert published == schema(name)


def test_shipped_files_name_their_schema() -> None:
    unnamed = 0
    for path in FILES:
        named = NAMED.findall(path.read_text(encoding="utf-8"))
        kind = "rules" if path.is_relative_to(ROOT / "rules") else "situation"
        unnamed += not named
        for name in named:
            assert (path.parent / name).resolve() == PUBLISHED / f"{kind}.schema.json", path
    assert unnamed <= 0.1 * len(FILES)  # a new file may forget it; most must not


def test_a_schema_is_written_to_a_file(tmp_path: Path) -> None:
    run = called("schema", "check", "-o", "check.schema.json", cwd=tmp_path)
    assert run.returncode == 0
    assert json.loads((tmp_path / "check.schema.json").read_text("utf-8")) == schema("check")


def test_a_new_rule_names_a_schema_that_accepts_it(tmp_path: Path) -> None:
    run = called("rules", "new", "mine/warmup.yaml", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    text = (tmp_path / "mine" / "warmup.yaml").read_text(encoding="utf-8")
    (named,) = NAMED.findall(text)
    found = json.loads((tmp_path / "mine" / named).read_text(encoding="utf-8"))
    jsonschema.validate(load_plain_yaml(text), found)
    run = called("rules", "test", "mine", cwd=tmp_path)
    assert "1 entries, 3 examples, 0 failed" in run.stdout
    broken = text.replace("training.optimizer", "training.optimiser")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(load_plain_yaml(broken), found)
