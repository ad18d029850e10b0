"""A run whose space grows while it searches: widened, opened, kept, gone on with after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("optuna")

from hpadvisor.auditing.composer import compose_audit
from hpadvisor.engine.loading import EXPLAINING, load_knowledge
from hpadvisor.facts.searches.review import ReviewOptions
from hpadvisor.readers.searches.detect import read_search
from hpadvisor.readers.searches.record import ReadOptions
from hpadvisor.running.widening import decided
from hpadvisor.search.growing import audits_of
from hpadvisor.search.storage import open_storage
from tests.auditing.studies import make_study
from tests.cli.running import hpadvisor

FAST = """
import math
def train(params, report, seed=0):
    assert params['learning_rate'] <= 30
    return 1 - 0.1 * abs(math.log10(params['learning_rate'] / 3.0)) + 1e-4 * (seed % 3)
"""
"""The best rate, 3, lies far beyond the range that a plan would search."""
SLOW = FAST.replace("    assert", "    import time; time.sleep(0.15)\n    assert")
SAID = ("run", "--training", "vision-from-scratch", "--optimizer", "sgd", "--trainings", "36",
        "--target", "mine:train", "--direction", "maximize", "--until", "search", "--format",
        "json")  # fmt: skip


def run(tmp_path: Path, *flags: str) -> tuple[dict[str, Any], str]:
    (tmp_path / "mine.py").write_text(FAST)
    done = hpadvisor(*SAID, *flags, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found, done.stderr


def planned_high(tmp_path: Path) -> float:
    (rate,) = [item for item in json.loads((tmp_path / "hpadvisor-run/search.json").read_text())[
        "space"] if item["name"] == "learning_rate"]  # fmt: skip
    return float(rate["high"])


def study_of(folder: Path) -> Any:
    import optuna

    storage = open_storage(str(folder / "hpadvisor-run" / "journal.log"))
    return optuna.load_study(study_name="search", storage=storage)


def test_the_search_goes_on_beyond_an_end_at_which_the_best_lie(tmp_path: Path) -> None:
    found, said = run(tmp_path)
    assert found["winner"]["params"]["learning_rate"] > 1.5 * planned_high(tmp_path)
    assert found["widened"]
    assert "trials widens the search: learning_rate up to " in said
    audit = hpadvisor("audit", "hpadvisor-run/journal.log", "--format", "json", cwd=tmp_path)
    (rate,) = [one for one in json.loads(audit.stdout)["study"]["parameters"]
               if one["name"] == "learning_rate"]  # fmt: skip
    assert rate["high"] > planned_high(tmp_path)
    again, said = run(tmp_path)  # nothing is trained or decided again
    assert again["winner"] == found["winner"]
    assert again["widened"] == found["widened"]


def test_the_space_is_kept_where_the_user_wants_it(tmp_path: Path) -> None:
    found, said = run(tmp_path, "--keep-space")
    assert found["winner"]["params"]["learning_rate"] <= planned_high(tmp_path)
    assert found["widened"] == []
    assert "widens" not in said


def test_no_space_leaves_what_the_user_allows(tmp_path: Path) -> None:
    (tmp_path / "situation.yaml").write_text(
        "hyperparameters:\n"
        "  - {name: learning_rate, role: learning_rate, low: 0.001, high: 0.6, default: 0.1}\n"
    )
    found, _ = run(tmp_path, "situation.yaml")
    study = study_of(tmp_path)
    assert found["winner"]["params"]["learning_rate"] <= 0.6
    assert max(t.distributions["learning_rate"].high for t in study.get_trials()) <= 0.6


@pytest.mark.skipif(sys.platform != "linux", reason="processes are told apart by /proc")
def test_a_killed_run_goes_on_in_the_space_that_it_had(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SLOW)
    command = [sys.executable, "-m", "hpadvisor", *SAID, "--workers", "2"]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"}
    process = subprocess.Popen(command, cwd=tmp_path, start_new_session=True, env=environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    journal, before = tmp_path / "hpadvisor-run" / "journal.log", ""
    while '"audited"' not in before and process.poll() is None:
        time.sleep(0.05)
        before = journal.read_text() if journal.exists() else ""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    first = audits_of(study_of(tmp_path))[0]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    audits = audits_of(study_of(tmp_path))
    assert audits[0] == first
    assert len({one["after"] for one in audits}) == len(audits)
    trials = [
        t for t in study_of(tmp_path).get_trials() if t.user_attrs["provenance"] == "proposed"
    ]
    highs = [t.distributions["learning_rate"].high for t in trials if t.params]
    assert highs == sorted(highs)  # no worker fell back to an older space
    assert highs[-1] > planned_high(tmp_path)


SPACE = [{"name": "lr", "type": "float", "low": 1e-5, "high": 1e-3, "scale": "log"}]
HELD = [{"name": name, "type": "float", "low": 0.0, "high": 0.5, "scale": "linear", "held": 0.1}
        for name in ("dropout", "smoothing", "third")]  # fmt: skip


def test_in_place_of_a_stop_what_was_held_is_opened() -> None:
    study = make_study(40, optimum=-2.0, high=1e-3, slope=0.05, noise=0.01)
    study.parameters[0].maximum = 1e-3
    options = ReviewOptions(noise=0.02, planned=50)
    audit, found = compose_audit(study, load_knowledge((), without=EXPLAINING), options)
    assert audit.decision == "stop"
    made = decided(audit, found, SPACE, HELD, after=40, left=10)
    assert made["space"] == [*SPACE, *HELD[:2]]
    assert made["stop"] is None
    assert made["changes"][0].startswith("dropout is opened, 0 to 0.5 (held at 0.1)")
    again = decided(audit, found, made["space"] or [], HELD, after=45, left=10)
    assert again["space"] == [*SPACE, *HELD]
    for held, left in (([], 10), (HELD, 3)):
        assert (decided(audit, found, SPACE, held, after=40, left=left)["stop"] or "").endswith(
            "Confirm the best ones instead."
        )


OPENED = """
import sys, math
rate, decay, dropout, momentum, seed = map(float, sys.argv[1:])
score = 0.9 - 0.05 * abs(math.log10(rate) + 1) - 0.1 * abs(dropout - 0.2) - abs(momentum - 0.95)
score += 0.04 * (seed % 2)
print(f'epoch 1 val_acc {score:.5f}')
"""


def test_what_was_held_reaches_the_command_once_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(OPENED)
    done = hpadvisor(
        "run", "--training", "vision-from-scratch", "--optimizer", "sgd", "--metric", "val_acc",
        "--trainings", "40", "--until", "search", "--repeats", "1", "--changes", "0", "--format",
        "json", "--", sys.executable, "program.py",
        "{learning_rate}", "{weight_decay}", "{dropout}", "{momentum}", "{seed}",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["widened"][0].startswith("after 15 trials: momentum is opened, 0.8 to 0.99 (held")
    kept = json.loads((tmp_path / "hpadvisor-run/search.json").read_text())
    assert [item["name"] for item in kept["held_dimensions"]] == ["momentum"]
    assert 0.93 < found["winner"]["params"]["momentum"] < 0.97
    assert str(found["winner"]["params"]["momentum"]) in found["winner"]["command"]
    study = read_search(str(tmp_path / "hpadvisor-run/journal.log"), ReadOptions(study="search"))
    ended = [trial for trial in study.trials if trial.value is not None]
    assert all(trial.params["momentum"] == 0.9 for trial in ended[:15])
    assert len({trial.params["momentum"] for trial in ended[15:]}) > 5
