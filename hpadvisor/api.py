"""The Python API: the same objects that the commands show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hpadvisor.checking.findings import CheckResult
    from hpadvisor.checking.settings import CheckSettings
    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.searches.review import Review, ReviewOptions
    from hpadvisor.facts.situation import Situation
    from hpadvisor.facts.situation_reading import Statement
    from hpadvisor.planning.model import Plan
    from hpadvisor.planning.searches.model import Audit
    from hpadvisor.readers.searches.record import ReadOptions


def plan(
    situation: Situation | Mapping[str, Any] | str | Path | None = None,
    *,
    statements: Sequence[Statement] = (),
    rules: Sequence[str | Path] = (),
    knowledge: Knowledge | None = None,
) -> Plan:
    """Compose a tuning plan.

    Args:
        situation: A situation, nested values of one, or the path of a situation file.
        statements: Further statements, which win over the situation (as flags do).
        rules: Folders or files of rules beside those that ship.
        knowledge: Knowledge that is loaded already, in place of ``rules``.

    Returns:
        The plan.

    Raises:
        UserError: the situation or the rules are wrong; the message names place and remedy.
    """
    from hpadvisor.engine.loading import EXPLAINING, load_knowledge
    from hpadvisor.facts.situation_reading import build_situation
    from hpadvisor.planning.composer import build_plan

    known = knowledge or load_knowledge(rules, without=EXPLAINING)
    said = [*_statements(situation), *statements]
    checked, provenance = build_situation(said, known.vocabulary())
    return build_plan(checked, provenance, known)


def _statements(
    situation: Situation | Mapping[str, Any] | str | Path | None,
) -> list[Statement]:
    from hpadvisor.facts.situation import Situation
    from hpadvisor.facts.situation_reading import read_statements, statements_of

    if situation is None:
        return []
    if isinstance(situation, str | Path):
        return read_statements(situation)
    if isinstance(situation, Situation):
        return statements_of(situation.model_dump(exclude_none=True), "the situation")
    return statements_of(situation, "the situation")


def audit(
    path: str | Path,
    options: ReadOptions | None = None,
    judging: ReviewOptions | None = None,
    *,
    rules: Sequence[str | Path] = (),
) -> Audit:
    """Review a search that an engine left on disk.

    Args:
        path: A file, a folder, or the URL of an Optuna storage.
        options: Which study, which score, which direction, which parameters, which space.
        judging: The noise, the score of guessing, the baseline's number, the planned trials.
        rules: Folders or files of rules beside those that ship.

    Returns:
        The audit.

    Raises:
        UserError: the search cannot be read, or the rules are wrong.
    """
    return audit_with_statistics(path, options, judging, rules=rules)[0]


def audit_with_statistics(
    path: str | Path,
    options: ReadOptions | None = None,
    judging: ReviewOptions | None = None,
    *,
    rules: Sequence[str | Path] = (),
) -> tuple[Audit, Review]:
    """Do as :func:`audit`, and return the statistics behind it too, for plots."""
    from hpadvisor.engine.loading import EXPLAINING, load_knowledge
    from hpadvisor.planning.searches.composer import compose_audit
    from hpadvisor.readers.searches.detect import read_search

    study = read_search(path, options)
    return compose_audit(study, load_knowledge(rules, without=EXPLAINING), judging)


def check(paths: Sequence[str | Path], settings: CheckSettings | None = None) -> CheckResult:
    """Find mistakes in training configs and search spaces.

    Args:
        paths: Files and folders; folders are walked.
        settings: Which rules, how strictly; the defaults when left out, no settings file is read.

    Returns:
        The findings by file; a file that could not be read carries its error.

    Raises:
        UserError: a path is not there, or a setting names no rule.
    """
    from hpadvisor.checking.running import check_paths

    return check_paths([str(path) for path in paths], settings)
