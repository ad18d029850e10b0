"""Facts that are computed from others. Arithmetic lives here, so that conditions need none."""

from __future__ import annotations

import re
from collections.abc import Callable

from hpadvisor.facts.facts import Facts
from hpadvisor.readers.metrics import direction_of


def derive(facts: Facts) -> Facts:
    """Return the facts with everything that can be computed from them.

    A fact that somebody stated is never replaced. Order matters: later ones use earlier ones.
    """
    derived = facts.copy()
    for name, compute in _DERIVATIONS:
        if name in derived:
            continue
        result = compute(derived)
        if result is not None:
            value, source = result
            derived.put(name, value, source)
    return derived


Derived = tuple[object, str] | None


def _direction(facts: Facts) -> Derived:
    metric = facts.get("task.metric")
    direction = None if metric is None else direction_of(str(metric))
    return None if direction is None else (direction, f"computed from the name '{metric}'")


def _parallel(facts: Facts) -> Derived:
    machines = facts.get("budget.machines")
    return None if machines is None else (machines, "computed: one training a machine")


def _hours_per_training(facts: Facts) -> Derived:
    epochs, each = facts.get("training.epochs"), facts.get("training.hours_per_epoch")
    if epochs is None or each is None or epochs * each <= 0:
        return None
    return epochs * each, "computed: epochs × hours per epoch"


RESERVE = 0.1
"""Share of the time until a deadline that is not planned for: a crash, the last evaluation."""


def _before(deadline: float | None) -> float | None:
    """Return the hours that may be planned before a deadline."""
    return None if deadline is None else deadline * (1 - RESERVE)


def _hours(facts: Facts) -> Derived:
    """Wall-clock hours: compute hours shared by the workers, and never past the deadline."""
    gpu_hours, deadline = facts.get("budget.gpu_hours"), _before(facts.get("budget.deadline"))
    if gpu_hours is not None:
        hours = gpu_hours / facts.get("budget.parallel", 1)
        if deadline is not None and deadline < hours:
            return deadline, "computed: the deadline comes before the GPU hours end"
        return hours, "computed: GPU hours ÷ parallel"
    return None if deadline is None else (deadline, "computed: the deadline less a tenth")


def _trainings_that_fit(facts: Facts) -> Derived:
    parallel = facts.get("budget.parallel", 1)
    each, cap = facts.get("budget.hours_per_training"), facts.get("budget.trainings")
    limits: list[tuple[float, str]] = []
    if each:
        for name in ("budget.hours", "budget.deadline"):
            hours = facts.get(name)
            hours = _before(hours) if name == "budget.deadline" else hours
            if hours is not None:
                # Less than one training stays a fraction: it says how much is missing.
                rounds = _floor(hours / each) * parallel or hours / each
                limits.append((rounds, f"computed: {name} × parallel ÷ hours a training"))
        gpu_hours = facts.get("budget.gpu_hours")
        if gpu_hours is not None:
            fit = _floor(gpu_hours / each) or gpu_hours / each
            limits.append((fit, "computed: GPU hours ÷ hours a training"))
    if cap is not None:
        limits.append((_floor(cap), "stated: budget.trainings"))
    return min(limits, default=None)


MOST_TRAININGS = 1e9
"""More trainings than anybody runs; beyond it the arithmetic of whole numbers would overflow."""


def _floor(value: float) -> float:
    """Whole trainings; a hair below a whole number counts as it (48 / 0.1 is 479.99…)."""
    return float(int(min(value, MOST_TRAININGS) + 1e-9))


def top5_chance(trials: int) -> float:
    """Chance that at least one of some random trials is in the best 5 %: 1 − 0.95ⁿ.

    Source: Bergstra & Bengio 2012, section 2.
    """
    return float(1 - 0.95**trials)


def workers_share(parallel: int, trainings: float) -> float:
    """Share of the trainings that run while others are still open; a single worker has none."""
    return 0.0 if parallel <= 1 else parallel / trainings


def _workers_share(facts: Facts) -> Derived:
    parallel, fit = facts.get("budget.parallel"), facts.get("budget.trainings_that_fit")
    return None if parallel is None or not fit else (workers_share(parallel, fit), "computed")


def _ratio(top: str, bottom: str) -> Callable[[Facts], Derived]:
    def compute(facts: Facts) -> Derived:
        above, below = facts.get(top), facts.get(bottom)
        return (
            None if above is None or not below else (above / below, f"computed: {top} ÷ {bottom}")
        )

    return compute


def _gap(facts: Facts) -> Derived:
    current, target = facts.get("task.current"), facts.get("task.target")
    direction = facts.get("task.direction")
    if current is None or target is None or direction is None:
        return None
    gap = target - current if direction == "maximize" else current - target
    return max(gap, 0.0) / max(abs(target), 1e-12), "computed: |target − current| ÷ target"


def _noise_share(facts: Facts) -> Derived:
    noise, current, target = (facts.get(f"task.{name}") for name in ("noise", "current", "target"))
    if noise is None or current is None or target is None or current == target:
        return None
    return noise / abs(target - current), "computed: noise ÷ |target − current|"


_SHARE_METRICS = frozenset({
    "acc", "accuracy", "f1", "top1", "recall", "precision", "auc", "auroc", "dice", "iou", "miou",
})  # fmt: skip


def _standard_error(facts: Facts) -> Derived:
    """The binomial error of a score that is a share of right answers (Bouthillier et al. 2021).

    F1, areas and overlaps vary at least as much, so that it is a lower limit for them.
    """
    examples, score = facts.get("data.validation_examples"), facts.get("task.current")
    words = set(re.findall(r"[a-z]+[0-9]*", str(facts.get("task.metric", "")).casefold()))
    if not examples or score is None or not words & _SHARE_METRICS or not 0 < score < 1:
        return None
    return float(f"{(score * (1 - score) / examples) ** 0.5:.2g}"), "computed: √(p (1 − p) ÷ n)"


LAW_KINDS = ("llm-pretraining",)


def _law_rate(facts: Facts) -> Derived:
    """The rate of Step Law (2025): 1.79 × N^−.713 × D^.307, with N weights and D tokens."""
    weights, tokens = facts.get("model.parameters"), facts.get("data.tokens")
    if facts.get("training.kind") not in LAW_KINDS or not weights or not tokens:
        return None
    return float(f"{1.79 * weights**-0.713 * tokens**0.307:.2g}"), "computed: Step Law"


def _steps_per_epoch(facts: Facts) -> Derived:
    examples = facts.get("data.train_examples")
    batch = facts.get("training.effective_batch_size")
    return None if examples is None or not batch else (max(examples / batch, 1.0), "computed")


def _effective_batch(facts: Facts) -> Derived:
    batch = facts.get("training.batch_size")
    if batch is None:
        return None
    return batch * facts.get("training.gradient_accumulation", 1), "computed"


def _warmup_epochs(facts: Facts) -> Derived:
    warmup, epochs = facts.get("training.warmup"), facts.get("training.epochs")
    return None if warmup is None or epochs is None else (warmup * epochs, "computed")


_DERIVATIONS: tuple[tuple[str, Callable[[Facts], Derived]], ...] = (
    ("task.direction", _direction),
    ("budget.parallel", _parallel),
    ("budget.hours_per_training", _hours_per_training),
    ("budget.hours", _hours),
    ("budget.trainings_that_fit", _trainings_that_fit),
    ("budget.workers_share", _workers_share),
    ("data.examples_per_class", _ratio("data.train_examples", "data.classes")),
    ("model.parameters_per_example", _ratio("model.parameters", "data.train_examples")),
    ("task.gap", _gap),
    ("task.noise_share", _noise_share),
    ("task.standard_error", _standard_error),
    ("training.law_rate", _law_rate),
    ("training.warmup_epochs", _warmup_epochs),
    ("training.effective_batch_size", _effective_batch),
    ("training.steps_per_epoch", _steps_per_epoch),
)

INPUTS: dict[str, tuple[str, ...]] = {
    "budget.trainings_that_fit": ("budget.hours", "budget.hours_per_training"),
    "budget.workers_share": ("budget.parallel",),
    "data.examples_per_class": ("data.train_examples", "data.classes"),
    "model.parameters_per_example": ("model.parameters", "data.train_examples"),
    "task.gap": ("task.current", "task.target"),
    "task.noise_share": ("task.noise", "task.current", "task.target"),
    "task.standard_error": ("data.validation_examples", "task.current"),
    "training.law_rate": ("model.parameters", "data.tokens"),
    "training.warmup_epochs": ("training.warmup", "training.epochs"),
    "training.effective_batch_size": ("training.batch_size",),
    "training.steps_per_epoch": ("data.train_examples", "training.batch_size"),
    "user.hyperparameters": (),
}
"""What a person can state in place of a derived fact."""
