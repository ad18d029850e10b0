"""The usual questions, as prompts that a person picks in a client."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

HOW = (
    "Take every range, value, trial count and verdict from hpadvisor's answer; add none of your "
    "own. Where it says that it cannot judge, or that something is unknown, say so and ask me for "
    "it. Name the rule ids behind what you recommend, and say what is folk advice."
)
"""What an agent does with every answer."""

Log = Annotated[str, Field(description="path of the training log, or of a folder of runs")]
Place = Annotated[str, Field(description="path below a served folder")]
Known = Annotated[str, Field(description="what you know of the training, in your words")]


def validation_loss_rises(log: Log) -> str:
    """My validation loss rises, or a curve looks wrong: what is it, and what do I change first?"""
    return (
        f"My curves look wrong. Call diagnose on {log}, with what you know of the training as "
        "situation. Tell me the verdict with its numbers, how sure it is, and the first change to "
        f"make. If it overfits, what ranges does explain give for that change? {HOW}"
    )


def which_learning_rate(training: Known) -> str:
    """Which learning rate should I use, or search?"""
    return (
        f"Which learning rate do I take? My training: {training}. Call plan with that as "
        "situation (ask me for the kind of training and the optimizer if they are missing), then "
        "explain 'learning_rate' with the same situation. Give me the range, its scale, where to "
        f"start, and what the range rests on. {HOW}"
    )


def how_many_trials(training: Known) -> str:
    """Should I tune at all, how many trials, and when do I stop?"""
    return (
        f"Shall I tune at all, how many trials does it take, and when do I stop? My training: "
        f"{training}. Ask me for the budget and the time of one training if they are missing, "
        "then call plan. Tell me the verdict first, then trials, hours and the rule to stop by. "
        f"{HOW}"
    )


def review_my_search(search: Place) -> str:
    """Review my search: stop or go on, and what next?"""
    return (
        f"Review my hyperparameter search. Call audit on {search}. Tell me whether to stop, "
        "whether the best trial is better than noise, what is wrong with the search, and the next "
        f"space. {HOW}"
    )


def lint_my_configs(folder: Place) -> str:
    """Find mistakes in my training configs and search spaces."""
    return (
        f"Call check on {folder}. For each finding tell me the file and line, why it matters, and "
        "the smallest change that mends it; change nothing until I agree. Say what was not read. "
        f"{HOW}"
    )


PROMPTS = (
    validation_loss_rises,
    which_learning_rate,
    how_many_trials,
    review_my_search,
    lint_my_configs,
)
"""Every prompt."""
