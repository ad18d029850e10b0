"""Tables and printed lines that people have, without a flag."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpadvisor.engine.loading import load_knowledge
from hpadvisor.errors import UserError
from hpadvisor.facts.searches.coverage import finite_space
from hpadvisor.facts.searches.meaning import give_meaning
from hpadvisor.facts.searches.names import names_of
from hpadvisor.readers.searches.detect import read_search
from hpadvisor.readers.searches.durations import seconds
from hpadvisor.readers.searches.record import ReadOptions, State, Study

VOCABULARY = load_knowledge().vocabulary()


def read(path: Path, text: str) -> Study:
    path.write_text(text)
    study = read_search(path, ReadOptions(names=names_of(VOCABULARY)))
    give_meaning(study, VOCABULARY)
    return study


HAND = """run,lr,batch_size,dropout,optimizer,val_acc,val_loss,train_loss,time
a,1e-3,32,0.1,adam,0.81,0.6,0.3,12m 4s
b,3e-3,32,0.1,adam,0.84,0.55,0.28,12m 4s
c,1e-2,32,0.1,adam,0.79,0.65,0.4,12m 4s
d,3e-3,64,0.1,sgd,0.83,0.56,0.3,8m
"""


def test_a_table_by_hand_needs_no_flag(tmp_path: Path) -> None:
    study = read(tmp_path / "runs.csv", HAND)
    assert study.metric == "val_acc"
    assert study.direction == "maximize"
    assert [p.name for p in study.parameters] == ["lr", "batch_size", "optimizer"]
    assert study.fixed == {"dropout": 0.1}
    assert study.parameters[0].scale == "log"
    assert study.trials[0].duration == 724
    assert study.trials[0].label == "a"


def test_scale_and_limits_come_from_the_role_not_from_the_smallest_draw(tmp_path: Path) -> None:
    rows = [f"{0.001 + 0.49 * i / 20:.4f},{1e-5 * 2**i:g},{0.6 + i / 100}" for i in range(20)]
    study = read(tmp_path / "t.csv", "params_dropout,params_lr,val_acc\n" + "\n".join(rows) + "\n")
    dropout, rate = study.parameters
    assert (dropout.role, dropout.scale, dropout.maximum) == ("dropout", "linear", 1)
    assert (rate.role, rate.scale) == ("learning_rate", "log")


@pytest.mark.parametrize(
    "text",
    [
        "| lr | bs | acc |\n|---|---|---|\n| 1e-3 | 32 | 71 |\n| 1e-2 | 64 | **75.5** |\n",
        "     lr  bs   acc\n0  0.001  32  71.0\n1  0.01  64  75.5\n",
        '[{"config": {"lr": 0.001, "bs": 32}, "acc": 71},'
        ' {"config": {"lr": 0.01, "bs": 64}, "acc": 75.5}]',
        '{"lr": 0.001, "bs": 32, "acc": 71}\n{"lr": 0.01, "bs": 64, "acc": 75.5}\n',
        "summary,config,name\n\"{'acc': 71.0}\",\"{'lr': 0.001, 'bs': 32}\",a\n"
        "\"{'acc': 75.5}\",\"{'lr': 0.01, 'bs': 64}\",b\n",
        "lr\tbs\tacc\n0.001\t32\t71\n0.01\t64\t75.5\n",
    ],
)
def test_other_forms_of_a_table(tmp_path: Path, text: str) -> None:
    study = read(tmp_path / "table.txt", text)
    assert sorted(p.name for p in study.parameters) == ["bs", "lr"]
    assert [trial.value for trial in study.trials] == [71, 75.5]


def test_two_scores_that_disagree_are_asked_for_with_the_command(tmp_path: Path) -> None:
    text = "lr,val_acc,val_f1\n" + "".join(
        f"{lr},{a},{b}\n" for lr, a, b in ((1, 0.1, 0.4), (2, 0.2, 0.3), (3, 0.3, 0.1))
    )
    with pytest.raises(UserError, match=r"hpadvisor audit .*t\.csv --objective val_acc"):
        read(tmp_path / "t.csv", text)


def test_unknown_columns_are_asked_for_with_the_command(tmp_path: Path) -> None:
    text = "foo,bar,accuracy\n" + "".join(f"{i}.5,{i * 7}.25,0.{i}\n" for i in range(1, 9))
    with pytest.raises(UserError, match="--param foo --param bar --objective accuracy"):
        read(tmp_path / "t.csv", text)


CONSOLE = (
    "[I 2024-01-01 10:00:0{n},000] Trial {n} finished with value: {v} and parameters: "
    "{{'lr': {lr}, 'act': 'relu'}}. Best is trial {b} with value: {w}.\n"
)


def test_lines_that_optuna_prints(tmp_path: Path) -> None:
    text = "[I 2024-01-01 10:00:00,000] A new study created in memory with name: x\n"
    text += CONSOLE.format(n=1, v=0.5, lr=0.1, b=1, w=0.5)
    text += CONSOLE.format(n=2, v=0.4, lr=0.01, b=2, w=0.4)
    text += "[I 2024-01-01 10:00:03,000] Trial 3 pruned. \n"
    text += "[W 2024-01-01 10:00:04,000] Trial 4 failed with parameters: {'lr': 9.0} because x\n"
    study = read(tmp_path / "out.log", text)
    assert study.direction == "minimize"
    assert [t.state for t in study.trials] == [
        State.COMPLETE, State.COMPLETE, State.PRUNED, State.FAILED,
    ]  # fmt: skip
    assert study.trials[1].params == {"lr": 0.01, "act": "relu"}


def test_old_lines_that_print_the_best_parameters_only(tmp_path: Path) -> None:
    text = "".join(
        f"[I 2019-01-01 10:00:0{n},000] Finished trial#{n} resulted in value: {v}. Current best "
        f"value is {b} with parameters: {{'lr': {lr}}}.\n"
        for n, v, b, lr in ((0, 0.3, 0.3, 0.1), (1, 0.5, 0.5, 0.2), (2, 0.4, 0.5, 0.2))
    )
    study = read(tmp_path / "old.log", text)
    assert study.direction == "maximize"
    assert [t.params for t in study.trials] == [{"lr": 0.1}, {"lr": 0.2}, {}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("83.5", 83.5), ("0 days 00:01:23.5", 83.5), ("1h 20m", 4800), ("2:30", 150), ("x", None)],
)
def test_durations(text: str, expected: float | None) -> None:
    assert seconds(text) == expected


def test_a_complete_grid_is_done_though_one_level_is_zero_on_a_log_scale(tmp_path: Path) -> None:
    rows = [
        f"{rate},{decay},{size},{0.5 + rate - decay + size / 1000:.4f}"
        for rate in (0.03, 0.06)
        for decay in (0.0, 0.002, 0.02)
        for size in (48, 96)
    ]
    study = read(tmp_path / "g.csv", "lr,weight_decay,hidden,val_acc\n" + "\n".join(rows) + "\n")
    found = finite_space(study)
    assert found is not None
    assert (found.size, found.done) == (12, True)
    one_less = read(tmp_path / "h.csv", "lr,weight_decay,hidden,val_acc\n" + "\n".join(rows[1:]))
    assert finite_space(one_less) is None


def test_a_config_in_one_cell_is_spread(tmp_path: Path) -> None:
    cells = [(0.01, 16, 0.71), (0.03, 16, 0.74), (0.1, 32, 0.69), (0.02, 64, 0.73)]
    rows = [
        f'r{i},"{{""optim"": {{""lr"": {rate}}}, ""batch_size"": {batch}, ""amp"": true}}",{score}'
        for i, (rate, batch, score) in enumerate(cells)
    ]
    study = read(tmp_path / "c.csv", "name,config_json,val_acc\n" + "\n".join(rows) + "\n")
    assert {p.name: p.role for p in study.parameters} == {
        "optim.lr": "learning_rate", "batch_size": "batch_size",
    }  # fmt: skip


def test_a_value_that_is_named_twice_is_one_hyperparameter(tmp_path: Path) -> None:
    text = "config/lr,config/optimizer.lr,config/dropout,summary/val_acc\n" + "\n".join(
        f"{rate},{rate},{drop},{0.6 + rate}" for rate in (0.01, 0.02, 0.05) for drop in (0.0, 0.2)
    )
    study = read(tmp_path / "t.csv", text)
    assert [p.name for p in study.parameters] == ["lr", "dropout"]
    assert any("says the same as lr" in note for note in study.notes)


def test_seeds_among_the_settings_are_repetitions_unless_each_trial_draws_its_own(
    tmp_path: Path,
) -> None:
    head = "config/lr,config/run.seed,summary/val_acc\n"
    repeated = [f"{r},{s},{0.7 + r + s / 1e4}" for r in (0.01, 0.02, 0.05) for s in (1, 2, 3)]
    study = read(tmp_path / "a.csv", head + "\n".join(repeated))
    assert [len(trial.replicates) for trial in study.trials] == [3, 3, 3]
    drawn = [f"{0.01 * (i + 1)},{i},{0.7 + i / 100}" for i in range(8)]
    searched = read(tmp_path / "b.csv", head + "\n".join(drawn))
    assert len(searched.trials) == 8
    assert "run.seed" in [parameter.name for parameter in searched.parameters]
