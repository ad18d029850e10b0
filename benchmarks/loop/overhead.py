"""``python -m benchmarks.loop.overhead``: what a run costs beside the trainings themselves.

Trials of a program that does nothing but print its score are timed one after the other; then
several workers share many of them, beside Optuna's own workers on the same kind of storage.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from hpadvisor.api import run

COMMAND = [
    "/bin/echo",
    "epoch 1 train_loss 0.5 val_acc 0.{seed}5 of {learning_rate} {weight_decay}",
]
SITUATION = {"training": {"kind": "vision-from-scratch", "epochs": 1}}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--many", type=int, default=500)
    parser.add_argument("--workers", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        one_by_one(Path(name) / "a", options.trials)
        together(Path(name) / "b", options.many, options.workers)


def _run(folder: Path, trials: int, workers: int) -> float:
    began = time.perf_counter()
    situation = {**SITUATION, "budget": {"trainings": trials}}
    run(situation, COMMAND, metric="val_acc", folder=folder, trials=trials, workers=workers,
        repeats=0, changes=0, stop_early=False, until="search", say=lambda _: None)  # fmt: skip
    return time.perf_counter() - began


def one_by_one(folder: Path, trials: int) -> None:
    """Time between two trials, and from a trial's folder to the end of its command."""
    _run(folder, trials, 1)
    starts = sorted(p.stat().st_mtime for p in folder.glob("trials/*/command.json"))
    between = [b - a for a, b in itertools.pairwise(starts[1:])]
    times = [json.loads(p.read_text())["seconds"] for p in folder.glob("trials/*/result.json")]
    alone = []
    for _ in range(20):
        began = time.perf_counter()
        subprocess.run(COMMAND, capture_output=True, check=True)
        alone.append(time.perf_counter() - began)
    middle, worst = statistics.median(between), max(between)
    print(f"{trials} trials one by one: {1000 * middle:.0f} ms from trial to trial (at most "
          f"{1000 * worst:.0f} ms), {100 * middle / 60:.2f} % of a training of 60 s")  # fmt: skip
    print(f"the command alone {1000 * statistics.median(alone):.1f} ms, within a trial "
          f"{1000 * statistics.median(times):.1f} ms")  # fmt: skip


def together(folder: Path, many: int, workers: int) -> None:
    """Throughput of several workers beside Optuna's own."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    seconds = _run(folder, many, workers)
    done = [json.loads(p.read_text()) for p in folder.glob("trials/*/result.json")]
    kept = len({json.dumps(one["values"], sort_keys=True) for one in done})
    own = _optuna(folder / "plain.log", many, workers)
    print(f"{workers} workers, {many} trials: {seconds:.0f} s, {len(done)} trainings, {kept} of "
          f"them different; Optuna's TPE {own:.0f} s (ratio {seconds / own:.1f})")  # fmt: skip


def _optuna(path: Path, many: int, workers: int) -> float:
    import optuna

    optuna.create_study(study_name="plain", storage=_journal(path), direction="maximize")
    began = time.perf_counter()
    share = many // workers
    processes = [multiprocessing.get_context("spawn").Process(target=_work, args=(path, share, k))
                 for k in range(workers)]  # fmt: skip
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return time.perf_counter() - began


def _journal(path: Path) -> object:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(str(path)))


def _work(path: Path, trials: int, seed: int) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.load_study(study_name="plain", storage=_journal(path), sampler=sampler)
    study.optimize(_objective, n_trials=trials)


def _objective(trial: object) -> float:
    rate = trial.suggest_float("learning_rate", 1e-3, 1.0, log=True)  # type: ignore[attr-defined]
    trial.suggest_float("weight_decay", 1e-5, 1e-2, log=True)  # type: ignore[attr-defined]
    done = subprocess.run(["/bin/echo", f"{rate}"], capture_output=True, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    main()
