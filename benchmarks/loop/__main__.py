"""``python -m benchmarks.loop run`` tunes, judges and writes; ``report`` prints the table.

Each task is tuned by each way with each search seed; the winner is trained anew with fresh seeds
and judged on test rows that no search has seen. ``run`` is one line of ``hpadvisor run``, its
search space the plan's; ``tpe`` is Optuna's TPESampler over a wide space written by hand, with the
same number of trainings; ``default`` is what the program does without flags.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, replace
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.loop.training import EPOCHS, TREES, Settings, load, train

HERE = Path(__file__).parent
RESULTS = HERE / "results.jsonl"
TRAININGS = 40
SEARCH_SEEDS = range(5)
FRESH_SEEDS = range(1000, 1010)
TASKS = ("digits", "scripts", "authors", "trees-numerals")
DEVELOPMENT = ("vowels", "modules_four", "modules", "indents", "categories")
"""On these changes are tried; the tasks above are looked at when one is kept."""
DEVELOPED = HERE / "development.jsonl"
TRAIN_ROWS = 900
MOST_ROWS = 1000
"""Of validation and of test."""
CONFIGURED = {
    "network": {"lr": "learning_rate", "wd": "weight_decay", "dropout": "dropout",
                "momentum": "momentum", "width": "width", "batch": "batch_size"},
    "trees": {"lr": "learning_rate", "depth": "max_depth", "rows": "min_child_weight",
              "columns": "colsample", "l2": "reg_lambda", "iterations": "n_estimators"},
}  # fmt: skip
SITUATION = """hyperparameters:
  - {name: width, role: width, low: 16, high: 256}
  - {name: batch_size, role: batch_size, low: 16, high: 256}
"""
"""What the user allows, the same for both ways: the trainings must stay short."""
WIDE: dict[str, tuple[float, float, bool]] = {
    "lr": (1e-5, 1.0, True), "wd": (1e-7, 0.1, True), "dropout": (0.0, 0.7, False),
    "momentum": (0.0, 0.99, False), "width": (16, 256, True), "batch": (16, 256, True),
    "depth": (1, 16, False), "rows": (1, 200, True), "columns": (0.1, 1.0, False),
    "l2": (1e-4, 100.0, True), "iterations": (20, 1000, True),
}  # fmt: skip


def write_rows(folder: Path) -> None:
    """Write every task's rows: training, validation, test, in a fixed shuffle."""
    from benchmarks.clinic import data, more_data

    folder.mkdir(parents=True, exist_ok=True)
    known = {**data.LOADERS, **more_data.MORE_LOADERS}
    sources = {task: known[task.rpartition("-")[2]] for task in (*TASKS, *DEVELOPMENT)}
    for task, source in sources.items():
        found = source()
        first = min(TRAIN_ROWS, len(found.inputs) // 2)
        second = first + min((len(found.inputs) - first) // 2, MOST_ROWS)
        places = {
            "train": slice(0, first),
            "val": slice(first, second),
            "test": slice(second, second + MOST_ROWS),
        }
        arrays = {f"x_{part}": found.inputs[place] for part, place in places.items()}
        arrays |= {f"y_{part}": found.targets[place] for part, place in places.items()}
        np.savez(folder / f"{task}.npz", classes=found.classes, **arrays)


def kind_of(task: str) -> str:
    """``network`` or ``trees``."""
    return TREES if task.startswith(TREES) else "network"


def default_of(task: str) -> Settings:
    """Today's configuration."""
    return Settings(lr=0.1) if kind_of(task) == TREES else Settings()


def command_of(task: str, seed: int, folder: Path, data: Path) -> list[str]:
    """The one line by which a user tunes a task."""
    roles = CONFIGURED[kind_of(task)]
    situation = data / "situation.yaml"
    tail = [word for flag, role in roles.items() for word in (f"--{flag}", f"{{{role}}}")]
    said = (
        ["--training", "gradient-boosting", "--metric", "val_rmse"]
        if kind_of(task) == TREES
        else ["--training", "tabular-mlp", "--optimizer", "sgd", "--epochs", str(EPOCHS),
              "--metric", "val_acc", str(situation)]
    )  # fmt: skip
    default = asdict(default_of(task))
    if kind_of(task) != TREES:
        situation.write_text(SITUATION, encoding="utf-8")
    for flag, role in roles.items():
        said += ["--set", f"training.{role}={default[flag]}"]
    return [
        sys.executable, "-m", "hpadvisor", "run", *said, "--trainings", str(TRAININGS), "--seed",
        str(seed), "-o", str(folder), "--format", "json", "--", sys.executable,
        str(HERE / "training.py"), "--task", task, "--data", str(data), "--seed", "{seed}", *tail,
    ]  # fmt: skip


def by_run(task: str, seed: int, data: Path) -> tuple[dict[str, Any], float]:
    """Tune by ``hpadvisor run``; return the winner, and the full trainings that it took."""
    with tempfile.TemporaryDirectory() as folder:
        command = command_of(task, seed, Path(folder), data)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        found = json.loads(done.stdout)
        lengths = []
        for path in Path(folder).glob("trials/*/result.json"):
            one = json.loads(path.read_text(encoding="utf-8"))
            whole = one["status"] == "complete" or not one["scores"]
            lengths.append(1.0 if whole else len(one["scores"]) / EPOCHS)
    flags = {role: flag for flag, role in CONFIGURED[kind_of(task)].items()}
    return {flags[name]: value for name, value in found["winner"]["params"].items()}, sum(lengths)


def by_tpe(task: str, seed: int, data: Path) -> tuple[dict[str, Any], float]:
    """Tune by TPE over the wide space, with as many trainings."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    rows, names = load(data, task), list(CONFIGURED[kind_of(task)])
    whole = {one.name for one in fields(Settings) if one.type == "int"}

    def objective(trial: optuna.Trial) -> float:
        params: dict[str, Any] = {}
        for name in names:
            low, high, log = WIDE[name]
            params[name] = (
                trial.suggest_int(name, int(low), int(high), log=log) if name in whole
                else trial.suggest_float(name, low, high, log=log)
            )  # fmt: skip
        return train(rows, replace(default_of(task), **params), seed, show=False)[0]

    direction = "minimize" if rows.classes == 0 else "maximize"
    study = optuna.create_study(direction=direction, sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=TRAININGS)
    return study.best_params, TRAININGS


def judged(job: tuple[str, str, int, Path]) -> dict[str, Any]:
    """Tune one task by one way with one seed, and judge its winner."""
    task, way, seed, data = job
    ways = {"run": by_run, "tpe": by_tpe, "default": lambda *_: ({}, 0.0)}
    params, cost = ways[way](task, seed, data)
    rows, settings = load(data, task), replace(default_of(task), **params)
    with np.errstate(all="ignore"):
        scores = [train(rows, settings, fresh, show=False)[1] for fresh in FRESH_SEEDS]
    return {"task": task, "way": way, "seed": seed, "params": params, "trainings": cost,
            "test": float(np.mean(scores)), "scores": scores}  # fmt: skip


def jobs(
    data: Path, tasks: Sequence[str] = TASKS, results: Path = RESULTS
) -> Iterator[tuple[str, str, int, Path]]:
    """What is still to be done."""
    done = {(one["task"], one["way"], one["seed"]) for one in read_results(results)}
    for seed in SEARCH_SEEDS:
        for task in tasks:
            for way in ("default", "run", "tpe") if seed == 0 else ("run", "tpe"):
                if (task, way, seed) not in done:
                    yield task, way, seed, data


def read_results(path: Path = RESULTS) -> list[dict[str, Any]]:
    """What was measured so far."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def report(tasks: Sequence[str] = TASKS, results: Path = RESULTS) -> str:
    """The table: test scores of each task, and paired comparisons over all searches."""
    from scipy import stats

    rows = read_results(results)
    found = {(one["task"], one["way"], one["seed"]): one["test"] for one in rows}
    cost = [one["trainings"] for one in rows if one["way"] == "run"]
    seeds_of = {one["seed"] for one in rows}
    lines = ["| task | default | TPE | run | run better than TPE | than the default |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    gains: dict[str, list[float]] = {"tpe": [], "default": []}
    for task in tasks:
        seeds = [
            s for s in sorted(seeds_of) if (task, "run", s) in found and (task, "tpe", s) in found
        ]
        if not seeds or (task, "default", 0) not in found:
            continue
        default, sign = found[task, "default", 0], -1.0 if kind_of(task) == TREES else 1.0
        run, tpe = ([found[task, way, s] for s in seeds] for way in ("run", "tpe"))
        own = {"tpe": [sign * (a - b) for a, b in zip(run, tpe, strict=True)],
               "default": [sign * (a - default) for a in run]}  # fmt: skip
        for way, values in own.items():
            gains[way] += [value / max(abs(default), 1e-9) for value in values]
        wins = [f"{sum(v > 0 for v in own[way])} of {len(seeds)}" for way in ("tpe", "default")]
        lines.append(f"| {task} | {default:.4f} | {np.mean(tpe):.4f} | {np.mean(run):.4f} | "
                     f"{wins[0]} | {wins[1]} |")  # fmt: skip
    for way, values in gains.items():
        if len(values) > 5:
            test = stats.wilcoxon(values)
            lines.append(
                f"\nAgainst {way}: {sum(v > 0 for v in values)} of {len(values)} searches better, "
                f"mean gain {100 * np.mean(values):+.2f} % of the default's score, "
                f"p = {test.pvalue:.2g} (Wilcoxon, two-sided)."
            )
    if cost:
        lines.append(f"\nFull trainings of a run: {np.mean(cost):.1f} in the mean, at most "
                     f"{max(cost):.1f}.")  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, or print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loop", description=__doc__)
    parser.add_argument("what", choices=("run", "report"))
    parser.add_argument("--jobs", type=int, default=1, help="searches at the same time")
    parser.add_argument(
        "--data", type=Path, default=Path(tempfile.gettempdir()) / "hpadvisor-loop"
    )
    parser.add_argument("--development", action="store_true", help="the tasks to try changes on")
    options = parser.parse_args()
    chosen = (DEVELOPMENT, DEVELOPED) if options.development else (TASKS, RESULTS)
    if options.what == "run":
        os.environ["OMP_NUM_THREADS"] = "1"
        write_rows(options.data)
        with Pool(options.jobs) as pool, chosen[1].open("a", encoding="utf-8") as stream:
            for one in pool.imap_unordered(judged, list(jobs(options.data, *chosen))):
                stream.write(json.dumps(one) + "\n")
                stream.flush()
    print(report(*chosen))


if __name__ == "__main__":
    main()
