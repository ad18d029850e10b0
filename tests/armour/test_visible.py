"""Text of users reaches nothing but the eye: control characters are written out."""

from __future__ import annotations

import json

import pytest
import yaml

from hpadvisor.errors import UserError
from hpadvisor.records import Record
from hpadvisor.visible import (
    has_control,
    json_text,
    one_line,
    shown,
    visible,
    visible_beside_color,
    yaml_text,
)

HOSTILE = "a\x1b]0;title\x07b\x9bc\x7f\u202ed\u2028e\ud800f\u200bg\ufeff"


def test_control_characters_are_written_out() -> None:
    text = visible(HOSTILE)
    assert not has_control(text)
    assert text.isprintable()
    assert "\\x1b]0;title\\x07" in text
    assert "\\u202e" in text


def test_lines_stay_in_texts_and_not_in_names() -> None:
    assert visible("a\nb\tc") == "a\nb\tc"
    assert one_line("a\nb\tc\r") == "a\\nb\\tc\\r"


def test_other_scripts_are_left_alone() -> None:
    for text in ("学習率", "טעות", "точность", "é", "👩\u200d👩"):
        assert one_line(text) == text


def test_colours_of_a_report_stay() -> None:
    text = "\x1b[1;31mbold\x1b[0m \x1b[2J \x1b]0;x\x07"
    assert visible_beside_color(text) == "\x1b[1;31mbold\x1b[0m \\x1b[2J \\x1b]0;x\\x07"


def test_json_is_the_same_document() -> None:
    document = {HOSTILE: [HOSTILE, 1.5, float("nan"), float("inf")], "é": None}
    text = json_text(document)
    assert not has_control(text.replace("\n", ""))
    assert json.loads(text) == {HOSTILE: [HOSTILE, 1.5, None, None], "é": None}
    assert "é" in text


def test_yaml_is_the_same_document() -> None:
    hostile = HOSTILE.replace("\ud800", "")
    document = {"a: b #": hostile, "true": "yes", hostile: ["1e-5", 1e-05, "é"]}
    text = yaml_text(document)
    assert not has_control(text.replace("\n", ""))
    assert yaml.safe_load(text) == document


class Named(Record):
    """A record as the rooms use."""

    name: str
    parts: list[tuple[str, int]]


def test_results_are_shown_in_lines_of_their_own() -> None:
    found = shown(Named("a\nb", [("c\x1b", 1)]))
    assert found == Named("a\\nb", [("c\\x1b", 1)])


@pytest.mark.parametrize("part", ["what", "path", "remedy"])
def test_errors_are_one_line(part: str) -> None:
    texts = {"what": "wrong", "path": "file", "remedy": "Mend it."} | {part: HOSTILE + "\nx"}
    line = str(UserError(texts["what"], path=texts["path"], remedy=texts["remedy"]))
    assert not has_control(line)
    assert len(str(UserError("long " * 10_000, path="p" * 5_000))) < 1_000


def test_a_question_is_no_sentence_without_an_end() -> None:
    assert str(UserError("Did you mean 'a'?", remedy="Say so.")) == "Did you mean 'a'? Say so."
    assert str(UserError("missing.", remedy="Say so.")) == "missing. Say so."
