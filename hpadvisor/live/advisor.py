"""The advisor of a running training: it is told what is logged, and speaks when there is news."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from hpadvisor.diagnosing.lasting import UNJUDGED, Lasting, is_plain
from hpadvisor.errors import UserError, nearest
from hpadvisor.facts.vocabulary import DIAGNOSES
from hpadvisor.live.showing import LOGGER, Show, shower

if TYPE_CHECKING:
    from hpadvisor.diagnosing.model import RunDiagnosis
    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.facts import Facts
    from hpadvisor.readers.curves.tables import Table

DENSE = 1.02
"""A look follows when the log has grown by this factor: a hundred looks cost as two readings."""


class Options(TypedDict, total=False):
    """What an :class:`Advisor` can be told; callbacks take the same."""

    situation: Mapping[str, Any] | str | Path | None
    epochs: float | None
    steps: float | None
    columns: Mapping[str, str] | None
    stop_on: Collection[str]
    show: Show | Callable[[News], object]
    name: str
    rules: Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class News:
    """A verdict that is new.

    Attributes:
        verdict: A word of the vocabulary of diagnoses.
        text: The verdict and the change to make first, in a line.
        diagnosis: All that is behind it.
        stop: Whether the training is asked to stop.
    """

    verdict: str
    text: str
    diagnosis: RunDiagnosis
    stop: bool

    def __str__(self) -> str:
        """The line that is said."""
        return self.text


class Advisor:
    """Judges a training while it runs, and says a verdict when it changed and lasts.

    It keeps what it is told, and never disturbs the training: what it cannot read it leaves
    unjudged. Its own time is that of some dozens of looks over the whole training.

    ``advisor = Advisor(epochs=30)``, then in each epoch ``advisor.log(epoch=epoch,
    train_loss=loss, val_loss=other)``; with ``stop_on={"diverged"}`` a loop asks
    ``advisor.should_stop``.

    Attributes:
        should_stop: Whether a verdict of ``stop_on`` lasts.
        verdict: The verdict that was said last; ``cannot_judge`` before the first.
        diagnosis: The newest look, None before the first; it may be ahead of what was said.
        news: All that was said.

    Args:
        situation: What is known of the training: values of a situation, or its file.
        epochs: How many epochs are planned.
        steps: How many steps are planned.
        columns: Role to name, over what the names say, such as ``{"val_loss": "nll/dev"}``.
        stop_on: Verdicts that ask the training to stop; none by default.
        show: Where news go: ``auto``, ``line``, ``log``, ``notebook``, ``none``, or a function.
        name: What the run is called in its lines.
        rules: Folders or files of rules beside those that ship.

    Raises:
        UserError: the situation is wrong, or ``stop_on`` names no verdict.
    """

    format = "live"
    """What a log of this kind is called; callbacks say theirs."""
    rounds = False
    """Whether steps are rounds of boosting."""

    def __init__(
        self,
        situation: Mapping[str, Any] | str | Path | None = None,
        *,
        epochs: float | None = None,
        steps: float | None = None,
        columns: Mapping[str, str] | None = None,
        stop_on: Collection[str] = (),
        show: Show | Callable[[News], object] = "auto",
        name: str = "training",
        rules: Sequence[str | Path] = (),
    ) -> None:
        self.epochs, self.steps, self.name = epochs, steps, name
        self.should_stop = False
        self.verdict = UNJUDGED
        self.diagnosis: RunDiagnosis | None = None
        self.news: list[News] = []
        self._stop_on = _known_verdicts(stop_on)
        self._show = shower(show)
        self._situation = situation
        self._told: Facts | None = None
        self._columns, self._rules = columns, list(rules)
        self._records: list[dict[str, float]] = []
        self._looked = 0
        self._broken = False
        self._problem = ""
        self._lasting = Lasting(said=UNJUDGED)
        self._knowledge: Knowledge | None = None
        if situation is not None:
            self._told = _facts_of(situation, self._rules)

    def __repr__(self) -> str:
        return f"<Advisor of {self.name}: {self.verdict}, {len(self._records)} records>"

    def log(
        self, metrics: Mapping[str, Any] | None = None, /, *, look: bool = True, **named: Any
    ) -> News | None:
        """Take what is logged at one place of the training.

        Losses, scores, learning rate and gradient norm are known by their names, as in a log
        (``train_loss``, ``val_loss``, ``val_accuracy``, ``lr``, ``grad_norm``). Say ``epoch`` or
        ``step``, too; with neither, each call counts as one epoch.

        Args:
            metrics: Values by name; what is no number is left out.
            look: Whether it may be judged now, rather than at a later call.
            named: The same as keywords.

        Returns:
            The news, None where there are none.
        """
        record = dict(_numbers({**(metrics or {}), **named}))
        scores = [value for name, value in record.items() if name not in ("epoch", "step")]
        if not scores:
            return None
        if "epoch" not in record and "step" not in record:
            record["epoch"] = float(len(self._records) + 1)
        self._records.append(record)
        breaks = not self._broken and not all(map(math.isfinite, scores))
        self._broken = self._broken or breaks
        if not look or not (breaks or len(self._records) >= self._looked * DENSE):
            return None
        return self._look(ended=False)

    def be_silent(self) -> None:
        """Show nothing from now on: another process of the same training speaks."""
        self._show = shower("none")

    def finish(self) -> News | None:
        """Say the verdict of the whole training where it is another one than was said last."""
        news = self._look(ended=True) if self._records else None
        if self._problem and self.diagnosis is None:
            LOGGER.warning("the training could not be judged: %s", self._problem)
        return news

    def _look(self, *, ended: bool) -> News | None:
        self._looked = len(self._records)
        run = self._diagnosed()
        if run is None:
            return None
        self.diagnosis = run
        new = self._lasting.look(run.verdict, run.epochs_or_steps, plain=is_plain(run))
        new = new or (ended and self._lasting.rest())
        self.verdict = self._lasting.said
        stop = self._lasting.stood and self.verdict in self._stop_on and not ended
        asked = stop and not self.should_stop
        self.should_stop = self.should_stop or stop
        if not new and not asked:
            return None
        return self._say(run, stop)

    def _say(self, run: RunDiagnosis, stop: bool) -> News:
        from hpadvisor.report.diagnosis import run_line

        text = run_line(run, at=self._place(run))
        if stop:
            text += " (the training is asked to stop)"
        news = News(run.verdict, text, run, stop)
        self.news.append(news)
        self._show(news)
        return news

    def _place(self, run: RunDiagnosis) -> str:
        """How far the training is: its epoch, or its step where those are the axis."""
        from hpadvisor.engine.text import human

        last = self._records[-1]
        unit = "step" if "epoch" not in last or run.axis == "step" else "epoch"
        return f"{unit} {human(last.get(unit, run.epochs_or_steps))}"

    def _diagnosed(self) -> RunDiagnosis | None:
        """Judge the records so far; None where they cannot be read yet, or at all."""
        from hpadvisor.diagnosing.composer import diagnose_run
        from hpadvisor.readers.curves.assembling import runs_of
        from hpadvisor.readers.metrics import own_metrics

        try:
            with own_metrics(self._rules):
                runs = list(runs_of(self._table(), self._columns))
                return diagnose_run(runs[-1], self._known(), self._told) if runs else None
        except UserError as error:
            self._problem = str(error)
            return None
        except Exception:  # the training goes on, whatever is wrong with its advisor
            LOGGER.exception("the training could not be judged; it goes on")
            return None

    def _table(self) -> Table:
        from hpadvisor.readers.curves.tables import table_of_records

        table = table_of_records(self._records, self.name, self.format)
        table.planned_epochs, table.planned_steps = self.epochs, self.steps
        table.rounds = self.rounds
        return table

    def _known(self) -> Knowledge:
        if self._knowledge is None:
            from hpadvisor.diagnosing.composer import ELSEWHERE
            from hpadvisor.engine.judging import load_judging

            self._knowledge = load_judging("diagnose", self._rules, without=ELSEWHERE)
        return self._knowledge


def _known_verdicts(given: Collection[str]) -> frozenset[str]:
    """The verdicts that stop a training, checked.

    Raises:
        UserError: one of them is no verdict.
    """
    wanted = frozenset([given] if isinstance(given, str) else given)
    for one in sorted(wanted - set(DIAGNOSES)):
        raise UserError(
            f"'{one}' is no verdict",
            path="stop_on",
            remedy=nearest(one, DIAGNOSES) or f"Verdicts: {', '.join(DIAGNOSES)}.",
        )
    return wanted


def _facts_of(situation: Mapping[str, Any] | str | Path, rules: Sequence[str | Path]) -> Facts:
    from hpadvisor.api import told

    return told(situation, rules=rules)


def _numbers(values: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """What is a number, or a tensor or array of one; nested mappings with ``/``."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            for inner, number in _numbers(value):
                yield f"{name}/{inner}", number
        elif value is not None and not isinstance(value, bool | str | bytes):
            try:  # a tensor or an array of one value has item()
                yield str(name), float(value.item() if hasattr(value, "item") else value)
            except (TypeError, ValueError, OverflowError, RuntimeError):
                continue
