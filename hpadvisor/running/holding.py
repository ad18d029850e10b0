"""What the plan of a run leaves as it is: said, and filled into every command."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from hpadvisor.errors import UserError
from hpadvisor.running.placeholders import CommandLine

if TYPE_CHECKING:
    from hpadvisor.planning.model import Plan


def held_words(plan: Plan, command: CommandLine) -> str:
    """Say which placeholders the plan leaves at today's values; empty where it leaves none."""
    left = _left(plan, command)
    if not left:
        return ""
    names = ", ".join(f"{name} {value}" for name, value in left.items())
    every = ",".join(command.hyperparameters)
    return (
        f"The plan leaves {names} as it is: the budget is better spent on the others. "
        f"--set search.tune={every} searches all."
    )


def nothing_to_search(plan: Plan, command: CommandLine) -> UserError:
    """Say of each placeholder why no search of the plan moves it, and what would change that."""
    why = {item.name: item.why for item in plan.held_fixed}
    names = command.hyperparameters
    told = "; ".join(f"{{{name}}}: {why.get(name, 'no range is known here')}" for name in names)
    unknown = ", ".join(f"{{name: {name}, low: …, high: …}}" for name in names if name not in why)
    remedy = "hpadvisor plan says why."
    if plan.verdict != "tune" or not told:
        told = plan.headline.rstrip(".")
    elif "training.kind" not in plan.situation:
        remedy = "Say what is trained: --training tabular-mlp, random-forest or another kind."
    elif unknown:
        remedy = f"Give it a range in a situation file: hyperparameters: [{unknown}]"
    return UserError(f"the plan has nothing to search ({told})", path="run", remedy=remedy)


def held_values(plan: Plan, command: CommandLine, derived: Collection[str] = ()) -> dict[str, Any]:
    """Return the values of placeholders that the plan leaves as they are.

    Args:
        plan: The plan.
        command: The command.
        derived: Placeholders that are computed from others.

    Raises:
        UserError: one of them has no value that is known.
    """
    left = _left(plan, command)
    for name in command.hyperparameters:
        if name in left and left[name] is None and name not in derived:
            raise UserError(
                f"the plan leaves {{{name}}} as it is, and its value is not known", path="command",
                remedy=f"Say --set training.{name}=…, or take it out of the command.",
            )  # fmt: skip
    return left


def _left(plan: Plan, command: CommandLine) -> dict[str, Any]:
    """Return the placeholders that no search of the plan moves, with today's values.

    Some the plan does not even name: what has no meaning for its kind of training.
    """
    searched = {item.name for step in plan.search_steps for item in step.parameters}
    held = {item.name: item.value for item in plan.held_fixed}
    stated = {str(item["name"]): _stated(item, plan) for item in plan.hyperparameters}
    return {
        name: held[name] if held.get(name) is not None else stated.get(name)
        for name in command.hyperparameters
        if name not in searched and (name in held or name in stated)
    }


def _stated(item: Mapping[str, Any], plan: Plan) -> Any:
    """Return today's value of a described hyperparameter; None where nobody said it."""
    if item.get("default") is not None:
        return item["default"]
    told = plan.situation.get(f"training.{item.get('role')}")
    return None if told is None else told.value
