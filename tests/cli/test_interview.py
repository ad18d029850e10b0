"""Questions at a real terminal: a pseudo-terminal answers them as a person would."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from pathlib import Path

import yaml

DEADLINE = 60.0


def converse(arguments: list[str], answers: dict[str, str], folder: Path) -> tuple[str, int]:
    """Run the command on a terminal; answer each question whose words appear, once.

    Returns:
        Everything that was shown, and the exit code.
    """
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execv(sys.executable, [sys.executable, "-m", "hpadvisor", *arguments])
    shown, open_answers, seen = b"", dict(answers), 0
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        tail = shown[seen:].decode(errors="replace")
        if "> " in tail:
            question = next((q for q in open_answers if q in tail), None)
            reply = open_answers.pop(question) if question else ""
            seen = len(shown)
            os.write(terminal, f"{reply}\n".encode())
    _, status = os.waitpid(child, 0)
    return shown.decode(errors="replace"), os.waitstatus_to_exitcode(status)


ANSWERS = {
    "What kind of training": "lora",
    "good enough": "no",
    "Which optimizer": "",
    "How many training examples": "20k",
    "What do the curves show": "overfitting",
    "How many epochs": "3",
    "How long does one full training": "2h",
    "How many hours may the whole": "2d",
}


def test_asks_what_decides_most_and_saves_the_answers(tmp_path: Path) -> None:
    shown, code = converse(["plan", "--save", "s.yaml"], ANSWERS, tmp_path)
    assert code == 0, shown
    saved = yaml.safe_load((tmp_path / "s.yaml").read_text())
    assert saved["training"]["kind"] == "lora"
    assert saved["budget"] == {"hours": 48, "hours_per_training": 2}
    assert saved["symptoms"] == ["overfitting"]
    assert "ranges and priorities differ" in shown  # why it asks


def test_a_wrong_answer_is_asked_again(tmp_path: Path) -> None:
    wrong = {"What kind of training": "lorra", "is no kind of training": "lora"}
    shown, code = converse(["plan"], ANSWERS | wrong, tmp_path)
    assert code == 0, shown
    assert "Did you mean 'lora'?" in shown


def test_a_good_score_ends_the_questions(tmp_path: Path) -> None:
    shown, code = converse(["plan"], ANSWERS | {"good enough": "yes"}, tmp_path)
    assert code == 0
    assert "How many hours" not in shown.split("LEAVE")[0]


def test_no_input_never_asks(tmp_path: Path) -> None:
    shown, code = converse(["plan", "--no-input"], {}, tmp_path)
    assert code == 0
    assert "A few questions" not in shown


def test_enough_said_is_not_asked(tmp_path: Path) -> None:
    shown, code = converse(["plan", "--training", "lora", "--trainings", "5"], {}, tmp_path)
    assert code == 0
    assert "A few questions" not in shown


def test_questions_are_numbered_and_answers_echoed(tmp_path: Path) -> None:
    numbered = {"What kind of training": "15", "What do the curves show": "2"}  # the alphabet's
    shown, code = converse(["plan"], ANSWERS | numbered, tmp_path)
    assert code == 0, shown
    assert "Question 1 of " in shown
    assert "training.kind: lora" in shown
    assert "symptoms: overfitting" in shown
    assert "budget.hours: 48 hours" in shown


def test_a_file_that_exists_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("task: {}\n")
    shown, code = converse(["plan", "--save", "s.yaml"], ANSWERS, tmp_path)
    assert code == 2
    assert "exists already" in shown
    assert "Question" not in shown


def test_whoever_breaks_off_finds_the_answers_in_the_saved_file(tmp_path: Path) -> None:
    end_of_input = ANSWERS | {"Which optimizer": "\x04"}
    shown, code = converse(["plan", "--save", "s.yaml"], end_of_input, tmp_path)
    assert code != 0, shown
    saved = yaml.safe_load((tmp_path / "s.yaml").read_text())
    assert saved["training"]["kind"] == "lora"
    assert saved["task"]["acceptable"] is False
