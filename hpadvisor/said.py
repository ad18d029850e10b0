"""What a caller says by keyword, as a command by flags: ``audit(path, objective="acc")``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from hpadvisor.errors import UserError, kind_of, nearest

if TYPE_CHECKING:
    from hpadvisor.checking.settings import CheckSettings
    from hpadvisor.facts.searches.review import ReviewOptions
    from hpadvisor.readers.searches.record import ReadOptions

_Made = TypeVar("_Made")


class AboutSearch(TypedDict, total=False):
    """What is known of a search beyond what its engine left.

    Attributes:
        study: Which study to take, where there are several.
        objective: The score's name, or the number of an objective.
        direction: ``maximize`` or ``minimize``.
        params: Names of the columns that are parameters.
        space: A file with the search space.
        noise: Standard deviation of the score between seeds, in the score's unit.
        chance: The score of guessing.
        baseline: Number of the trial with the default configuration.
        planned: Trials planned in all.
        worth: The least gain worth having, in the score's unit.
        examples: Validation examples behind each score.
    """

    study: str
    objective: str
    direction: str
    params: Sequence[str]
    space: str | Path
    noise: float
    chance: float
    baseline: int
    planned: int
    worth: float
    examples: float


class AboutChecking(TypedDict, total=False):
    """Which rules of ``check`` are asked for, and how strictly.

    Attributes:
        select: Beginnings of rule ids to use.
        ignore: Beginnings of rule ids to leave out.
        persona: ``pedantic`` adds the rules that only some want.
        exclude: Patterns of paths to leave out.
        gitignore: Whether what git ignores is left out.
        rules: Folders of further rules.
        baseline: A file of findings to hide.
    """

    select: Sequence[str]
    ignore: Sequence[str]
    persona: str
    exclude: Sequence[str]
    gitignore: bool
    rules: Sequence[str]
    baseline: str


def of_search(
    options: ReadOptions | None, judging: ReviewOptions | None, said: Mapping[str, Any]
) -> tuple[ReadOptions | None, ReviewOptions | None]:
    """Return the options with what was said by keyword.

    Raises:
        UserError: a keyword is none.
    """
    if not said:
        return options, judging
    from hpadvisor.facts.searches.review import ReviewOptions
    from hpadvisor.readers.searches.record import ReadOptions

    _known(said, AboutSearch, "audit")
    if said.get("direction", "maximize") not in ("maximize", "minimize"):
        raise UserError(
            f"'{said['direction']}' is no direction", path="direction",
            remedy="Say 'maximize' or 'minimize'.",
        )  # fmt: skip
    for name in ("noise", "worth", "chance", "planned", "examples", "baseline"):
        if not isinstance(said.get(name, 0), int | float):
            raise UserError(f"{kind_of(said[name])} is no number", path=name, remedy="Give one.")
    read, judged = options or ReadOptions(), judging or ReviewOptions()
    return _with(read, said), _with(judged, said)


def of_checking(settings: CheckSettings | None, said: Mapping[str, Any]) -> CheckSettings | None:
    """Return the settings with what was said by keyword.

    Raises:
        UserError: a keyword is none.
    """
    if not said:
        return settings
    from hpadvisor.checking.settings import CheckSettings

    _known(said, AboutChecking, "check")
    if said.get("persona", "default") not in ("default", "pedantic"):
        raise UserError(
            f"no persona '{said['persona']}'", path="persona",
            remedy="Say 'default' or 'pedantic'.",
        )  # fmt: skip
    return _with(settings or CheckSettings(), said)


def several(given: Any, what: str = "paths") -> list[Any]:
    """Return what was given as a list: one path is a list of one.

    Args:
        given: One or several.
        what: What they are, for a message.

    Raises:
        UserError: it is no path, and nothing of several.
    """
    if isinstance(given, str | Path):
        return [given]
    if isinstance(given, Mapping) or not isinstance(given, Iterable):
        raise UserError(f"not {kind_of(given)}", path=what, remedy="Give one, or a list of them.")
    return list(given)


def words_of(command: Any) -> list[str]:
    """Return the words of a command; a text is taken apart as a shell would, and by no shell.

    Raises:
        UserError: it is neither words nor a text, or a quotation in it does not end.
    """
    import shlex

    if not isinstance(command, str):
        return [str(word) for word in several(command, "words of the command")]
    try:
        return shlex.split(command)
    except ValueError as error:
        raise UserError(
            f"cannot be taken apart ({error})", path="command", remedy="Give a list of words."
        ) from None


def nested(situation: Any) -> Mapping[str, Any]:
    """Return the values of a situation.

    Raises:
        UserError: they are no mapping.
    """
    if isinstance(situation, Mapping):
        return situation
    raise UserError(
        f"not {kind_of(situation)}",
        path="the situation",
        remedy='Give a file, or values such as {"training": {"kind": "lora"}}.',
    )


def _with(options: _Made, said: Mapping[str, Any]) -> _Made:
    names = {field.name for field in fields(options)}  # type: ignore[arg-type]
    lists = {field.name for field in fields(options) if "tuple" in str(field.type)}  # type: ignore[arg-type]
    given = {
        name: (tuple([value] if isinstance(value, str) else value) if name in lists else value)
        for name, value in said.items()
        if name in names
    }
    return replace(options, **given)  # type: ignore[type-var]


def _known(said: Mapping[str, Any], words: type, call: str) -> None:
    names = list(words.__annotations__)
    for name in said:
        if name not in names:
            raise UserError(
                f"no keyword '{name}'",
                path=f"hpadvisor.{call}",
                remedy=f"{nearest(name, names)} There are: {', '.join(names)}.".strip(),
            )
