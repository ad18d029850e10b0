"""A plan on one page: verdict, why, steps with a bar of the budget, what to watch, what to run."""

from __future__ import annotations

from dataclasses import dataclass

from hpadvisor.engine.reasons import Why
from hpadvisor.planning.model import Plan, Step
from hpadvisor.report import plan_words as words
from hpadvisor.report.page import LABEL, Page
from hpadvisor.report.plan_rulers import with_rulers

COLORS = {
    "tune": "green",
    "fix_first": "yellow",
    "leave_defaults": "blue",
    "collect_data": "yellow",
    "stop": "red",
}
MOST_LINES = 40
"""Lines of the page; what matters least is left to ``--full``."""
BAR = 24
"""Cells of the bar that shows what of the budget a step takes."""


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is shown; the first that fits the page is taken."""

    reasons: int
    notes: int
    stops: int
    warnings: int
    questions: int
    bars: bool = True


DETAILS = (
    Detail(3, 4, 2, 4, 2), Detail(3, 3, 1, 4, 2), Detail(3, 3, 1, 3, 1), Detail(2, 2, 1, 3, 1),
    Detail(2, 2, 0, 2, 1), Detail(1, 1, 0, 2, 0), Detail(1, 0, 0, 1, 0),
    Detail(1, 0, 0, 0, 0), Detail(1, 0, 0, 0, 0, bars=False), Detail(0, 0, 0, 0, 0, bars=False),
)  # fmt: skip


def render_page(
    plan: Plan, *, width: int = 80, color: bool = False, command: str = words.PLAN_AGAIN
) -> str:
    """Render a plan in at most forty lines at 80 columns.

    Args:
        plan: The plan.
        width: Columns; no line is longer.
        color: Whether to write ANSI colours.
        command: The command that makes the plan again.

    Returns:
        The page, ending with a newline.
    """
    text = ""
    for detail in DETAILS:
        text = _Page(Page(width, color), plan, detail, command).write()
        if text.count("\n") <= MOST_LINES:
            break
    return text


class _Page:
    """Writes the parts of a plan, each once."""

    def __init__(self, page: Page, plan: Plan, detail: Detail, command: str) -> None:
        self.page = page
        self.plan = plan
        self.detail = detail
        self.command = command

    def write(self) -> str:
        plan = self.plan
        self.page.line(words.verdict(plan), f"bold {COLORS[plan.verdict]}", hang=3)
        for reason in plan.reasons[: self.detail.reasons]:
            self.page.bullet(words.lead(reason), reason.title)
        for number, step in enumerate(plan.steps, 1):
            self._step(number, step)
        self._watch()
        self._warnings()
        self._next()
        return self.page.text()

    def _step(self, number: int, step: Step) -> None:
        size = words.size(step)
        self.page.heading(f"{number}. {step.name}", f" · {size}" if size else "")
        bar = _bar(self.plan, step) if self.detail.bars else ""
        if bar:
            self.page.line(bar, "cyan", indent=3)
        for change in step.changes:
            self.page.line(f"→ {words.short(change, 90)}", indent=3, hang=2)
        if step.parameters and step is self._table_step(step):
            cells = [row.cells(ids=False) for row in words.rows(step)]
            self.page.table(
                *with_rulers([*words.COLUMNS[:4]], cells, step, self.page.width - 3), 3
            )
        if step.kind == "search":
            self.page.phrases(words.manner(step), 3)
            for rule in step.stop_when[: self.detail.stops]:
                self.page.line(words.short(rule, 110), "dim", indent=3)

    def _table_step(self, step: Step) -> Step:
        """Return the first step that searches the same space: its table is shown once."""
        return next(s for s in self.plan.steps if s.parameters == step.parameters)

    def _watch(self) -> None:
        notes: list[Why] = sorted(self.plan.advice, key=_weight)[: self.detail.notes]
        if notes:
            self.page.heading("Watch")
            for note in notes:
                self.page.bullet(words.short(note.message, 120))

    def _warnings(self) -> None:
        shown = self.plan.warnings[: self.detail.warnings]
        asked = self.plan.unknown[: self.detail.questions]
        if shown or asked:
            self.page.blank()
        for number, warning in enumerate(shown):
            self.page.entry("" if number else "Warning", words.short(warning, 150), "yellow")
        for number, item in enumerate(asked):
            text = f"{item.fact}: {words.question(item.question)}"
            self.page.entry("" if number else "Worth saying", text)

    def _next(self) -> None:
        self.page.blank()
        command = words.next_command(self.plan, self.command)
        if len(command) > self.page.width - LABEL:  # a command that wraps cannot be copied
            command = words.next_command(self.plan, "This command again with").replace(
                "; ", ", then: "
            )
        if command:
            self.page.entry("Next", command, "bold")
        kept = len(self.plan.held_fixed)
        held = f"{words.count(kept, 'hyperparameter')} held, " if kept else ""
        self.page.line(f"More: --full ({held}other budgets, pitfalls), --why (sources).", "dim")


def _weight(why: Why) -> int:
    """Sort what was measured or published for this very situation first: it matched on more."""
    return -len(why.matched)


def _bar(plan: Plan, step: Step) -> str:
    """Return the bar of a step: spent before, this step, left."""
    whole = plan.budget_hours or plan.trainings_that_fit
    hours = plan.budget_hours is not None
    costs = [(s.cost_hours if hours else s.trainings) for s in plan.steps]
    if not whole or any(cost is None for cost in costs):
        return ""
    index = plan.steps.index(step)
    before = sum(cost or 0 for cost in costs[:index])
    start = min(round(BAR * before / whole), BAR)
    end = min(max(round(BAR * (before + (costs[index] or 0)) / whole), start), BAR)
    if end == start and step.kind == "fix":
        return ""  # too little to be seen
    told = words.hours(whole) if hours else words.count(int(whole), "training")
    return "░" * start + "█" * (end - start) + "░" * (BAR - end) + f" of the budget, {told}"
