"""Fixes: the finding is gone, the document is otherwise equal, every other byte stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpadvisor.checking.edits import with_dot
from hpadvisor.checking.findings import CheckResult
from hpadvisor.checking.fixing import Fixed, fix_document
from hpadvisor.checking.running import Checking
from hpadvisor.checking.settings import CheckSettings
from hpadvisor.engine.entries import Rule
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.readers.documents import parse_document
from hpadvisor.readers.yaml_nodes import Node, plain_scalar

FIXABLE = [r for r in load_knowledge().rules if "check" in r.applies_to and r.fix]
CASES = [pytest.param(r, c, id=r.id) for r in FIXABLE for c in r.cases]


def fixed(data: bytes, name: str, rule: str, *, unsafe: bool = True) -> tuple[Fixed, list[str]]:
    checking = Checking(
        CheckSettings(persona="pedantic", select=(rule,) if rule != "CFG037" else ())
    )
    file = checking.check(parse_document(data, name), CheckResult())
    before = [f.rule.id for f in file.findings]
    done = fix_document(checking, file, unsafe=unsafe)
    assert done is not None
    return done, before


def rules_left(done: Fixed, rule: str) -> list[str]:
    checking = Checking(CheckSettings(persona="pedantic"))
    file = checking.check(done.after, CheckResult())
    return [f.rule.id for f in file.findings if f.rule.id == rule]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_the_finding_is_gone(rule: Rule, case: dict[str, str]) -> None:
    done, before = fixed(case["wrong"].encode(), case["file"], rule.id)
    assert rule.id in before
    assert done.count >= 1
    assert rules_left(done, rule.id) == []


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_a_second_fix_changes_nothing(rule: Rule, case: dict[str, str]) -> None:
    done, _ = fixed(case["wrong"].encode(), case["file"], rule.id)
    again, _ = fixed(done.after.data, case["file"], rule.id)
    assert again.after.data == done.after.data


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_unsafe_fixes_need_to_be_asked_for(rule: Rule, case: dict[str, str]) -> None:
    assert rule.fix is not None
    done, _ = fixed(case["wrong"].encode(), case["file"], rule.id, unsafe=False)
    assert (done.count > 0) == (rule.fix["safety"] == "safe")


def values(node: Node) -> Any:
    """Return a document by YAML 1.2, the last of two equal keys winning."""
    if node.kind == "scalar":
        return node.text if node.quoted else plain_scalar(node.text)
    if node.kind == "sequence":
        return [values(item) for item in node.items]
    return {key.text: values(value) for key, value in node.pairs}


NUMBERS = st.from_regex(r"[1-9][0-9]{0,2}e-?[1-9]", fullmatch=True)
PADS = st.text(" ", max_size=4)
COMMENTS = st.sampled_from(["", "  # é comment", " # 1e-9", "\t# tab"])
ENDS = st.sampled_from(["\n", "\r\n"])
KEYS = st.lists(st.sampled_from(["seed", "b", "note", "é", "batch_size"]), max_size=4, unique=True)


@given(number=NUMBERS, pad=PADS, comment=COMMENTS, end=ENDS, keys=KEYS, bom=st.booleans())
def test_safe_fix_keeps_every_other_byte_and_the_values(
    number: str, pad: str, comment: str, end: str, keys: list[str], bom: bool
) -> None:
    rest = [f"  {key}: {{values: [1, 2]}}{end}" for key in keys]
    head = f"method: bayes{end}metric: {{name: val_loss, goal: minimize}}{end}parameters:{end}"
    line = f"  lr: {{distribution: log_uniform_values, min: {pad}{number}, max: 1000000000000.5}}"
    text = head + "".join(rest[:2]) + line + comment + end + "".join(rest[2:])
    data = (b"\xef\xbb\xbf" if bom else b"") + text.encode()
    done, before = fixed(data, "sweep.yaml", "SPC006", unsafe=False)
    assert before == ["SPC006"]
    at = data.index(f": {pad}{number},".encode()) + len(f": {pad}")
    mended = with_dot(number)
    assert mended is not None
    assert done.after.data == data[:at] + mended.encode() + data[at + len(number) :]
    assert values(done.after.roots[0]) == values(done.before.roots[0])


@given(
    first=st.integers(0, 99),
    last=st.integers(100, 199),
    end=ENDS,
    comment=COMMENTS,
    tail=st.booleans(),
)
def test_dropping_the_lost_key_leaves_what_loaders_read(
    first: int, last: int, end: str, comment: str, tail: bool
) -> None:
    dead = f"epochs: {first}{comment}{end}"
    text = f"lr: 0.1{end}{dead}seed: 1{end}epochs: {last}" + (end if tail else "")
    done, before = fixed(text.encode(), "train.yaml", "CFG022", unsafe=False)
    assert before == ["CFG022"]
    assert done.after.text == text.replace(dead, "", 1)
    assert values(done.after.roots[0]) == values(done.before.roots[0])


@given(NUMBERS | st.from_regex(r"[-+]?[0-9]*\.?[0-9]*[eE][-+]?[0-9]{1,2}", fullmatch=True))
def test_number_with_dot_is_the_same_number(text: str) -> None:
    mended = with_dot(text)
    if mended is None:
        return
    import yaml

    assert yaml.safe_load(mended) == float(text)
