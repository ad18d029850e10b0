"""``hpadvisor report``: logs, configs, searches and plans joined into one page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hpadvisor.cli.options import ForceOption, RulesOption, deliver, page_of
from hpadvisor.errors import UserError

if TYPE_CHECKING:
    from hpadvisor.planning.model import Plan
    from hpadvisor.report.html.document import Document

DEFAULT = Path("hpadvisor-report.html")
_CONFIGS = frozenset({".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".py", ".ipynb"})

Reader = Callable[[str, list[Path]], "Document | None"]


def report(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Logs, configs, searches, situations, plans as JSON, or folders of them; each "
            "is looked at by the command that reads it.",
            metavar="PATH...",
        ),
    ],
    rules: RulesOption = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The page.", metavar="FILE")
    ] = DEFAULT,
    figures: Annotated[
        Path | None,
        typer.Option(
            "--figures", help="Write each picture as SVG into a folder, too.", metavar="DIR"
        ),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Look at everything that is named, and write one page."""
    documents = [document_of(path, rules or []) for path in paths]
    if figures is not None:
        _write_figures(documents, figures, force=force)
    deliver(page_of(documents, output), "xml", output, force=force)


def _write_figures(documents: list[Document], folder: Path, *, force: bool) -> None:
    """Write the pictures as ``KIND-NAME.svg``, numbered where there are several documents.

    Raises:
        UserError: the extra ``html`` is not installed, or a file is there already.
    """
    from hpadvisor.report.results import document_figures
    from hpadvisor.report.terminal import say
    from hpadvisor.writing import write_text

    folder.mkdir(parents=True, exist_ok=True)
    for number, document in enumerate(documents, start=1):
        first = f"{number}-" if len(documents) > 1 else ""
        for name, svg in document_figures(document).items():
            path = folder / f"{first}{document.kind}-{name}.svg"
            write_text(path, svg, force=force)
            say(f"Wrote {path}.", error=True)


def document_of(path: str, rules: list[Path]) -> Document:
    """Look at a file or folder by the first command that can read it.

    Raises:
        UserError: no command can; the reason is that of the first one that refused it.
    """
    first: UserError | None = None
    for read in _readers(path):
        try:
            document = read(path, rules)
        except UserError as error:
            first = first or error
            continue
        if document is not None:
            return document
    raise first or UserError(
        "no log, config, search, situation or plan", path=path, remedy="Name one of these."
    )


def _readers(path: str) -> tuple[Reader, ...]:
    """The commands that may read a path, the likeliest first."""
    if "://" in path:
        return (_audited,)
    found = Path(path)
    if not found.exists():
        raise UserError("no such file or folder", path=path, remedy="Check the path.")
    if found.is_dir():
        return (_audited, _diagnosed, _checked, _as_a_log)
    if found.suffix.lower() in _CONFIGS:
        return (_planned, _checked, _diagnosed, _audited, _as_a_log)
    return (_diagnosed, _audited, _as_a_log)


def _planned(path: str, rules: list[Path]) -> Document | None:
    """A plan as JSON, or a situation; None where it is neither."""
    from hpadvisor.facts.situation.model import Situation
    from hpadvisor.report.html.of_plan import plan_document

    found = Path(path)
    if found.suffix.lower() not in (".yaml", ".yml", ".json"):
        return None
    saved = _saved_plan(found)
    if saved is not None:
        return plan_document(saved)
    from hpadvisor.facts.situation.statements import read_statements

    statements = read_statements(found)
    sections = {statement.path.partition(".")[0] for statement in statements}
    if not sections or not sections <= set(Situation.model_fields):
        return None
    from hpadvisor.api import plan

    return plan_document(plan(found, rules=rules))


def _saved_plan(path: Path) -> Plan | None:
    """A plan that was written by ``plan --format json``; None where it is something else."""
    from pydantic import ValidationError

    from hpadvisor.planning.model import Plan

    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not {"verdict", "steps", "headline"} <= set(document):
        return None
    try:
        return Plan.model_validate(document)
    except ValidationError:
        raise UserError(
            "a plan of another version", path=path, remedy="Write it again: hpadvisor plan."
        ) from None


def _checked(path: str, rules: list[Path]) -> Document | None:
    """A config; None where its format is not known."""
    from hpadvisor.api import check
    from hpadvisor.checking.settings import CheckSettings
    from hpadvisor.report.html.of_check import check_document

    result = check([path], CheckSettings(rules=tuple(str(one) for one in rules)))
    known = any(file.formats for file in result.files)
    return check_document(result) if known else None


def _diagnosed(path: str, rules: list[Path]) -> Document | None:
    """A log; None where nothing in it can be judged."""
    return _log(path, rules, judged=True)


def _as_a_log(path: str, rules: list[Path]) -> Document | None:
    """A log that cannot be judged, with the reason."""
    return _log(path, rules, judged=False)


def _log(path: str, rules: list[Path], *, judged: bool) -> Document | None:
    from hpadvisor.api import diagnose
    from hpadvisor.report.html.of_diagnosis import diagnosis_document

    found = diagnose(path, rules=rules)
    if judged and not any(run.judged for run in found.runs):
        return None
    return diagnosis_document(found)


def _audited(path: str, rules: list[Path]) -> Document:
    from hpadvisor.api import audit_with_statistics
    from hpadvisor.report.html.of_audit import audit_document

    return audit_document(*audit_with_statistics(path, rules=rules))
