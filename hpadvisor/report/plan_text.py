"""A plan as a page for the terminal: verdict on top, a table a step, no wall of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hpadvisor.engine.reasons import Why
from hpadvisor.planning.model import Plan, Step
from hpadvisor.report import plan_words as words
from hpadvisor.report.page import Page
from hpadvisor.report.plan_page import render_page
from hpadvisor.report.plan_rulers import with_rulers
from hpadvisor.visible import shown

COLORS = {
    "tune": "green",
    "fix_first": "yellow",
    "leave_defaults": "blue",
    "collect_data": "yellow",
    "stop": "red",
}


def render_text(
    plan: Plan, *, width: int = 80, color: bool = False, why: bool = False, full: bool = False,
    command: str = words.PLAN_AGAIN,
) -> str:  # fmt: skip
    """Render a plan for people: one page, or all of it.

    Args:
        plan: The plan.
        width: Columns; no line is longer.
        color: Whether to write ANSI colours.
        why: Under each line the rule behind it, what it matched on, and its sources.
        full: Everything that is known of the plan, not the one page.
        command: The command that makes the plan again.

    Returns:
        The page, ending with a newline.
    """
    plan = shown(plan)
    if not why and not full:
        return render_page(plan, width=width, color=color, command=command)
    report = _Report(Page(width, color), why)
    report.verdict(plan)
    report.steps(plan)
    report.notes(plan)
    report.outlook(plan)
    return report.page.text()


class _Report:
    """Writes the parts of a plan on a page."""

    def __init__(self, page: Page, why: bool) -> None:
        self.page = page
        self.why = why

    def verdict(self, plan: Plan) -> None:
        """Say what to do in one strong line, then why, the weightiest reason first."""
        self.page.line(words.verdict(plan), f"bold {COLORS[plan.verdict]}", hang=3)
        self.page.blank()
        for reason in plan.reasons:
            self._reason(reason)

    def steps(self, plan: Plan) -> None:
        """Show the steps in order, and what they cost together."""
        shown: Step | None = None
        for number, step in enumerate(plan.steps, 1):
            size = words.size(step)
            self.page.heading(f"{number}. {step.name}", f" · {size}" if size else "")
            if self.why or not step.changes:
                self.page.line(step.purpose, indent=3)
            for change in step.changes:
                self.page.line(f"→ {change}", indent=3, hang=2)
            if step.parameters and shown is not None and step.parameters == shown.parameters:
                self.page.line(f"The same hyperparameters as in {shown.name}.", indent=3)
            elif step.parameters:
                shown = step
                cells = [row.cells(self.why) for row in words.rows(step)]
                titles = list(words.COLUMNS[: len(cells[0])])
                self.page.table(*with_rulers(titles, cells, step, self.page.width - 3), 3)
            self._running(step)
        if len(plan.steps) > 1 and words.total(plan):
            self.page.heading("Together", f" · {words.total(plan)}")

    def _running(self, step: Step) -> None:
        """Show how a step runs and when it ends."""
        if step.kind == "search":
            self.page.phrases(words.manner(step), 3)
            self.page.phrases(words.price(step), 3)
        if step.stop_when and (step.kind == "search" or self.why):
            self.page.line("When to stop", "bold", indent=3)
            for rule in step.stop_when:
                self.page.bullet(rule, indent=3)
        if self.why:
            self._background(step.why, 3, told=False)

    def notes(self, plan: Plan) -> None:
        """Show what is held fixed, moved together and avoided, and advice beside the search."""
        if plan.held_fixed or plan.interactions or plan.pitfalls:
            self.page.blank()
        label = "Held fixed"
        for names, reason in words.held(plan, ids=self.why):
            self.page.entry(label, f"{names} ({reason})")
            label = ""
        self._notes("Move together", plan.interactions)
        self._notes("Beware", plan.pitfalls)
        if plan.advice:
            self.page.heading("Advice")
            for note in plan.advice:
                self._reason(note)

    def outlook(self, plan: Plan) -> None:
        """Show other budgets, the tool, warnings, and what the plan would ask."""
        grid = words.grid_words(plan)
        self.page.blank()
        self._entries("Other budgets", [f"{a.budget}: {a.summary}" for a in plan.alternatives])
        self._entries("Measured", [item.text for item in plan.expect])
        self._entries("No full grid", [grid] if grid else [])
        if plan.tool is not None:
            ids = f" [{', '.join(plan.tool.rules)}]" if self.why and plan.tool.rules else ""
            self._entries("Tool", [f"{plan.tool.name}. {plan.tool.reason}{ids}"])
        self._entries("Warning", plan.warnings, "yellow")
        questions = []
        for item in plan.unknown:
            decides = f" It decides {', '.join(item.would_decide)}." if self.why else ""
            questions.append(f"{item.fact}: {words.question(item.question)}{decides}")
        self._entries("Worth saying", questions)

    def _entries(self, label: str, texts: Sequence[str], style: str = "") -> None:
        for number, text in enumerate(texts):
            self.page.entry("" if number else label, text, style)

    def _notes(self, label: str, notes: Sequence[Why]) -> None:
        """Show notes one after the other, each with what to do."""
        if notes:
            self.page.heading(label)
            for note in notes:
                self._reason(note)

    def _reason(self, why: Why) -> None:
        self.page.bullet(words.lead(why, 10_000), why.title)
        if self.why:
            self._background([why], 3, told=True)

    def _background(self, reasons: Iterable[Why], indent: int, told: bool) -> None:
        for reason in reasons:
            for label, text in words.background(reason, told):
                deeper = 0 if label == reason.rule else 2
                self.page.line(f"{label}: {text}", "dim", indent + deeper, 2)
