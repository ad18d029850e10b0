"""What is known of a run beside its curves: by the user, the config beside it, its rate."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.relative import relative_facts

if TYPE_CHECKING:
    from hpadvisor.readers.curves.record import RunRecord

_BESIDE, _IN_LOG = "config", "the log"
"""How the sources of what nobody told begin."""

_CONFIG = {
    "learning_rate": "learning_rate", "lr": "learning_rate", "base_lr": "learning_rate",
    "weight_decay": "weight_decay", "dropout": "dropout", "momentum": "momentum",
    "optimizer": "optimizer",
}  # fmt: skip
"""Keys of a config beside the log, and the hyperparameters they mean."""


_FINE_TUNING = (
    "vision-fine-tuning", "llm-fine-tuning", "lora", "preference-tuning", "encoder-fine-tuning",
)  # fmt: skip
_PRETRAINED = re.compile(
    r"(?:^|[._/])(?:pretrained\w*|peft\w*|lora_(?:r|rank|alpha|dim)|adapter|finetun\w*|base_model"
    r"|(?:pretrained_)?model_name_or_path|init_param|freeze_\w+)$",
    re.IGNORECASE,
)
"""Keys of a config that fine-tuning has."""

_LLAMA_FACTORY = {"current_steps", "total_steps", "percentage"}
"""Columns of a log of LLaMA-Factory, which trains pretrained models on."""

_LOW_RATE = 1e-4
"""At most this rate the Trainer is used to fine-tune: its own default is 5e-5."""


def add_told(facts: Facts, situation: Facts | None, run: RunRecord) -> None:
    """Add what was said of the run, and what follows from it; the user's word counts first.

    Args:
        facts: The facts of the curves, which grow.
        situation: What the user said.
        run: The run, with the config that lies beside its log.
    """
    for fact in situation or ():
        facts.put(fact.name, fact.value, fact.source)
    _add_logged(facts, run)
    _add_fine_tuning(facts, run)
    for fact in relative_facts(facts):
        facts.put(fact.name, fact.value, fact.source)


def logged_of(facts: Facts) -> dict[str, tuple[Any, str]]:
    """Optimizer and learning rate as the log or the config beside it says, and which does."""
    found = {}
    for name in ("training.optimizer", "training.learning_rate"):
        fact = facts.fact(name)
        if fact is not None and fact.source.startswith((_BESIDE, _IN_LOG)):
            found[name] = (fact.value, fact.source)
    return found


def _add_logged(facts: Facts, run: RunRecord) -> None:
    """Add what the config beside the log and its rate column say, where nobody said otherwise."""
    for key, value in run.config.items():
        name = _CONFIG.get(str(key).rpartition(".")[2].casefold())
        if name is None or f"training.{name}" in facts:
            continue
        if name == "optimizer":
            if isinstance(value, str):
                facts.put("training.optimizer", value.casefold(), f"{_BESIDE}, {key}")
        elif (number := _number(value)) is not None:
            facts.put(f"training.{name}", number, f"{_BESIDE}, {key}")
    peak = facts.get("curve.learning_rate.peak")
    if peak and "training.learning_rate" not in facts:
        facts.put("training.learning_rate", float(peak), f"{_IN_LOG}, largest learning rate")


def _add_fine_tuning(facts: Facts, run: RunRecord) -> None:
    """Add whether a pretrained model is trained on, where something says it."""
    if facts.get("model.pretrained") is not None:
        pretrained = facts.get("model.pretrained")
        facts.put("curve.fine_tuning", bool(pretrained), "computed from model.pretrained")
        return
    if str(facts.get("training.kind", "")) in _FINE_TUNING:
        facts.put("curve.fine_tuning", True, "computed from training.kind")
        return
    for key in run.config:
        if _PRETRAINED.search(str(key)) and run.config[key] not in (None, False, "", "None", 0):
            facts.put("curve.fine_tuning", True, f"{_BESIDE}, {key}")
            return
    if {column.name for column in run.logged} >= _LLAMA_FACTORY:
        facts.put("curve.fine_tuning", True, "computed: columns of LLaMA-Factory")
        return
    peak = facts.get("curve.learning_rate.peak")
    if run.format == "trainer_state" and peak and peak <= _LOW_RATE:
        facts.put("curve.fine_tuning", True, f"computed: the Trainer, at a rate of {peak:g}")


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
