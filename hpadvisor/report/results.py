"""Every result in every form: text, Markdown, HTML page and fragment, SVG pictures, plain data."""

from __future__ import annotations

import json
import re
from typing import Any

from hpadvisor.auditing.model import Audit
from hpadvisor.checking.findings import CheckResult
from hpadvisor.diagnosing.change import ChangeReport
from hpadvisor.diagnosing.model import Diagnosis
from hpadvisor.errors import UserError
from hpadvisor.planning.model import Plan
from hpadvisor.report.html.document import Document
from hpadvisor.running.loop import RunResult


def plain(result: Any) -> dict[str, Any]:
    """Plain data by the published schema."""
    if isinstance(result, RunResult):
        from hpadvisor.report.running import document as run_values

        return run_values(result)
    if isinstance(result, ChangeReport):
        return result.data()
    if isinstance(result, CheckResult):
        from hpadvisor.report.check import render

        found: dict[str, Any] = json.loads(render(result, "json"))
        return found
    from hpadvisor.visible import json_text

    form = "json" if isinstance(result, Plan) else "python"
    data: dict[str, Any] = json.loads(json_text(result.model_dump(mode=form)))
    return data


def text(result: Any, *, why: bool, width: int) -> str:
    """The text of the command, without colour."""
    if isinstance(result, Plan):
        from hpadvisor.report.plan_text import render_text

        return render_text(result, width=width, why=why)
    if isinstance(result, Diagnosis):
        from hpadvisor.report.diagnosis import diagnosis_text

        return diagnosis_text(result, width=width, color=False, drawn=True, why=why) + "\n"
    if isinstance(result, CheckResult):
        from hpadvisor.report.check import render

        return render(result, "full", width=width)
    if isinstance(result, ChangeReport):
        from hpadvisor.report.changes import changes_text

        return changes_text(result, width=width, color=False) + "\n"
    if isinstance(result, RunResult):
        from hpadvisor.report.running import run_text

        return run_text(result, width=width, color=False)
    from hpadvisor.report.searches.text import render_audit

    return render_audit(result, _review(result), width=width, why=why)


def markdown(result: Any) -> str:
    """Markdown: that of the command where it has one, else its page's words."""
    if isinstance(result, Plan):
        from hpadvisor.report.plan_markdown import render_markdown

        return render_markdown(result)
    if isinstance(result, CheckResult):
        from hpadvisor.report.check import render

        return render(result, "markdown")
    from hpadvisor.report.html.fragments import document_markdown

    return document_markdown(document(result))


def page(result: Any) -> str:
    """A whole HTML page."""
    from hpadvisor.report.html.rendering import html_page

    if isinstance(result, RunResult):
        from hpadvisor.report.html.of_run import run_documents

        return html_page(run_documents(result))
    return html_page([document(result)])


def fragment(result: Any) -> str:
    """HTML for a cell of a notebook, pictures as SVG where they can be drawn."""
    from hpadvisor.report.html.fragments import document_fragment

    return document_fragment(document(result))


def figures(result: Any) -> dict[str, str]:
    """SVG pictures by name."""
    return document_figures(document(result))


def line(result: Any) -> str:
    """The verdict in one line; of an audit that was read from JSON its decision."""
    try:
        return document(result).verdict
    except UserError:
        return str(result.decision)


def document_figures(shown: Document) -> dict[str, str]:
    """The pictures of a document as SVG, named by their titles."""
    from hpadvisor.report.html.rendering import figure_svg

    found: dict[str, str] = {}
    for figure in shown.figures:
        name = re.sub(r"[^a-z0-9]+", "-", figure.title.partition(":")[0].lower()).strip("-")
        number = 2
        unique = name or "picture"
        while unique in found:
            unique, number = f"{name}-{number}", number + 1
        found[unique] = figure_svg(figure)
    return found


def document(result: Any) -> Document:
    """The page of a result as plain data."""
    if isinstance(result, Plan):
        from hpadvisor.report.html.of_plan import plan_document

        return plan_document(result)
    if isinstance(result, Diagnosis):
        from hpadvisor.report.html.of_diagnosis import diagnosis_document

        return diagnosis_document(result)
    if isinstance(result, ChangeReport):
        from hpadvisor.report.html.of_changes import changes_document

        return changes_document(result)
    if isinstance(result, CheckResult):
        from hpadvisor.report.html.of_check import check_document

        return check_document(result)
    if isinstance(result, RunResult):
        from hpadvisor.report.html.of_run import run_document

        return run_document(result)
    from hpadvisor.report.html.of_audit import audit_document

    return audit_document(result, _review(result))


def _review(audit: Audit) -> Any:
    """The statistics behind an audit.

    Raises:
        UserError: it was read from JSON, which does not hold them.
    """
    if audit.statistics is None:
        raise UserError(
            "an audit that was read from JSON has no statistics to show",
            path="audit",
            remedy="Call hpadvisor.audit on the search itself.",
        )
    return audit.statistics
