"""The command of an emitted script: its flags, and what it prints."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hpadvisor.search.comparison import compare
from hpadvisor.search.confirmation import confirm
from hpadvisor.search.growing import grown
from hpadvisor.search.job import Job, Training, deadline_in
from hpadvisor.search.locks import locked
from hpadvisor.search.memory import SEARCH
from hpadvisor.search.plan import SearchPlan, read_plan
from hpadvisor.search.problems import StoppedError, TuneError
from hpadvisor.search.recovery import recover
from hpadvisor.search.reporting import confirmation_table, summary
from hpadvisor.search.storage import serve, shown
from hpadvisor.search.study import make_study, open_study
from hpadvisor.search.targets import chosen_target
from hpadvisor.search.words import say, wrapped
from hpadvisor.search.workers import spread

DESCRIPTION = """Search hyperparameters with Optuna, by a plan.

Write a function that trains once and returns its score, and name it (or write it into the script):

    def train(params: dict, report: Callable[[int, float], None]) -> float: ...

    python tune.py --target module:train --storage journal.log --seed 0

`params` holds a value for each hyperparameter of the plan. Call `report(epoch, score)` after each
epoch, counted from 1; it ends the training where the plan prunes. Where the function also has an
argument named `seed`, it gets the seed: one and the same in the search, fresh ones in `--confirm`.

The journal keeps everything. The same command again goes on where it stopped; several processes,
on several machines that share the file, may work on one journal. A trial whose process was killed
is queued again; where it was seen to kill its worker, it is tried once more, alone, and another
worker takes the place. With `--workers N`, TUNE_WORKER (0 to N-1) tells each process which GPU to
take, and the cores are shared among them.

Machines without a shared disk take a database (`--storage postgresql://USER:PASSWORD@HOST/NAME`),
or one machine serves its journal to the others by gRPC (pip install grpcio protobuf). It asks for
no password, so serve it in a network that you trust:

    python tune.py --storage journal.log --serve 0.0.0.0:13000
    python tune.py --target module:train --storage grpc://HOST:13000
"""


_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def main(
    plan: Mapping[str, Any],
    function: Training | None = None,
    arguments: Sequence[str] | None = None,
) -> int:
    """Run the command of a script.

    Args:
        plan: The plan, as plain data.
        function: The function that trains once, where the script holds it.
        arguments: The command's arguments; the process's where None.

    Returns:
        The exit code: 0, 1 stopped early, 2 wrong use, 130 interrupted.
    """

    def work() -> None:
        read = read_plan(plan)
        _command(read, function, _parser(read).parse_args(arguments))

    return outcome(work)


def outcome(work: Callable[[], None]) -> int:
    """Do the work of a command; return its exit code, and say in a line what ended it."""
    try:
        work()
    except TuneError as error:
        say(f"error: {error}")
        return 1 if isinstance(error, StoppedError) else 2
    except OSError as error:  # the function's own are a failed trial
        say(f"error: the storage cannot be used: {error}; the same command again goes on")
        return 1
    except KeyboardInterrupt:
        say("Interrupted; the same command again goes on.")
        return 130
    return 0


def _parser(plan: SearchPlan) -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=DESCRIPTION, formatter_class=form)
    add = parser.add_argument
    ceiling = f"pay for more than the planned {plan.trainings:g} full trainings if need be"
    texts = {
        "target": "the function that trains once, where it is not in the script",
        "trials": f"finished trials over all runs and workers (planned: {plan.trials})",
        "storage": "the journal, a database URL or grpc://HOST:PORT (default: %(default)s)",
        "seed": "seed of the search and the trainings (default: %(default)s)",
        "workers": f"processes (default: 1; planned: {plan.workers})",
        "hours": "start no training after H hours",
        "limit": "a training that takes longer fails: seconds, or 90s, 15m, 2h",
        "here": "train in this process: for debuggers; a worker that is killed ends the search",
        "ceiling": f"{ceiling}; implied by --trials",
        "direction": "of the score (default: %(default)s)",
        "confirm": "train the best trials and the baseline again on fresh seeds",
        "seeds": "fresh seeds of --confirm (the plan's, if not given)",
        "serve": "serve the journal to other machines by gRPC, and train nothing",
        "reclaim": "queue all running trials again (only while no other worker runs)",
    }
    add("--target", metavar="MODULE:FUNCTION", help=texts["target"])
    add("--trials", type=_positive, metavar="N", help=texts["trials"])
    add("--storage", default="journal.log", metavar="WHERE", help=texts["storage"])
    add("--seed", type=int, default=0, metavar="S", help=texts["seed"])
    add("--workers", type=_positive, default=1, metavar="N", help=texts["workers"])
    add("--timeout-hours", type=float, metavar="H", help=texts["hours"])
    add("--trial-timeout", type=_seconds, metavar="TIME", help=texts["limit"])
    add("--no-ceiling", action="store_true", help=texts["ceiling"])
    ways = ["maximize", "minimize"]
    add("--direction", choices=ways, default=plan.direction, help=texts["direction"])
    add("--confirm", action="store_true", help=texts["confirm"])
    add("--seeds", type=_several, metavar="N", help=texts["seeds"])
    add("--in-process", action="store_true", help=texts["here"])
    add("--serve", metavar="[HOST:]PORT", help=texts["serve"])
    add("--reclaim", action="store_true", help=texts["reclaim"])
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 1")
    return int(text)


def _several(text: str) -> int:
    found = _positive(text)
    if found < 2:
        raise argparse.ArgumentTypeError("one seed cannot tell a gain from luck; give 2 or more")
    return found


def _seconds(text: str) -> float:
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "s")
    try:
        found = float(number) * _UNITS[unit]
    except ValueError:
        found = 0.0
    if not 0 < found < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no time: write 90, 90s, 15m or 2h")
    return found


def _command(plan: SearchPlan, function: Training | None, options: argparse.Namespace) -> None:
    if options.serve:
        serve(options.storage, options.serve)
        return
    job = _job(plan, function, options)
    if options.reclaim:
        with locked(job.storage):
            study = open_study(plan, job.study, job.storage, job.seed, job.direction)
            recover(study, job.storage, everything=True)
    if options.confirm:
        supervised = not options.in_process
        rows = confirm(job, options.workers, seeds=options.seeds, supervised=supervised)
        if not rows:
            raise TuneError("no training of the confirmation came through")
        verdict = "\n".join(wrapped(compare(rows, job.direction != "minimize")))
        report = f"The whole report: hpadvisor audit {shown(job.storage)} --study confirm"
        search = open_study(plan, SEARCH, job.storage, job.seed, job.direction)
        space = grown(plan, search).space
        sys.stdout.write(f"{confirmation_table(space, rows)}\n\n{verdict}\n{report}\n")
        return
    study = make_study(plan, job.storage, job.seed, job.direction)
    try:
        spread(job, options.workers, study, supervised=not options.in_process)
    finally:
        sys.stdout.write(summary(study, job, _command_line(options)) + "\n")


def _job(plan: SearchPlan, function: Training | None, options: argparse.Namespace) -> Job:
    return Job(
        plan=plan,
        target=chosen_target(options.target, function),
        storage=options.storage,
        seed=options.seed,
        direction=options.direction,
        trials=options.trials or plan.trials,
        ceiling=None if options.trials or options.no_ceiling else plan.trainings,
        deadline=deadline_in(options.timeout_hours),
        confirm=options.confirm,
        trial_seconds=options.trial_timeout,
    )


def _command_line(options: argparse.Namespace) -> str:
    target = f" --target {options.target}" if options.target else ""
    place = shown(options.storage)
    return f"python {Path(sys.argv[0]).name}{target} --storage {place} --seed {options.seed}"
