"""What a server offers: the commands that judge, on given folders, as text or as JSON.

Nothing here knows a protocol; :mod:`.server` puts the methods of :class:`Tools` on the wire, with
schemas made of their signatures.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from hpadvisor.errors import UserError, nearest
from hpadvisor.integrations.folders import Folders

if TYPE_CHECKING:
    from hpadvisor.engine.knowledge import Knowledge
    from hpadvisor.facts.facts import Facts
    from hpadvisor.facts.situation.statements import Statement

WIDTH = 100
LONGEST = 60_000
"""Characters of an answer as text: a client's model reads all of it."""

Form = Annotated[
    Literal["text", "json"],
    Field(description="text to read, or the versioned JSON (its schema: hpadvisor://schema/NAME)"),
]
Situation = Annotated[
    dict[str, Any] | None,
    Field(
        description="what is known of the training, nested as in a situation file; leave out what "
        "is not known, never guess. All keys: hpadvisor://schema/situation. Such as "
        '{"training": {"kind": "vision-fine-tuning", "optimizer": "sgd", "learning_rate": 0.01}, '
        '"budget": {"hours": "2d", "hours_per_training": "30min"}, "task": {"current": 0.86}}',
    ),
]
Why = Annotated[
    bool, Field(description="under each finding the rule, what matched, and its sources")
]
Ids = Annotated[
    list[str] | None, Field(description="rule ids or their beginnings, such as SPC or CFG022")
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answers.

    Attributes:
        text: For people and models.
        document: The versioned JSON, where it was asked for.
    """

    text: str
    document: dict[str, Any] | None = None


class Tools:
    """The tools, on some folders.

    Args:
        folders: What may be read.
        rules: Folders or files of rules beside those that ship.
    """

    def __init__(self, folders: Folders, rules: Sequence[str | Path] = ()) -> None:
        self._folders = folders
        self._rules = tuple(rules)

    def plan(
        self,
        situation: Situation = None,
        situation_file: Annotated[
            str, Field(description="path of a situation file; situation wins over it")
        ] = "",
        curves: Annotated[
            list[str] | None, Field(description="paths of training logs, in place of symptoms")
        ] = None,
        full: Annotated[bool, Field(description="all of the plan, not one page of it")] = False,
        why: Why = False,
        format: Form = "text",
    ) -> Answer:
        """Compose a tuning plan for a described training.

        Whether to tune at all, which hyperparameters, in which ranges, by which search, for how
        many trials and hours, and when to stop. Take every range from its answer.
        """
        from hpadvisor.api import plan
        from hpadvisor.report.plan_json import render_json
        from hpadvisor.report.plan_text import render_text

        result = plan(
            self._inside(situation_file) if situation_file else None,
            statements=self._statements(situation),
            curves=[self._inside(path) for path in curves or []],
            rules=self._rules,
        )
        if format == "json":
            return _document(render_json(result))
        return _text(render_text(result, width=WIDTH, why=why, full=full))

    def diagnose(
        self,
        paths: Annotated[list[str], Field(description="training logs, or folders of runs")],
        columns: Annotated[
            dict[str, str] | None,
            Field(description='what a column is, such as {"val_loss": "eval/nll"}'),
        ] = None,
        situation: Situation = None,
        range_test: Annotated[
            bool, Field(description="read the log as a learning-rate range test")
        ] = False,
        why: Why = False,
        format: Form = "text",
    ) -> Answer:
        """Read training logs and say what is wrong, and what to change first.

        CSV, JSON, JSON lines, console text, TensorBoard, MLflow, trainer_state.json and more. A
        log that cannot be judged is said to be so, with the reason; that is no all-clear.
        """
        from hpadvisor.api import diagnose
        from hpadvisor.report.diagnosis import diagnosis_text
        from hpadvisor.visible import json_text

        found = diagnose(
            [self._inside(path) for path in paths],
            columns=columns,
            situation=self._facts(situation),
            range_test=range_test,
            rules=self._rules,
        )
        if format == "json":
            return _document(json_text(found.to_dict()))
        return _text(diagnosis_text(found, width=WIDTH, color=False, drawn=False, why=why))

    def check(
        self,
        paths: Annotated[list[str], Field(description="files and folders to check")],
        select: Ids = None,
        ignore: Ids = None,
        pedantic: Annotated[bool, Field(description="also the rules that only some want")] = False,
        format: Form = "text",
    ) -> Answer:
        """Find mistakes in training configs and search spaces (YAML, JSON, TOML, Python).

        The last line says how much was read; a file that could not be read is no all-clear.
        """
        from hpadvisor.api import check
        from hpadvisor.report.check import render

        places = [self._inside(path) for path in paths]
        settings = self._settings(places, select or [], ignore or [], pedantic)
        result = check([str(place) for place in places], settings)
        if format == "json":
            return _document(render(result, "json"))
        return _text(render(result, "full", width=WIDTH))

    def audit(
        self,
        path: Annotated[
            str,
            Field(
                description="a search: an Optuna database or journal, a folder of Ray Tune, "
                "MLflow, Keras Tuner, SMAC, Syne Tune or W&B, an nni.sqlite, Katib JSON, or a "
                "table of trials as CSV"
            ),
        ],
        study: Annotated[str, Field(description="which study, where there are several")] = "",
        objective: Annotated[str, Field(description="name of the score")] = "",
        direction: Annotated[
            Literal["", "maximize", "minimize"], Field(description="whether it should rise")
        ] = "",
        params: Annotated[
            list[str] | None, Field(description="columns of a table that are hyperparameters")
        ] = None,
        space: Annotated[str, Field(description="path of the search space, or of a plan")] = "",
        noise: Annotated[
            float | None, Field(gt=0, description="deviation of the score between seeds")
        ] = None,
        planned: Annotated[int | None, Field(ge=1, description="trials planned in all")] = None,
        why: Why = False,
        format: Form = "text",
    ) -> Answer:
        """Review a finished or running search: stop or go on, what is wrong, the next space."""
        from hpadvisor.api import audit_with_statistics
        from hpadvisor.facts.searches.review import ReviewOptions
        from hpadvisor.readers.searches.record import ReadOptions
        from hpadvisor.report.searches.json import render_json
        from hpadvisor.report.searches.text import render_audit

        stated = self._inside(space) if space else None
        options = ReadOptions(study, objective, direction, tuple(params or ()), stated)
        judging = ReviewOptions(noise, None, None, planned, None)
        result, found = audit_with_statistics(
            self._inside(path), options, judging, rules=self._rules
        )
        if format == "json":
            return _document(render_json(result))
        return _text(render_audit(result, found, width=WIDTH, why=why, show_plots=False))

    def explain(
        self,
        question: Annotated[
            str,
            Field(description="a rule id, a hyperparameter, a kind of training, a topic, a claim"),
        ],
        situation: Situation = None,
        sources: Annotated[
            bool, Field(description="name the sources of a hyperparameter's ranges")
        ] = False,
        format: Form = "text",
    ) -> Answer:
        """Explain a rule or a hyperparameter with its ranges, limits and sources; judge a claim.

        A claim that nothing is known of is answered so. It is not refuted by that.
        """
        from hpadvisor.engine.lookup import look_up
        from hpadvisor.report.explanation import explanation_json, explanation_text
        from hpadvisor.visible import json_text

        known = self._knowledge()
        answer = look_up(question, known)
        facts = self._understood(situation, known)
        if format == "json":
            return _document(json_text(explanation_json(question, answer, facts)))
        return _text(explanation_text(question, answer, facts, width=WIDTH, sources=sources))

    def rules(
        self,
        about: Annotated[
            str,
            Field(description="an id for one rule whole, or a kind or topic; empty lists these"),
        ] = "",
        format: Form = "text",
    ) -> Answer:
        """List or show the rules and tables that every advice traces to."""
        from hpadvisor.report.entries import entry_json, entry_text, listing, listing_json
        from hpadvisor.visible import json_text

        known = self._knowledge()
        entry = known.find(about) if about else None
        if entry is not None:
            if format == "json":
                return _document(json_text(entry_json(entry)))
            return _text(entry_text(entry))
        counts = _kinds(known)
        if not about:
            text = "\n".join(f"{name:<16} {count}" for name, count in counts.items())
            return Answer(text, {"kinds": dict(counts)} if format == "json" else None)
        entries = [e for e in known.entries() if about in (e.kind, getattr(e, "topic", None))]
        if not entries:
            ids = [one.id for one in known.entries()]
            raise UserError(
                f"no rule, kind or topic is called '{about}'",
                remedy=nearest(about.upper(), ids) or f"Kinds and topics: {', '.join(counts)}.",
            )
        if format == "json":
            return _document(json_text(listing_json(entries)))
        return _text(listing(entries))

    def _inside(self, path: str) -> str:
        return str(self._folders.inside(path))

    def _knowledge(self) -> Knowledge:
        from hpadvisor.engine.loading import load_knowledge

        return load_knowledge(self._rules)

    def _statements(self, situation: dict[str, Any] | None) -> list[Statement]:
        from hpadvisor.facts.situation.statements import statements_of

        return statements_of(situation or {}, "situation")

    def _facts(self, situation: dict[str, Any] | None) -> Facts | None:
        """What a situation says, as it is; None where nothing is said."""
        from hpadvisor.facts.situation.reading import build_situation, situation_facts

        if not situation:
            return None
        vocabulary = self._knowledge().vocabulary()
        return situation_facts(*build_situation(self._statements(situation), vocabulary))

    def _understood(self, situation: dict[str, Any] | None, known: Knowledge) -> Facts | None:
        """What a situation says, and what follows from it."""
        from hpadvisor.facts.situation.reading import build_situation
        from hpadvisor.planning.understanding import understand

        if not situation:
            return None
        built, said = build_situation(self._statements(situation), known.vocabulary())
        return understand(built, said, known)

    def _settings(
        self, places: list[str], select: list[str], ignore: list[str], pedantic: bool
    ) -> Any:
        """The project's settings, as far as they stand in the served folder, and what is asked."""
        from dataclasses import replace

        from hpadvisor.checking.settings import CheckSettings, load_settings

        settings = CheckSettings()
        if places:
            place = Path(places[0])
            start = place if place.is_dir() else place.parent
            settings = load_settings(start, top=self._folders.top_of(place))
        asked: dict[str, Any] = {"rules": (*settings.rules, *(str(one) for one in self._rules))}
        if select:
            asked["select"] = tuple(select)
        if ignore:
            asked["ignore"] = tuple(ignore)
        if pedantic:
            asked["persona"] = "pedantic"
        return replace(settings, **asked)


def _kinds(known: Knowledge) -> Counter[str]:
    counts: Counter[str] = Counter(entry.kind for entry in known.entries())
    counts.update(rule.topic for rule in known.rules)
    return counts


def _text(text: str) -> Answer:
    from hpadvisor.visible import visible

    text = visible(text)
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}\n… cut off at {LONGEST:,} characters: ask for less at a time.\n"
    return Answer(text)


def _document(text: str) -> Answer:
    from hpadvisor.visible import json_text

    document: dict[str, Any] = json.loads(text)
    return Answer(json_text(document, indent=None), document)
