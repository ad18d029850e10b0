"""Search hyperparameters with Ray Tune, by a plan. Needs ray[tune] (2.40 or newer) and optuna.

Write a function that trains once and returns its score, and name it:

    def train(params: dict, report: Callable[[int, float], None]) -> float: ...

    python tune_ray.py --target module:train --storage ~/ray_results --seed 0

`params` holds a value for each hyperparameter of the plan. Call `report(epoch, score)` after each
epoch, counted from 1. Where the function also has an argument named `seed`, it gets the seed. The
first trial is the baseline; the sampler is first told of the trials of an earlier search that the
plan knows. RAY_ADDRESS names a cluster; without it this machine is used. The same command again
goes on where it stopped; `--confirm` trains the best and the baseline again on fresh seeds.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import mean, variance
from typing import Any

# Ray 2.43 and later ask for this before train and tune report alike.
os.environ.setdefault("RAY_TRAIN_V2_ENABLED", "0")
os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")

import ray
from ray import tune
from ray.tune.schedulers import ASHAScheduler, FIFOScheduler
from ray.tune.search import ConcurrencyLimiter
from ray.tune.search.optuna import OptunaSearch

# --- plan: begin ---
PLAN: dict[str, Any] = {
    "metric": "score",
    "direction": "maximize",
    "space": [
        {"name": "learning_rate", "type": "float", "low": 1e-05, "high": 0.1, "scale": "log"},
    ],
    "baseline": {"learning_rate": 0.001},
    "points": [],
    "known": [],
    "start_points": 3,
    "phases": [{"name": "Search", "strategy": "bayesian", "trials": 10}],
    "pruner": {"name": "none"},
    "epochs": None,
    "trainings": 10.0,
    "trainings_per_trial": 1,
    "workers": 1,
    "confirm": {"finalists": 3, "seeds": 2},
    "stop_when": [],
}
# --- plan: end ---

METRIC = "score"
MODE = "min" if PLAN["direction"] == "minimize" else "max"
STEP = "training_iteration"
Params = dict[str, Any]


def space() -> Params:
    """Return the search space in Ray's own terms; upper ends of whole numbers are exclusive."""
    found: Params = {}
    for item in PLAN["space"]:
        name, log = item["name"], item.get("scale") == "log"
        if item["type"] == "categorical":
            found[name] = tune.choice(item["choices"])
        elif item["type"] == "int":
            draw = tune.lograndint if log else tune.randint
            found[name] = draw(item["low"], item["high"] + 1)
        else:
            draw = tune.loguniform if log else tune.uniform
            found[name] = draw(item["low"], item["high"])
        if "switch" in item:
            found[item["switch"]] = tune.choice([True, False])
    return found


def point(params: Params) -> Params:
    """Return a configuration as a point of the space: switches set, values inside the ranges."""
    found: Params = {}
    for item in PLAN["space"]:
        name, value = item["name"], params[item["name"]]
        if "switch" in item:
            found[item["switch"]] = value != item["off"]
            if value == item["off"]:
                value = item["low"]
        if "low" in item:
            value = min(max(value, item["low"]), item["high"])
        found[name] = value
    return found


def params_of(config: Params) -> Params:
    """Return what the training gets: switches become the off value, the baseline is itself."""
    if is_baseline(config):
        return dict(PLAN["baseline"])
    found = {}
    for item in PLAN["space"]:
        off = "switch" in item and not config[item["switch"]]
        found[item["name"]] = item["off"] if off else config[item["name"]]
    return found


def is_baseline(config: Params) -> bool:
    """Tell whether a point of the space stands for the baseline, which may lie outside of it."""
    return all(config.get(name) == value for name, value in point(PLAN["baseline"]).items())


def objective(target: str, seed: int, folder: str) -> Callable[[Params], None]:
    """Return a trainable; it reports every epoch, and the final score as the last."""

    def trainable(config: Params) -> None:
        sys.path.insert(0, folder)
        function = load(target)
        own = int(config.get("seed", seed))
        keywords = {"seed": own} if "seed" in inspect.signature(function).parameters else {}
        reported: list[float] = []

        def report(epoch: int, value: float) -> None:
            reported.append(float(value))
            if not math.isfinite(value):
                raise ValueError(f"diverged at epoch {epoch}")
            tune.report({METRIC: float(value), "epoch": int(epoch)})

        value = float(function(params_of(config), report, **keywords))
        if not reported or reported[-1] != value:
            tune.report({METRIC: value})

    return trainable


def load(target: str) -> Callable[..., float]:
    """Import module:function."""
    module, _, name = target.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise SystemExit(f"error: --target {target}: {error}") from None
    return function  # type: ignore[no-any-return]


def scheduler() -> Any:
    """Return ASHA where the plan prunes that way; Ray runs no other kind of ours."""
    settings = PLAN["pruner"]
    if settings["name"] != "asha" or not PLAN["epochs"]:
        return FIFOScheduler()
    return ASHAScheduler(
        time_attr=STEP,
        max_t=max(int(PLAN["epochs"]) + 1, 2),
        grace_period=settings["min_step"],
        reduction_factor=settings["reduction_factor"],
    )


def sampler(seed: int) -> OptunaSearch:
    """Return Optuna's sampler, the baseline queued first, told of the trials of earlier searches.

    The space goes to the sampler and not to the Tuner: only so can it be told of them.
    """
    points = [point(PLAN["baseline"]), *(point({**PLAN["baseline"], **p}) for p in PLAN["points"])]
    found = OptunaSearch(
        space=OptunaSearch.convert_search_space(space()),
        metric=METRIC,
        mode=MODE,
        points_to_evaluate=points,
        seed=seed,
    )
    for old in PLAN["known"]:
        found.add_evaluated_point(point(old["params"]), old["value"])
    return found


def search(options: argparse.Namespace) -> tune.ResultGrid:
    """Run the search, or go on with it."""
    trainable = objective(options.target, options.seed, str(Path.cwd()))
    if options.gpus or options.cpus != 1:
        trainable = tune.with_resources(trainable, {"cpu": options.cpus, "gpu": options.gpus})
    place = str(Path(options.storage).expanduser().absolute() / options.name)
    if tune.Tuner.can_restore(place):
        restored = tune.Tuner.restore(
            place, trainable, resume_errored=False, restart_errored=False
        )
        return restored.fit()
    trials = options.trials or sum(phase["trials"] for phase in PLAN["phases"])
    tuner = tune.Tuner(
        trainable,
        tune_config=tune.TuneConfig(
            metric=METRIC,
            mode=MODE,
            num_samples=trials,
            search_alg=ConcurrencyLimiter(sampler(options.seed), max_concurrent=options.workers),
            scheduler=scheduler(),
        ),
        run_config=tune.RunConfig(
            name=options.name, storage_path=str(Path(place).parent), verbose=0
        ),
    )
    return tuner.fit()


def confirm(options: argparse.Namespace, results: tune.ResultGrid) -> None:
    """Train the best trials and the baseline again on fresh seeds that they share.

    The baseline takes the last place where it is not among the best, so that the cost is the
    planned one.
    """
    settings = PLAN["confirm"] or {"finalists": 3, "seeds": 3}
    ranked = [config for _, config in ranking(results)][: settings["finalists"]]
    if not any(map(is_baseline, ranked)):
        ranked = [*ranked[: max(settings["finalists"] - 1, 1)], point(PLAN["baseline"])]
    trainable = objective(options.target, options.seed, str(Path.cwd()))

    def again(config: Params) -> None:
        trainable({**config["finalist"], "seed": config["seed"]})

    seeds = [options.seed + 1000 + k for k in range(options.seeds or settings["seeds"])]
    tuner = tune.Tuner(
        again,
        param_space={
            "finalist": tune.grid_search(ranked),
            "seed": tune.grid_search(seeds),
        },
        run_config=tune.RunConfig(
            name=f"{options.name}-confirm",
            storage_path=str(Path(options.storage).expanduser().absolute()),
            verbose=0,
        ),
    )
    scores: list[dict[int, float]] = [{} for _ in ranked]
    for result in tuner.fit():
        if result.metrics and METRIC in result.metrics and result.error is None:
            place = ranked.index(result.config["finalist"])
            scores[place][result.config["seed"]] = result.metrics[METRIC]
    show(ranked, scores)


def show(ranked: list[Params], scores: list[dict[int, float]]) -> None:
    """Print the means, the best first, and whether the best beats the baseline."""
    up = PLAN["direction"] != "minimize"
    kept = [k for k in range(len(ranked)) if scores[k]]
    kept.sort(key=lambda k: mean(scores[k].values()), reverse=up)
    for k in kept:
        mark = "  <- baseline" if is_baseline(ranked[k]) else ""
        sys.stdout.write(f"{mean(scores[k].values()):.6g}  {params_of(ranked[k])}{mark}\n")
    default = next((k for k in kept if is_baseline(ranked[k])), None)
    rivals = [k for k in kept if k != default]
    if default is None or not rivals:
        sys.stdout.write("The baseline has no score: nothing says what the search has gained.\n")
        return
    seeds = sorted(set.intersection(*(set(scores[k]) for k in kept)))
    if len(seeds) < 2:
        sys.stdout.write("Compare with two seeds or more: --confirm --seeds 3.\n")
        return
    table = [[(1 if up else -1) * scores[k][seed] for seed in seeds] for k in kept]
    first, base = table[kept.index(rivals[0])], table[kept.index(default)]
    gain, margin = mean(first) - mean(base), chance(table, first, base)
    told = f"{gain:.4g} on the same {len(seeds)} seeds; chance alone gives up to {margin:.2g}"
    if gain > margin:
        sys.stdout.write(f"The best finalist beats the baseline by {told}.\n")
    else:
        sys.stdout.write(f"The best finalist gains {told}: keep the baseline.\n")


def chance(table: list[list[float]], first: list[float], base: list[float]) -> float:
    """Return the gain that chance alone exceeds in one of twenty confirmations.

    Configurations × seeds, so that what a seed does to all of them cancels; the larger of the
    pooled standard error and that of the pair; the level is shared by the finalists.
    """
    columns = [mean(each) for each in zip(*table, strict=True)]
    whole = mean(columns)
    rest = sum(
        (value - mean(row) - column + whole) ** 2
        for row in table
        for value, column in zip(row, columns, strict=True)
    )
    freedom = (len(table) - 1) * (len(columns) - 1)
    own = variance([a - b for a, b in zip(first, base, strict=True)])
    error = math.sqrt(max(2 * rest / freedom, own) / len(columns))
    return student(0.05 / (len(table) - 1), freedom) * error


def student(tail: float, freedom: int) -> float:
    """Return what Student's t exceeds with that chance, by bisection on its angle."""
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        cosines = (math.cos((k + 0.5) * middle / 400) ** (freedom - 1) for k in range(400))
        above = 0.5 - constant / math.sqrt(math.pi) * middle / 400 * sum(cosines)
        low, high = (middle, high) if above > tail else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


def ranking(results: tune.ResultGrid) -> list[tuple[float, Params]]:
    """Return score and configuration of the trials that trained the longest, the best first."""
    rows = [r for r in results if r.metrics and METRIC in r.metrics and r.error is None]
    longest = max((r.metrics[STEP] for r in rows), default=0)
    full = [r for r in rows if r.metrics[STEP] >= longest - 1]
    up = PLAN["direction"] != "minimize"
    return sorted(
        ((r.metrics[METRIC], r.config) for r in full), key=lambda row: row[0], reverse=up
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--target", required=True, metavar="MODULE:FUNCTION", help="the function that trains once")
    add("--storage", default="~/ray_results", metavar="DIR", help="where results go")
    add("--name", default="search", help="name of the experiment folder in it")
    add("--seed", type=int, default=0, metavar="S", help="seed of the search and the trainings")
    add("--trials", type=int, metavar="N", help="trials in all (the plan's, if not given)")
    add("--workers", type=int, default=PLAN["workers"], metavar="N", help="trials at a time")
    add("--cpus", type=float, default=1, metavar="N", help="CPU cores of a trial")
    add("--gpus", type=float, default=0, metavar="N", help="GPUs of a trial, also a part of one")
    add("--confirm", action="store_true", help="train best and baseline again on fresh seeds")
    add("--seeds", type=int, metavar="N", help="fresh seeds of --confirm (the plan's)")
    options = parser.parse_args(arguments)
    sys.path.insert(0, str(Path.cwd()))
    load(options.target)
    if not ray.is_initialized():
        ray.init(address=os.environ.get("RAY_ADDRESS"), log_to_driver=False)
    results = search(options)
    if options.confirm:
        confirm(options, results)
        return 0
    for score, config in ranking(results)[:5]:
        sys.stdout.write(f"{score:.6g}  {params_of(config)}\n")
    sys.stdout.write(
        "Next: the best score of a search is too good; the same command with --confirm.\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
