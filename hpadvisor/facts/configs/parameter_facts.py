"""Facts of one searched parameter."""

from __future__ import annotations

import math

from hpadvisor.facts.configs.parameter import Parameter
from hpadvisor.facts.configs.roles import likely_role_of, role_of
from hpadvisor.facts.configs.subjects import Place, Subject
from hpadvisor.readers.configs.formats import SearchMap
from hpadvisor.readers.scalars import as_number

SCALE_ROLES = frozenset(
    {"learning_rate", "weight_decay", "adam_epsilon", "buffer_size", "learning_starts",
     "regularization_strength", "kernel_width", "entropy_weight"}
)  # fmt: skip
"""What acts by its order of magnitude."""
WHOLE_ROLES = frozenset({"architecture", "batch_size", "epochs", "lora_rank"})
"""What programs take as whole numbers."""
MEASURING_ROLES = frozenset(
    {"data_split", "target_transform", "metric_choice", "reward_definition", "decision_threshold"}
)
"""What a search must not choose: the scores of its trials are then not of one kind."""
_FLOAT_OVERFLOWS = {"e": 709.0, "10": 308.0}
"""Exponents above which a double has no value any more."""
_HUGE = 1e9


def parameter_subject(item: Parameter, document: Subject, search: SearchMap) -> Subject:
    """Return the facts of one parameter."""
    subject = Subject("parameter", item.place, document)
    role = role_of(item.name)
    subject.state("parameter.name", item.name, item.place)
    subject.state("parameter.role", role, item.place)
    subject.state("parameter.likely_role", likely_role_of(item.name), item.place)
    subject.state("parameter.type", item.type, item.parts.get("kind", item.place))
    subject.state("parameter.distribution", item.word, item.parts.get("kind"))
    subject.state("parameter.varies", item.varies)
    subject.state("parameter.bounds", item.bounds, item.parts.get("kind"))
    subject.state("parameter.has_default", item.has_default)
    subject.state("parameter.acts_by_scale", role in SCALE_ROLES, item.place)
    subject.state("parameter.measures", role in MEASURING_ROLES, item.place)
    if role == "loss_weight" and item.varies and document.get("space.metric_is_loss"):
        subject.state("parameter.weighs_objective", True, item.place)
    if item.type in ("float", "int"):
        subject.state("parameter.scale", item.scale, item.parts.get("kind", item.place))
    _limits(item, subject)
    _choices(item, subject)
    _ends(item, subject)
    _texts(item, subject)
    _exponents(item, subject)
    _whole(item, role, subject)
    subject.state("parameter.log_kind", search.options.get("log_kind"))
    return subject


def _place(item: Parameter, part: str) -> Place:
    return item.parts.get(part, item.place)


def _limits(item: Parameter, subject: Subject) -> None:
    low, high = item.low, item.high
    low_place, high_place = _place(item, "low"), _place(item, "high")
    subject.state("parameter.low", low, low_place)
    subject.state("parameter.high", high, high_place)
    subject.state("parameter.written_low", item.written_low, low_place)
    subject.state("parameter.written_high", item.written_high, high_place)
    if item.ratio is not None and item.ratio > 1 and low is None and high is None:
        subject.state("parameter.relative_ratio", item.ratio, low_place)
        _spread(subject, item.ratio, f"over a factor of {item.ratio:.4g}")
    if item.written_low is None or item.written_high is None:
        return
    subject.state("parameter.empty", item.written_low > item.written_high, low_place)
    if low is None or high is None or high <= low:
        return
    if low == 0:
        subject.state("parameter.from_zero", True, low_place)
        subject.state("parameter.tenth", high / 10)
    if low > 0:
        subject.state("parameter.ratio", high / low, low_place)
        subject.state("parameter.decades", math.log10(high / low), low_place)
        subject.state("parameter.middle", math.sqrt(low * high))
        _spread(subject, high / low, f"from {low:.4g} to {high:.4g}")


def _spread(subject: Subject, ratio: float, span: str) -> None:
    """State how an even draw falls on the decades: the share above their middle."""
    share = (ratio - math.sqrt(ratio)) / (ratio - 1)
    subject.state("parameter.span", span)
    subject.state("parameter.upper_percent", round(100 * share))


def _choices(item: Parameter, subject: Subject) -> None:
    if item.choices is None:
        return
    place = _place(item, "choices")
    subject.state("parameter.choices_count", len(item.choices), place)
    spelled = [repr(choice) for choice in item.choices]
    repeated = next((text for text in spelled if spelled.count(text) > 1), None)
    subject.state("parameter.choices_repeated", repeated is not None, place)
    subject.state("parameter.repeated_choice", repeated, place)
    numbers = [number for choice in item.choices if (number := as_number(choice)) is not None]
    if len(numbers) == len(item.choices) and len(numbers) > 1:
        subject.state("parameter.highest_choice", max(numbers), place)
        subject.state("parameter.lowest_choice", min(numbers), place)
        positive = [number for number in numbers if number > 0]
        if positive:
            subject.state("parameter.smallest_choice", min(positive), place)
        if min(numbers) > 0:
            subject.state("parameter.choices_ratio", max(numbers) / min(numbers), place)


def _ends(item: Parameter, subject: Subject) -> None:
    """State the highest and the lowest value, of a range or a list alike."""
    top = subject.get("parameter.high", subject.get("parameter.highest_choice"))
    bottom = subject.get("parameter.low", subject.get("parameter.smallest_choice"))
    subject.state("parameter.top", top)
    subject.state("parameter.bottom", bottom)
    if top is not None:
        subject.state("parameter.complement", 1 - top)


def _texts(item: Parameter, subject: Subject) -> None:
    """State a number that the loader reads as text; limits are refused, choices passed on."""
    if not item.texts:
        return
    limits = item.type not in ("categorical", "constant") and item.choices is None
    name = "parameter.text_number" if limits else "parameter.text_choice"
    subject.state(name, item.texts[0].node.text, item.texts[0])


def _exponents(item: Parameter, subject: Subject) -> None:
    if item.bounds not in _FLOAT_OVERFLOWS or item.written_high is None:
        return
    place = _place(item, "high")
    if item.written_high > _FLOAT_OVERFLOWS[item.bounds]:
        subject.state("parameter.overflows", True, place)
    elif item.high is not None and item.high > _HUGE:
        subject.state("parameter.huge", item.high, place)
    low = item.written_low
    if low is not None and low < 0 and item.bounds == "e":
        whole = float(low).is_integer() and float(item.written_high).is_integer()
        subject.state("parameter.whole_exponents", whole, _place(item, "low"))
        subject.state("parameter.as_powers_low", 10.0**low if low > -300 else 0.0)
        if item.written_high < 300:
            subject.state("parameter.as_powers_high", 10.0**item.written_high)


def _whole(item: Parameter, role: str | None, subject: Subject) -> None:
    """State whether a whole-number parameter is drawn as a float between whole limits."""
    low, high = item.low, item.high
    if role not in WHOLE_ROLES or item.type != "float" or item.rounded or low is None:
        return
    if high is None or low < 1 or high - low < 2 or item.bounds != "value":
        return
    if float(low).is_integer() and float(high).is_integer() and not item.stepped:
        subject.state("parameter.whole_as_float", True, item.parts.get("kind", item.place))
