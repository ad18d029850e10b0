"""Commands with placeholders: filled as a list of arguments, refused where nobody can."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpadvisor.errors import UserError
from hpadvisor.running.derived import read_derived, with_derived
from hpadvisor.running.gpus import read_gpus, shares
from hpadvisor.running.placeholders import check_names, command_line


def test_values_become_arguments() -> None:
    command = command_line(["python", "t.py", "--lr={learning_rate}", "optim.wd={wd}", "{seed}"])
    assert command.names == ["learning_rate", "wd", "seed"]
    assert command.hyperparameters == ["learning_rate", "wd"]
    filled = command.fill({"learning_rate": 1e-5, "wd": 0.0, "seed": 3})
    assert filled == ["python", "t.py", "--lr=1e-05", "optim.wd=0.0", "3"]


def test_other_braces_stay() -> None:
    command = command_line(["x", '{"lr": {lr}, "a": {}}', "{{lr}}", "{1}", "${HOME}", "{a b}"])
    assert command.names == ["lr", "HOME"]
    assert command.fill({"lr": 2, "HOME": "h"})[1:3] == ['{"lr": 2, "a": {}}', "{lr}"]


@given(st.text(), st.text())
def test_a_value_never_becomes_another_argument(value: str, around: str) -> None:
    command = command_line(["train", "--name={name}", around.replace("{", "")])
    filled = command.fill({"name": value})
    assert len(filled) == 3
    assert filled[1] == f"--name={value}"


def test_a_value_is_not_filled_again() -> None:
    assert command_line(["{a}", "{b}"]).fill({"a": "{b}", "b": "x"}) == ["{b}", "x"]


def test_nothing_to_run_is_refused() -> None:
    with pytest.raises(UserError, match="no command"):
        command_line([])


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UserError, match="learning_rate"):
        check_names(["learning_rat"], ["learning_rate", "dropout"])


FORMS = {
    "0.1 * learning_rate": pytest.approx(0.0003),
    "0.1 × learning_rate": pytest.approx(0.0003),
    "batch / 4": 8,
    "batch / 5": 6.4,
    "1 - momentum": pytest.approx(0.1),
    "2 ** depth": 64,
    "seed + 100": 107,
    "batch * workers": 64,
}
VALUES: dict[str, object] = {
    "learning_rate": 0.003,
    "batch": 32,
    "momentum": 0.9,
    "depth": 6,
    "seed": 7,
    "workers": 2,
}


@pytest.mark.parametrize(("form", "value"), FORMS.items())
def test_derived_values(form: str, value: object) -> None:
    assert with_derived(VALUES, read_derived({"it": form}))["it"] == value


def test_derived_values_may_hang_on_each_other() -> None:
    forms = {"a": "b * 2", "b": "batch / 4"}
    assert with_derived(VALUES, read_derived(forms))["a"] == 16


@pytest.mark.parametrize(
    "form",
    ["lr", "2 +", "__import__('os')", "a * b * c", "lr if 1 else 2", "it * 2", "1e999 * nothing"],
)
def test_what_is_no_form_is_refused(form: str) -> None:
    with pytest.raises(UserError):
        with_derived(VALUES, read_derived({"it": form}))


@pytest.mark.parametrize("form", ["batch / 0", "9.9 ** 1e9", "-1.0 ** 0.5", "2 ** 100000000"])
def test_what_is_no_number_is_refused(form: str) -> None:
    with pytest.raises(UserError, match="no number"):
        with_derived({**VALUES, "one": -1.0}, read_derived({"it": form.replace("-1.0", "one")}))


def test_gpus() -> None:
    assert read_gpus("0-2, 5,GPU-8f2a") == ["0", "1", "2", "5", "GPU-8f2a"]
    assert shares(read_gpus("0-4"), 2) == [["0", "1"], ["2", "3"]]


@pytest.mark.parametrize("text", ["", "a", "3-1", "0,0", "0-99999999", "-1"])
def test_wrong_gpus(text: str) -> None:
    with pytest.raises(UserError):
        read_gpus(text)


def test_too_few_gpus() -> None:
    with pytest.raises(UserError, match="needs 4 GPUs"):
        shares(["0"], 4)
