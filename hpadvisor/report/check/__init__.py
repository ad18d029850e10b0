"""Findings of check as text, and in the forms that editors and CI read."""

from __future__ import annotations

from collections.abc import Callable

from hpadvisor.checking.findings import CheckResult

FORMATS = ("full", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown", "html")
"""Every form of output; ``text`` is another word for ``full``."""


def render(result: CheckResult, form: str, *, color: bool = False, width: int = 100) -> str:
    """Render a result.

    Args:
        result: What was found.
        form: One of :data:`FORMATS`, or ``text``.
        color: Whether to colour the text forms.
        width: Columns of the terminal, for the text forms.

    Returns:
        The text, with a line end, or empty where there is nothing to say.
    """
    if form in ("full", "text"):
        from hpadvisor.report.check.frames import full

        return full(result, color=color, width=width)
    return _plain(form)(result)


def _plain(form: str) -> Callable[[CheckResult], str]:
    if form == "concise":
        from hpadvisor.report.check.frames import concise

        return concise
    if form == "markdown":
        from hpadvisor.report.check.markdown import markdown_report

        return markdown_report
    if form == "html":
        from hpadvisor.report.html.of_check import check_page

        return check_page
    from hpadvisor.report.check import machines

    renderers: dict[str, Callable[[CheckResult], str]] = {
        "json": machines.json_report,
        "sarif": machines.sarif_report,
        "github": machines.github_report,
        "gitlab": machines.gitlab_report,
        "junit": machines.junit_report,
    }
    return renderers[form]
