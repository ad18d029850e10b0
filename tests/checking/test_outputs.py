"""The forms of output, each read back by what it is made for."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from hpadvisor.checking.findings import CheckResult
from hpadvisor.checking.running import check_text
from hpadvisor.report.check import FORMATS, render
from hpadvisor.report.check.machines import json_schema

DATA = Path(__file__).parent / "data"
SWEEP = b"""\
method: bayes
metric: {name: val_loss, goal: maximize}
parameters:
  lr: {distribution: log_uniform_values, min: 1e-5, max: 0.01}
  epochs: {values: [3, 5]}
"""


@pytest.fixture(scope="module")
def result() -> CheckResult:
    return check_text(SWEEP, "a folder/sweep é.yaml")


def test_full_shows_the_code_and_a_caret_under_the_place(result: CheckResult) -> None:
    lines = render(result, "full").split("\n")
    at = lines.index("4 |   lr: {distribution: log_uniform_values, min: 1e-5, max: 0.01}")
    assert lines[at + 1].index("^") - lines[at].index("1e-5") == 0
    assert lines[at + 1].count("^") == len("1e-5")
    assert lines[at - 2] == " --> a folder/sweep é.yaml:4:47"


def test_full_is_plain_without_color(result: CheckResult) -> None:
    assert "\033" not in render(result, "full")
    assert "\033[1;31m" in render(result, "full", color=True)


def test_caret_stands_right_behind_wide_characters_and_tabs() -> None:
    text = (
        'method: bayes\nmetric: {name: "損失 val_loss",\tgoal: maximize}\n'
        "parameters: {lr: {value: 1}}\n"
    )
    lines = render(check_text(text.encode(), "sweep.yaml"), "full").split("\n")
    at = next(n for n, line in enumerate(lines) if "goal: maximize" in line)
    before = lines[at][: lines[at].index("maximize")]
    pad = lines[at + 1][: lines[at + 1].index("^")]
    assert pad.count("\t") == before.count("\t")
    assert len(pad) == len(before) + 2  # two characters that take two columns


def test_concise_is_a_line_for_each_finding(result: CheckResult) -> None:
    lines = render(result, "concise").splitlines()
    assert len(lines) == len(result.findings)
    assert lines[0].startswith("a folder/sweep é.yaml:2:32: warning SPC016 ")


def test_json_fits_its_schema(result: CheckResult) -> None:
    document = json.loads(render(result, "json"))
    jsonschema.Draft202012Validator(json_schema()).validate(document)
    assert document["formats"] == {"a folder/sweep é.yaml": "wandb-sweep"}
    assert [f["rule"] for f in document["findings"]] == ["SPC016", "SPC006"]


def test_sarif_fits_the_standard(result: CheckResult) -> None:
    document = json.loads(render(result, "sarif"))
    schema = json.loads((DATA / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    jsonschema.Draft4Validator(schema).validate(document)
    run = document["runs"][0]
    assert run["results"][0]["properties"] == {"persona": "default", "confidence": "medium"}
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%20folder/sweep%20%C3%A9.yaml"
    rules = run["tool"]["driver"]["rules"]
    for found in run["results"]:
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"]


def test_sarif_without_findings_fits_the_standard() -> None:
    document = json.loads(render(CheckResult(), "sarif"))
    schema = json.loads((DATA / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    jsonschema.Draft4Validator(schema).validate(document)


def test_github_escapes_what_would_end_a_command(result: CheckResult) -> None:
    first = render(result, "github").splitlines()[0]
    assert first.startswith("::warning file=a folder/sweep é.yaml,line=2,col=32,endLine=2,title=")
    head, _, message = first.removeprefix("::").partition("::")
    assert head.count(",") == 4
    assert message.startswith("the search shall")


def test_gitlab_has_unique_fingerprints(result: CheckResult) -> None:
    entries = json.loads(render(result, "gitlab"))
    assert {e["check_name"] for e in entries} == {"SPC016", "SPC006"}
    assert len({e["fingerprint"] for e in entries}) == len(entries)
    assert entries[0]["location"]["lines"]["begin"] == 2


def test_junit_counts_its_failures(result: CheckResult) -> None:
    root = ElementTree.fromstring(render(result, "junit"))  # noqa: S314 - our own output
    assert root.attrib["failures"] == "2"
    assert len(root.findall("./testsuite/testcase/failure")) == 2


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_bears_an_empty_result(form: str) -> None:
    assert isinstance(render(CheckResult(), form), str)
