"""The Python API: the same objects that the commands show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, Unpack

from hpadvisor import tuning
from hpadvisor.said import AboutChecking, AboutSearch, nested, of_checking, of_search, several
from hpadvisor.showing import Views, register

if TYPE_CHECKING:
    from hpadvisor.auditing.model import Audit
    from hpadvisor.checking.findings import CheckResult
    from hpadvisor.checking.settings import CheckSettings
    from hpadvisor.diagnosing.change import ChangeReport
    from hpadvisor.diagnosing.following import Watch
    from hpadvisor.diagnosing.model import Diagnosis, RunDiagnosis
    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.facts import Facts
    from hpadvisor.facts.searches.review import Review, ReviewOptions
    from hpadvisor.facts.situation.model import Situation
    from hpadvisor.facts.situation.statements import Statement
    from hpadvisor.planning.model import Plan
    from hpadvisor.readers.curves.tables import Floats
    from hpadvisor.readers.searches.record import ReadOptions


def _reports() -> Views:
    from hpadvisor.report import results

    return results


def _emitted(plan: Plan, engine: str, *, standalone: bool) -> str:
    from hpadvisor.emit.engines import emit

    return emit(plan, engine, created_by="hpadvisor.plan(…).emit()", standalone=standalone)


register(_reports, _emitted)

run = tuning.run

MOST_WHOLE = 5
"""Runs that keep all of their curves for drawing."""
MOST_OVERLAID = 60
"""Runs that keep the curves that are drawn over each other."""
OVERLAID = ("train_loss", "val_loss")

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def _knowing_own_metrics(call: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Let the metrics of a user's ``rules`` count while a function runs."""

    @wraps(call)
    def run(*given: _Given.args, **named: _Given.kwargs) -> _Made:
        from hpadvisor.readers.metrics import own_metrics

        rules: Any = named.get("rules") or ()
        with own_metrics(rules):
            return call(*given, **named)

    return run


@_knowing_own_metrics
def plan(
    situation: Situation | Mapping[str, Any] | str | Path | None = None,
    *,
    curves: str | Path | Sequence[str | Path] = (),
    columns: Mapping[str, str] | None = None,
    statements: Sequence[Statement] = (),
    rules: Sequence[str | Path] = (),
    knowledge: Knowledge | None = None,
) -> Plan:
    """Compose a tuning plan.

    Args:
        situation: A situation, nested values of one, or the path of a situation file, of a
            training config or script, of a run's folder or of a log; see ``hpadvisor.at_hand``.
        curves: Training logs, whose diagnosis (of several the best run's) takes the place of the
            situation's symptoms; of a range test its learning rate.
        columns: Role to column name of the logs, over what the names say.
        statements: Further statements, which win over the situation (as flags do).
        rules: Folders or files of rules beside those that ship.
        knowledge: Knowledge that is loaded already, in place of ``rules``.

    Returns:
        The plan.

    Raises:
        UserError: the situation or the rules are wrong; the message names place and remedy.
    """
    from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge
    from hpadvisor.facts.situation.reading import build_situation
    from hpadvisor.planning.composer import build_plan

    known = knowledge or load_knowledge(rules, without=NOT_PLANNING)
    if isinstance(situation, str | Path):
        from hpadvisor.at_hand import situation_of

        understood = situation_of(situation, known)
        said, curves = list(understood.statements), [*understood.logs, *several(curves)]
    else:
        said = _statements(situation)
    said += symptoms_of(several(curves), [*said, *statements], known, columns=columns, rules=rules)
    checked, provenance = build_situation([*said, *statements], known.vocabulary())
    return build_plan(checked, provenance, known)


def symptoms_of(
    curves: Sequence[str | Path],
    statements: Sequence[Statement],
    knowledge: Knowledge,
    *,
    columns: Mapping[str, str] | None = None,
    rules: Sequence[str | Path] = (),
) -> list[Statement]:
    """Return what training logs say of the training; see ``planning.from_curves``.

    Args:
        curves: Training logs.
        statements: What is said of the training, which sharpens the verdicts.
        knowledge: Its vocabulary reads the statements.
        columns: Role to column name of the logs, over what the names say.
        rules: Folders or files of rules beside those that ship.
    """
    if not curves:
        return []
    from hpadvisor.diagnosing.as_statements import said_by_runs
    from hpadvisor.facts.situation.reading import build_situation, situation_facts

    told = situation_facts(*build_situation(statements, knowledge.vocabulary()))
    found = diagnose(curves, columns=columns, situation=told, rules=rules)
    source = f"--curves {' '.join(str(path) for path in curves)}"
    return said_by_runs(found.runs, told, knowledge.vocabulary(), source)


def told(
    situation: Situation | Mapping[str, Any] | str | Path,
    *,
    rules: Sequence[str | Path] = (),
) -> Facts:
    """Return what a situation says of a training, as facts that sharpen a diagnosis.

    Args:
        situation: A situation, nested values of one, or the path of a situation file.
        rules: Folders or files of rules beside those that ship.

    Raises:
        UserError: the situation or the rules are wrong; the message names place and remedy.
    """
    from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge
    from hpadvisor.facts.situation.reading import build_situation, situation_facts

    vocabulary = load_knowledge(rules, without=NOT_PLANNING).vocabulary()
    return situation_facts(*build_situation(_statements(situation), vocabulary))


def _statements(
    situation: Situation | Mapping[str, Any] | str | Path | None,
) -> list[Statement]:
    from hpadvisor.facts.situation.model import Situation
    from hpadvisor.facts.situation.statements import read_statements, statements_of

    if situation is None:
        return []
    if isinstance(situation, str | Path):
        return read_statements(situation)
    if isinstance(situation, Situation):
        return statements_of(situation.model_dump(exclude_none=True), "the situation")
    return statements_of(nested(situation), "the situation")


@_knowing_own_metrics
def diagnose(
    path_or_curves: str
    | Path
    | Sequence[str | Path]
    | Sequence[Mapping[str, Any]]
    | Mapping[str, Sequence[float] | Floats]
    | Any,
    *,
    columns: Mapping[str, str] | None = None,
    situation: Facts | Situation | Mapping[str, Any] | str | Path | None = None,
    range_test: bool = False,
    rules: Sequence[str | Path] = (),
    knowledge: Knowledge | None = None,
    on_log: Callable[[int, int], object] | None = None,
) -> Diagnosis:
    """Diagnose training logs, or curves that are in memory.

    Args:
        path_or_curves: A log, folder or glob, or several of them; or what is in memory: lists of
            values by column name (such as ``{"train_loss": [...], "val_loss": [...]}``), a frame
            of pandas or polars, records, a History of Keras, a Trainer of transformers or its
            log_history, a run of MLflow or W&B that lies on this machine.
        columns: Role to column name, over what the names say.
        situation: What else is known of the training: its values, a file, or facts.
        range_test: Read it as a learning-rate range test.
        rules: Folders or files of rules beside those that ship.
        knowledge: Knowledge that is loaded already, in place of ``rules``.
        on_log: Called after each log with how many of how many are read, for progress.

    Returns:
        A verdict with findings and recommendations for each run, and their comparison.

    Raises:
        UserError: nothing is found, or a log cannot be read; the message names place and remedy.
    """
    from hpadvisor.diagnosing.composer import ELSEWHERE, assemble, diagnose_run
    from hpadvisor.engine.judging import load_judging
    from hpadvisor.facts.facts import Facts
    from hpadvisor.readers.curves.reading import read_runs, runs_in_memory

    known = knowledge or load_judging("diagnose", rules, without=ELSEWHERE)
    if situation is not None and not isinstance(situation, Facts):
        situation = told(situation, rules=rules)
    paths = _paths_of(path_or_curves)
    if paths is None:
        paths, records = [], runs_in_memory(path_or_curves, columns)
    else:
        records = read_runs(paths, columns, on_log)
    runs: list[RunDiagnosis] = []
    for record in records:
        run = diagnose_run(record, known, situation, range_test=range_test)
        if len(runs) >= MOST_WHOLE:  # a thousand runs keep their verdicts, not their curves
            kept = OVERLAID if len(runs) < MOST_OVERLAID else ()
            run.curves = {role: run.curves[role] for role in kept if role in run.curves}
        runs.append(run)
    return assemble(runs, paths, columns, situation)


def _paths_of(given: Any) -> list[str] | None:
    """What is on disk, as paths; None where it is in memory."""
    if isinstance(given, str | Path):
        return [str(given)]
    if isinstance(given, list | tuple) and all(isinstance(one, str | Path) for one in given):
        return [str(one) for one in given]
    from hpadvisor.readers.given import path_given

    found = path_given(given)
    return None if found is given else [str(found)]


@_knowing_own_metrics
def diagnose_changes(
    base: str | Path | Any,
    after: str | Path | Sequence[Any],
    *,
    changes: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    situation: Facts | None = None,
    rules: Sequence[str | Path] = (),
) -> ChangeReport:
    """Judge changes that were made: whether each won, whether to stop it, and what comes next.

    Args:
        base: Log of the run before any change, or its curves in any form of :func:`diagnose`.
        after: The same for each change, in the order in which they were made; they may still be
            running.
        changes: What each changes, in the same order, such as ``learning_rate=×3``; what is not
            said is read from what the runs say of themselves.
        columns: Role to column name, over what the names say.
        situation: What else is known of the training.
        rules: Folders or files of rules beside those that ship.

    Raises:
        UserError: a log cannot be read, or holds more than one run, or a change is not understood.
    """
    from hpadvisor.diagnosing.change import judge_changes, said_change
    from hpadvisor.diagnosing.composer import ELSEWHERE
    from hpadvisor.engine.loading import load_knowledge
    from hpadvisor.errors import UserError
    from hpadvisor.readers.curves.reading import one_run

    said = [said_change(text) for text in changes]
    given = [base, *several(after)]
    if len(given) < 2:
        raise UserError("no run after it", path="after", remedy="Give a log for each change.")
    runs = [
        one_run(one, f"change {number}" if number else "base", columns)
        for number, one in enumerate(given)
    ]
    knowledge = load_knowledge(rules, without=ELSEWHERE)
    return judge_changes(runs[0], runs[1:], said, knowledge, situation)


def watch(
    paths: str | Path | Sequence[str | Path],
    *,
    columns: Mapping[str, str] | None = None,
    situation: Facts | None = None,
    range_test: bool = False,
    rules: Sequence[str | Path] = (),
) -> Watch:
    """Follow growing logs: each ``look()`` yields the runs that changed, diagnosed anew.

    Args:
        paths: Logs, folders or globs; they need not be there yet.
        columns: Role to column name, over what the names say.
        situation: What else is known of the trainings.
        range_test: Read them as learning-rate range tests.
        rules: Folders or files of rules beside those that ship.
    """
    from hpadvisor.diagnosing.composer import ELSEWHERE
    from hpadvisor.diagnosing.following import Watch
    from hpadvisor.engine.judging import load_judging

    known = load_judging("diagnose", rules, without=ELSEWHERE)
    return Watch(
        [str(path) for path in several(paths)],
        known,
        columns=columns,
        situation=situation,
        range_test=range_test,
    )


def audit(
    path: str | Path | Any,
    options: ReadOptions | None = None,
    judging: ReviewOptions | None = None,
    *,
    rules: Sequence[str | Path] = (),
    **said: Unpack[AboutSearch],
) -> Audit:
    """Review a search that an engine left on disk, or that is in memory.

    Args:
        path: A file, a folder, or the URL of an Optuna storage; or a Study of Optuna, a frame of
            trials (pandas, polars), or a list of records, a trial each.
        options: Which study, which score, which direction, which parameters, which space.
        judging: The noise, the score of guessing, the baseline's number, the planned trials.
        rules: Folders or files of rules beside those that ship.
        **said: The same by keyword: ``study``, ``objective``, ``direction``, ``params``,
            ``space``, ``noise``, ``chance``, ``baseline``, ``planned``, ``worth``, ``examples``.

    Returns:
        The audit.

    Raises:
        UserError: the search cannot be read, or the rules are wrong.
    """
    return audit_with_statistics(path, *of_search(options, judging, said), rules=rules)[0]


@_knowing_own_metrics
def audit_with_statistics(
    path: str | Path | Any,
    options: ReadOptions | None = None,
    judging: ReviewOptions | None = None,
    *,
    rules: Sequence[str | Path] = (),
) -> tuple[Audit, Review]:
    """Do as :func:`audit`, and return the statistics behind it too, for plots."""
    from hpadvisor.auditing.composer import compose_audit
    from hpadvisor.engine.loading import EXPLAINING, load_knowledge
    from hpadvisor.past import advised, past_runs

    known = load_knowledge(rules, without=EXPLAINING)
    audit, found = compose_audit(past_runs(path, known, options), known, judging)
    if audit.history is not None:
        audit.history = advised(audit.history, found.study, rules)
    return audit, found


def check(
    paths: str | Path | Sequence[str | Path],
    settings: CheckSettings | None = None,
    **said: Unpack[AboutChecking],
) -> CheckResult:
    """Find mistakes in training configs and search spaces.

    Args:
        paths: A file or folder, or several; folders are walked.
        settings: Which rules, how strictly; the defaults when left out, no settings file is read.
        **said: The same by keyword: ``select``, ``ignore``, ``persona``, ``exclude``,
            ``gitignore``, ``rules``, ``baseline``.

    Returns:
        The findings by file; a file that could not be read carries its error.

    Raises:
        UserError: a path is not there, or a setting names no rule.
    """
    from hpadvisor.checking.running import check_paths
    from hpadvisor.readers.metrics import own_metrics

    settings = of_checking(settings, said)
    with own_metrics(settings.rules if settings else ()):
        return check_paths([str(path) for path in several(paths)], settings)
