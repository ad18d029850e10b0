"""A complete grid whose best lies at an end; a table without a header; past runs are no search."""

from __future__ import annotations

from pathlib import Path

import pytest

import hpadvisor
from hpadvisor.auditing.composer import compose_audit
from hpadvisor.auditing.model import Audit, History
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.facts.searches.meaning import give_meaning
from hpadvisor.readers.searches.files import csv_rows
from hpadvisor.readers.searches.record import Parameter, State, Study, Trial
from hpadvisor.report.searches.text import headline
from tests.cli.running import hpadvisor as command

RATES = (0.01, 0.1, 1.0)
DEPTHS = (3, 6, 9)


def grid(folder: Path, best_depth: int, lead: float) -> Audit:
    """A full grid; the rate's middle wins, and one depth is ahead of the others by a lead."""
    rows = [
        f"{rate},{depth},{gamma},"
        f"{0.8 - 0.1 * (rate != 0.1) + lead * (depth == best_depth and rate == 0.1):.4f}"
        for rate in RATES
        for depth in DEPTHS
        for gamma in (0.01, 0.1)
    ]
    table = folder / "grid.csv"
    text = "\n".join(["learning_rate,max_depth,gamma,val_accuracy", *rows])
    table.write_text(f"{text}\n", encoding="utf-8")
    audit: Audit = hpadvisor.audit(table, noise=0.005)
    return audit


@pytest.mark.parametrize(("depth", "lead", "changed"), [
    (3, 0.02, True), (9, 0.02, True), (6, 0.02, False), (3, 0.002, False)])  # fmt: skip
def test_a_done_grid_goes_on_beyond_the_end_that_won(
    tmp_path: Path, depth: int, lead: float, changed: bool
) -> None:
    audit = grid(tmp_path, depth, lead)
    one = next(item for item in audit.next_space if item.name == "max_depth")
    assert (audit.decision == "change_space") is changed
    assert (one.change == "extended") is changed
    if changed:
        assert f"max_depth ({depth})" in " ".join(audit.reasons)
        beyond = one.low if depth == 3 else one.high
        assert beyond is not None
        assert 1 <= beyond < 3 or beyond > 9


@pytest.mark.parametrize("text", [
    "0.1,16,0.711\n0.01,32,0.72\n0.001,64,0.73\n",
    "0.1\t16\t0.711\n0.01\t32\t0.72\n0.001\t64\t0.73\n",
    "0,1;0,16;0,711\n0,01;0,32;0,72\n0,001;0,64;0,73\n",
    "adam,0.1,16,0.711\nsgd,0.01,32,0.72\nadam,0.001,64,0.73\n",
])  # fmt: skip
def test_a_table_without_names_is_not_sent_in_a_circle(tmp_path: Path, text: str) -> None:
    table = tmp_path / "table.csv"
    table.write_text(text, encoding="utf-8")
    outcome = command("audit", table)
    assert outcome.returncode == 2
    assert "no header line" in outcome.stderr
    assert "hpadvisor diagnose" not in outcome.stderr
    named = tmp_path / "named.csv"
    sign = next(one for one in "\t;," if one in text)
    names = ["optimizer", "learning_rate", "batch_size", "val_accuracy"]
    header = sign.join(names[-1 - text[: text.index("\n")].count(sign) :])
    named.write_text(f"{header}\n{text}", encoding="utf-8")
    outcome = command("audit", named)
    assert outcome.returncode in (0, 1), outcome.stderr


def test_columns_named_by_their_number_are_names(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("0,1,2\n0.1,16,0.7\n0.2,32,0.8\n", encoding="utf-8")
    assert "no header line" not in command("audit", table).stderr


def test_past_runs_are_not_told_to_go_on_with_a_search(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    table.write_text(
        "run,lr,dropout,val_loss\na,0.001,0.1,0.50\nb,0.003,0.1,0.45\nc,0.003,0.3,0.60\n",
        encoding="utf-8",
    )
    text = command("audit", table).stdout
    assert "Go on by hand, with the trainings below." in text
    assert "this search" not in text.replace("to judge a search", "")


def test_every_decision_about_past_runs_speaks_of_runs(tmp_path: Path) -> None:
    audit = grid(tmp_path, 3, 0.02)
    past = History(runs=[], effects=[], untouched={}, next=[])
    for decision in ("continue", "stop", "change_space"):
        told = audit.model_copy(update={"history": past, "decision": decision})
        assert "search" not in headline(told)
        assert "search" in headline(told.model_copy(update={"history": None}))


@pytest.mark.parametrize(("cells", "expected"), [
    (("0,001", "0,5", "1e-3"), [0.001, 0.5]),
    (("12,5", "1,5", "x"), [12.5, 1.5]),
    (("1,000", "2,000", "x"), ["1,000", "2,000"]),  # thousands, for all that one can tell
    (("0,001", "0.5", "x"), ["0,001", 0.5]),
])  # fmt: skip
def test_decimal_commas_are_numbers_where_they_part_no_thousands(
    cells: tuple[str, ...], expected: list[object]
) -> None:
    _, rows = csv_rows(f"a;b;c\n{';'.join(cells)}\n", "table.csv")
    row = next(rows)
    told = [float(row[n]) if "," not in row[n] else row[n] for n in "ab"]
    assert told == expected


@pytest.mark.parametrize(("size", "wins"), [(8, True), (32, False)])
def test_the_listed_value_that_all_good_trials_took_is_said_without_a_noise(
    tmp_path: Path, size: int, *, wins: bool
) -> None:
    """Few trials, a rate that hides the size's importance: yet the five best all took one size."""
    rows = []
    for number in range(20):
        batch = (8, 16, 32, 64)[number % 4]
        loss = 0.6 + 0.07 * (number * 7 % 20) / 20 - 0.15 * (batch == size)
        rows.append(
            f"{1e-4 * 1.5 ** (number * 3 % 11):.2g},{batch},{10 + number * 13 % 41},{loss:.4f}"
        )
    table = tmp_path / "trials.csv"
    text = "\n".join(["learning_rate,batch_size,epochs,val_loss", *rows])
    table.write_text(f"{text}\n", encoding="utf-8")
    audit: Audit = hpadvisor.audit(table)
    said = " ".join(audit.reasons)
    assert ("batch_size (low end, 8)" in said) is wins
    epochs = next(one for one in audit.next_space if one.name == "epochs")
    assert "early stopping" in epochs.reason


def test_scores_in_per_cent_are_scores(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    table.write_text(
        "lr,dropout,Val acc\n0.1,0.1,81.5%\n0.01,0.1,85.25 %\n0.001,0.1,80%\n", encoding="utf-8"
    )
    audit: Audit = hpadvisor.audit(table)
    assert audit.study.best is not None
    assert audit.study.best.value == 85.25


@pytest.mark.parametrize(("ahead", "said"), [(8, True), (32, False)])
def test_that_most_good_trials_took_the_lowest_listed_value_is_said(
    ahead: int, *, said: bool
) -> None:
    """A list that a user gave, and one good trial beside it: no test says so, the table does."""
    choices = (8, 16, 32, 64)
    trials = [
        Trial(n, State.COMPLETE, {"batch_size": size, "lr": 10 ** -(1 + n % 5)},
              0.5 + 0.01 * (n % 7) - 0.1 * (n in {1, 3, 5, 7, 13}))
        for n in range(20) for size in [ahead if n % 2 else choices[n // 2 % 4]]
    ]  # fmt: skip
    trials[13].params["batch_size"] = 64
    space = [Parameter("batch_size", "categorical", choices=choices),
             Parameter("lr", "float", 1e-5, 1e-1, "log")]  # fmt: skip
    knowledge = load_knowledge()
    study = Study("s", "optuna", "minimize", "loss", space, trials)
    give_meaning(study, knowledge.vocabulary())
    audit, _ = compose_audit(study, knowledge)
    size = next(one for one in audit.next_space if one.name == "batch_size")
    assert ("best took 8, the lowest tried" in size.reason) is said


@pytest.mark.parametrize(
    ("levels", "role", "most"),
    [((8, 16), "batch_size", 32), ((15, 31), "num_leaves", 64), ((0.001, 10.0), "alpha", 100.0)],
)
def test_a_short_list_goes_on_by_one_step_and_at_most_a_decade(
    tmp_path: Path, levels: tuple[float, float], role: str, most: float
) -> None:
    rows = [
        f"{level},{other},{0.6 + 0.1 * (level == levels[1]) + 0.001 * other}"
        for level in levels
        for other in range(1, 11)
    ]
    table = tmp_path / "list.csv"
    table.write_text("\n".join([f"params_{role},params_zeta,val_acc", *rows]) + "\n")
    audit: Audit = hpadvisor.audit(table, noise=0.002)
    item = next(one for one in audit.next_space if one.name == role)
    assert item.change == "extended"
    assert item.high == pytest.approx(most, rel=0.04)
