"""Facts that are computed from others: the arithmetic that conditions do not have."""

from __future__ import annotations

from hpadvisor.facts.configs.subjects import Subject

_FREE_SCALE = frozenset(
    {"noam", "noamlr", "noamannealing", "noamopt", "noam_decay", "rsqrt", "inverse_sqrt",
     "inversesquarerootannealing", "inverse_square_root", "t5", "noamscheduler", "noam_lr",
     "warmuplr", "noamholdannealing", "transformer"}
)  # fmt: skip
_EPOCHS_AT_MOST = 10
"""A step above so many trainings is counted in batches, not in epochs."""
TRANSFORMER_KINDS = frozenset(
    {"llm-pretraining", "llm-fine-tuning", "lora", "preference-tuning", "encoder-fine-tuning"}
)


def derive_training(subject: Subject) -> None:
    """Add every computed fact of a training."""
    _warmup(subject)
    _batch(subject)
    _rates(subject)
    _decay(subject)
    _boosting(subject)
    stop, fall = subject.get("training.stop_patience"), subject.get("training.plateau_patience")
    if stop is not None and fall is not None:
        place = subject.place_of("training.plateau_patience")
        subject.state("training.stops_first", stop <= fall, place)
    _best_at_end(subject)
    rank, alpha = subject.get("training.lora_rank"), subject.get("training.lora_alpha")
    if rank and alpha is not None and rank > 0:
        place = subject.place_of("training.lora_alpha")
        subject.state("training.lora_scale", alpha / rank, place)
    if subject.get("training.fp16") is True and subject.get("training.bf16") is True:
        subject.state("training.fp16_and_bf16", True, subject.place_of("training.bf16"))


def _warmup(subject: Subject) -> None:
    steps, warm = subject.get("training.steps"), subject.get("training.warmup_steps")
    ratio = subject.get("training.warmup_ratio")
    place = subject.place_of("training.warmup_steps")
    if steps is not None and warm is not None and steps > 0:
        subject.state("training.warmup_share", warm / steps, place)
    epochs, warm_epochs = subject.get("training.epochs"), subject.get("training.warmup_epochs")
    if epochs is not None and warm_epochs is not None and epochs > 0:
        subject.state(
            "training.warmup_share",
            warm_epochs / epochs,
            subject.place_of("training.warmup_epochs"),
        )
    if ratio is not None and warm is not None:
        subject.state("training.warmup_twice", ratio > 0 and warm > 0, place)
    _warmup_absent(subject, warm, ratio, warm_epochs)


def _warmup_absent(
    subject: Subject, warm: float | None, ratio: float | None, epochs: float | None
) -> None:
    stated = [value for value in (warm, ratio, epochs) if value is not None]
    unknown = subject.get("training.warmup_steps_stated") or subject.get(
        "training.warmup_ratio_stated"
    )
    schedule = subject.get("training.lr_schedule") or ""
    if "warmup" in schedule and not stated:
        return
    if stated and not unknown:
        subject.state("training.warmup_absent", not any(value > 0 for value in stated))


def _batch(subject: Subject) -> None:
    micro = subject.get("training.micro_batch_size")
    accumulation = subject.get("training.gradient_accumulation")
    whole = subject.get("training.batch_size")
    if micro and accumulation:
        subject.state(
            "training.effective_batch_size",
            micro * accumulation,
            subject.place_of("training.gradient_accumulation"),
        )
    elif whole:
        subject.state(
            "training.effective_batch_size",
            whole * (accumulation or 1),
            subject.place_of("training.batch_size"),
        )
    total = subject.get("training.train_batch_size")
    if total and micro and accumulation and total > 0 and micro > 0 and accumulation > 0:
        remainder = total % (micro * accumulation)
        subject.state(
            "training.batch_remainder", remainder, subject.place_of("training.train_batch_size")
        )
        subject.state("training.batch_product", micro * accumulation)


def _rates(subject: Subject) -> None:
    rate, low = subject.get("training.learning_rate"), subject.get("training.min_learning_rate")
    if rate and low is not None and rate > 0:
        subject.state(
            "training.min_learning_rate_share",
            low / rate,
            subject.place_of("training.min_learning_rate"),
        )
    peak = subject.get("training.schedule_max_learning_rate")
    if rate and peak:
        subject.state(
            "training.schedule_rate_ratio",
            max(peak / rate, rate / peak),
            subject.place_of("training.schedule_max_learning_rate"),
        )
    schedule = subject.get("training.lr_schedule")
    name = "" if schedule is None else str(schedule).replace(" ", "")
    subject.state("training.rate_is_factor", name in _FREE_SCALE or "noam" in name)


def _boosting(subject: Subject) -> None:
    """How near boosted trees can come to a fit: each leaves the rest times one minus the rate."""
    rate, trees = subject.get("training.learning_rate"), subject.get("training.trees")
    if subject.get("training.kind") != "gradient-boosting" or not rate or not trees:
        return
    if 0 < rate < 1 and trees >= 1:
        share = 1 - (1 - rate) ** trees
        subject.state("training.boosting_reach", share, subject.place_of("training.trees"))
        subject.state("training.boosting_percent", round(100 * share))


def _best_at_end(subject: Subject) -> None:
    """Whether the best checkpoint is wanted, and saving and judging do not go together."""
    judging = subject.get("training.eval_strategy")
    saving = subject.get("training.save_strategy")
    if subject.get("training.best_at_end") is True and judging and saving and saving != "best":
        place = subject.place_of("training.best_at_end")
        subject.state("training.strategies_differ", judging != saving, place)


def _decay(subject: Subject) -> None:
    steps, decay = subject.get("training.steps"), subject.get("training.decay_steps")
    if steps and decay and steps > 0:
        place = subject.place_of("training.decay_steps")
        subject.state("training.decay_share", decay / steps, place)
    _step_schedule(subject)


def _step_schedule(subject: Subject) -> None:
    """The length of a step of StepLR in trainings, where it can only be counted in epochs."""
    step, epochs = subject.get("training.lr_step"), subject.get("training.epochs")
    schedule = str(subject.get("training.lr_schedule") or "")
    if not step or not epochs or schedule not in ("steplr", "step_lr", "step"):
        return
    if step <= _EPOCHS_AT_MOST * epochs:
        place = subject.place_of("training.lr_step")
        subject.state("training.lr_step_share", step / epochs, place)
