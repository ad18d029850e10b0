"""Results in people's hands: every form of each, and what they are made from."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import optuna
import pytest

import hpadvisor
from hpadvisor.diagnosing.model import Diagnosis
from hpadvisor.errors import UserError
from hpadvisor.readers.searches.record import ReadOptions
from hpadvisor.showing import Showable

EPOCHS = np.arange(40)
CURVES = {"train_loss": 2 * 0.9**EPOCHS + 0.1, "val_loss": 2 * 0.9**EPOCHS + 0.2}
LISTS = {name: values.tolist() for name, values in CURVES.items()}
ALL_FORMS = ("to_dict", "to_json", "to_text", "to_markdown", "to_html", "to_svg", "_repr_html_")


def study() -> optuna.Study:
    """Thirty trials over two hyperparameters, kept in memory."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    made = optuna.create_study(
        study_name="in hand", direction="minimize", sampler=optuna.samplers.RandomSampler(3)
    )

    def train(trial: optuna.Trial) -> float:
        rate = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
        return (math.log10(rate) + 3) ** 2 + trial.suggest_int("depth", 1, 4) / 100

    made.optimize(train, n_trials=30)
    return made


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Showable]:
    config = tmp_path_factory.mktemp("configs") / "train.yaml"
    config.write_text("optimizer: adamw\nlearning_rate: 5.0\n", "utf-8")
    return {
        "plan": hpadvisor.plan({"training": {"kind": "lora"}, "budget": {"trainings": 12}}),
        "diagnosis": hpadvisor.diagnose(CURVES),
        "audit": hpadvisor.audit(study()),
        "check": hpadvisor.check(config),
        "changes": changes(config.parent),
    }


def changes(folder: Path) -> Showable:
    """A training, and one with another rate that ends lower."""
    for name, level in (("base", 0.9), ("after", 0.6)):
        rows = [f"{n},{level + 1.5 * 0.8**n:.4f},{level + 1.6 * 0.8**n:.4f}" for n in range(30)]
        text = "epoch,train_loss,val_loss\n" + "\n".join(rows)
        (folder / f"{name}.csv").write_text(text, "utf-8")
    found = hpadvisor.diagnose_changes(
        folder / "base.csv", [folder / "after.csv"], changes=["learning_rate=×3"]
    )
    assert repr(found) == "<ChangeReport: learning rate × 3: The change won>"
    return found


@pytest.mark.parametrize("kind", ["plan", "diagnosis", "audit", "check", "changes"])
def test_every_result_has_every_form(results: Mapping[str, Showable], kind: str) -> None:
    result = results[kind]
    assert set(ALL_FORMS[:-1]) <= set(dir(result))
    data = result.to_dict()
    assert data["schema_version"]
    assert json.loads(result.to_json()) == data
    assert result.to_text(why=True) != ""
    assert result.to_markdown().startswith("#")
    assert result.to_html().startswith("<!doctype html>")
    cell = result._repr_html_()
    assert "<script" not in cell
    assert all(svg.startswith("<svg") for svg in result.to_svg().values())
    assert cell.count("<svg") == len(result.to_svg())
    assert bool(result.to_svg()) is (kind != "check")


def test_texts_of_others_are_escaped_in_a_cell() -> None:
    name = "<script>alert(1)</script>"
    cell = hpadvisor.diagnose(LISTS, columns={"train_loss": "train_loss"})._repr_html_()
    evil = hpadvisor.diagnose({**LISTS, name: LISTS["val_loss"]}, columns={"val_loss": name})
    assert name not in evil._repr_html_()
    assert html.escape(name) in evil._repr_html_()
    assert "alert" not in cell


def test_a_cell_without_the_extra_tells_its_pictures(
    results: Mapping[str, Showable], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "vl_convert", None)
    cell = results["diagnosis"]._repr_html_()
    assert "<svg" not in cell
    assert "training loss" in cell
    with pytest.raises(UserError, match="pip install"):
        results["diagnosis"].to_svg()


class Frame:
    """What frames of pandas and polars have in common."""

    def __init__(self, columns: Mapping[str, list[Any]]) -> None:
        self._columns = columns
        self.columns = list(columns)

    def __getitem__(self, name: str) -> Any:
        cells = self._columns[name]
        return SimpleNamespace(to_list=lambda: cells)


RECORDS = [dict(zip(LISTS, row, strict=True)) for row in zip(*LISTS.values(), strict=True)]
LOG_HISTORY = [
    *(
        {"step": 10 * n, "epoch": n / 4, "loss": 2 / n, "learning_rate": 1e-3}
        for n in range(1, 41)
    ),
    {"step": 400, "epoch": 10.0, "eval_loss": 0.3},
    {"step": 400, "epoch": 10.0, "train_runtime": 8.0, "train_loss": 0.4},
]
HELD: dict[str, Any] = {
    "frame": Frame(LISTS),
    "records": RECORDS,
    "keras": SimpleNamespace(history=LISTS, epoch=list(range(40)), params={}),
}


@pytest.mark.parametrize("form", HELD)
def test_curves_in_hand(form: str) -> None:
    wanted = hpadvisor.diagnose(CURVES).runs[0]
    (run,) = hpadvisor.diagnose(HELD[form]).runs
    assert (run.verdict, run.columns) == (wanted.verdict, wanted.columns)


@pytest.mark.parametrize("form", ["history", "state", "trainer"])
def test_logs_of_a_trainer(form: str) -> None:
    state = SimpleNamespace(log_history=LOG_HISTORY, max_steps=400, num_train_epochs=10)
    given = {"history": LOG_HISTORY, "state": state, "trainer": SimpleNamespace(state=state)}
    (run,) = hpadvisor.diagnose(given[form]).runs
    assert run.columns["train_loss"] == "loss"
    assert run.columns["val_loss"] == "eval_loss"
    assert run.epochs_or_steps in (400, 10)


def test_real_frames() -> None:
    pandas = pytest.importorskip("pandas", reason="needs pandas; .ci/engines live runs it")
    polars = pytest.importorskip("polars", reason="needs polars; .ci/engines live runs it")
    wanted = hpadvisor.diagnose(CURVES).runs[0].verdict
    for frame in (pandas.DataFrame(LISTS), polars.DataFrame(LISTS)):
        assert hpadvisor.diagnose(frame).runs[0].verdict == wanted
    found = hpadvisor.audit(study().trials_dataframe(), ReadOptions(direction="minimize"))
    assert found.study.n_complete == 30


def test_runs_of_a_local_store(tmp_path: Path) -> None:
    folder = tmp_path / "mlruns" / "0" / "a1"
    (folder / "metrics").mkdir(parents=True)
    (folder / "meta.yaml").write_text("run_name: one\n", "utf-8")
    for name, values in LISTS.items():
        lines = [f"1700000000000 {value} {step}" for step, value in enumerate(values)]
        (folder / "metrics" / name).write_text("\n".join(lines), "utf-8")
    for uri in (f"{folder}/artifacts", (folder / "artifacts").as_uri()):
        run = SimpleNamespace(info=SimpleNamespace(artifact_uri=uri))
        assert hpadvisor.diagnose(run).runs[0].columns["val_loss"] == "val_loss"
    away = SimpleNamespace(info=SimpleNamespace(artifact_uri="s3://bucket/a1/artifacts"))
    with pytest.raises(UserError, match="on a server"):
        hpadvisor.diagnose(away)


def test_searches_in_hand() -> None:
    searched = study()
    found = hpadvisor.audit(searched)
    assert (found.study.name, found.study.source) == ("in hand", "memory")
    assert found.study.n_complete == 30
    (rate,) = [one for one in found.study.parameters if one.name == "lr"]
    assert (rate.low, rate.high, rate.scale) == (1e-5, 1e-1, "log")
    rows = [{"loss": one.value, **one.params} for one in searched.trials]
    unclear = [{"how": one.value, **one.params} for one in searched.trials]
    with pytest.raises(UserError, match=r"in memory.*objective=") as error:
        hpadvisor.audit(unclear)
    assert "tmp" not in str(error.value)
    options = ReadOptions(params=("lr", "depth"), objective="loss", direction="minimize")
    assert hpadvisor.audit(rows, options).study.n_complete == 30
    assert (
        hpadvisor.audit(rows, options).study.best
        == hpadvisor.audit(
            Frame({name: [row[name] for row in rows] for name in rows[0]}), options
        ).study.best
    )


@pytest.mark.parametrize("given", [3, None, object(), {"a": ["x"]}])
def test_what_cannot_be_read_names_what_can(given: Any) -> None:
    with pytest.raises(UserError) as error:
        hpadvisor.diagnose(given)
    assert "curves:" in str(error.value)
    assert error.value.remedy


def test_a_plan_becomes_code_and_runs(results: Mapping[str, Showable]) -> None:
    plan = hpadvisor.plan({
        "training": {"kind": "lora"}, "budget": {"trainings": 12},
        "task": {"metric": "val_loss", "direction": "minimize"},
    })  # fmt: skip
    assert "optuna" in plan.emit()
    with pytest.raises(UserError, match="no engine 'optna'"):
        plan.emit("optna")

    def train(params: Mapping[str, Any], report: Any) -> float:
        return float(params["learning_rate"])

    searched = plan.run(train, storage=None, trials=3)
    assert len(searched.trials) >= 3
    with pytest.raises(UserError, match="direction"):
        results["plan"].run(train)  # type: ignore[attr-defined]


def rules_of(found: Diagnosis) -> set[str]:
    """The rules that matched the first run."""
    return {one.rule for one in found.runs[0].findings}


@pytest.mark.parametrize("form", ["values", "file"])
def test_a_situation_sharpens_a_diagnosis(form: str, tmp_path: Path) -> None:
    path = tmp_path / "situation.yaml"
    path.write_text("training: {epochs: 1000}\n", "utf-8")
    curves = {"epoch": EPOCHS + 1, **CURVES}
    assert "CUR061" not in rules_of(hpadvisor.diagnose(curves))
    situation = path if form == "file" else {"training": {"epochs": 1000}}
    told = hpadvisor.diagnose(curves, situation=situation)
    assert "CUR061" in rules_of(told)  # less than planned


def test_what_is_known_is_said_by_keyword(tmp_path: Path) -> None:
    rows = [f"{n},{n * 7 % 20 / 20},{n % 5 / 10},{n * 3 % 20 / 30}" for n in range(20)]
    path = tmp_path / "trials.csv"
    path.write_text("number,lr,dropout,loss\n" + "\n".join(rows), "utf-8")
    audit = hpadvisor.audit(
        path, objective="loss", direction="minimize", params=["lr", "dropout"], noise=0.05
    )
    assert audit.study.metric == "loss"
    assert audit.noise == 0.05
    config = tmp_path / "train.yaml"
    config.write_text("optimizer: adamw\nlearning_rate: 5.0\n", "utf-8")
    assert hpadvisor.check(str(config)).findings
    assert not hpadvisor.check(config, select=["SPC"]).findings
    with pytest.raises(UserError, match=r"no keyword 'noize'.*Did you mean 'noise'"):
        hpadvisor.audit(path, noize=0.1)  # type: ignore[call-arg]


def test_an_editor_sees_what_there_is() -> None:
    assert {"plan", "diagnose", "check", "audit", "run", "watch", "live"} <= set(dir(hpadvisor))
    assert hpadvisor.live.Advisor is not None
    for name in hpadvisor.__all__[1:]:
        assert "Args:" in (getattr(hpadvisor, name).__doc__ or ""), name


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: hpadvisor.plan(object()), r"'object'\. Give a file, or values"),  # type: ignore[arg-type]
        (lambda: hpadvisor.audit(object()), r"'object'\. Give a file, a folder"),
        (lambda: hpadvisor.audit([1, 2]), r"'list'\. Give a file, a folder"),
        (lambda: hpadvisor.audit("t.csv", direction="up"), "'up' is no direction"),
        (lambda: hpadvisor.audit("t.csv", noise="much"), "'str' is no number"),  # type: ignore[arg-type]
        (lambda: hpadvisor.check(None), "nothing .None.. Give "),  # type: ignore[arg-type]
        (lambda: hpadvisor.check("conf", persona="mean"), "no persona 'mean'"),
        (lambda: hpadvisor.run({}, None), "nothing .None."),  # type: ignore[arg-type]
        (lambda: hpadvisor.run({}, "python 'train.py"), "cannot be taken apart"),
        (lambda: hpadvisor.diagnose_changes(LISTS, []), "Give a log for each change"),
        (
            lambda: hpadvisor.diagnose({"train_loss": [3, 2, 1, 1, 1, 1], "val_loss": [3, 2]}),
            "'train_loss' has 6 values, 'val_loss' 2",
        ),
    ],
)
def test_wrong_arguments_are_told_with_a_remedy(call: Any, says: str) -> None:
    with pytest.raises(UserError, match=says):
        call()


def test_one_path_stands_for_a_list_of_one_and_curves_for_a_log(tmp_path: Path) -> None:
    log = tmp_path / "a.csv"
    rows = [f"{n},{loss}" for n, loss in enumerate(LISTS["train_loss"])]
    log.write_text("epoch,train_loss\n" + "\n".join(rows), "utf-8")
    found = hpadvisor.diagnose_changes(log, str(log))
    assert found.verdicts[0].outcome == "level"
    assert hpadvisor.plan({}, curves=log).situation
    assert hpadvisor.watch(str(log)).look()
    half = {name: [value / 2 for value in values] for name, values in LISTS.items()}
    told = hpadvisor.diagnose_changes(LISTS, [half])
    assert told.verdicts[0].outcome == "won"
    assert told.verdicts[0].after == "change 1"
