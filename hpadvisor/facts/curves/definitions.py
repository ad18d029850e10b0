"""The facts of training curves: names, types and meanings. Values: the modules beside it."""

from __future__ import annotations

from hpadvisor.facts.registry import FactDefinition, FactType

_B, _I, _F, _T = FactType.BOOL, FactType.INT, FactType.FLOAT, FactType.TEXT
_Row = tuple[str, FactType, str]

LOSS_FACTS: tuple[_Row, ...] = (
    ("points", _I, "values that were logged"),
    ("start", _F, "first value"),
    ("final", _F, "level at the end: mean of the last twentieth"),
    ("best", _F, "smallest smoothed value"),
    ("best_at", _F, "where the smallest smoothed value is, as a share of the run"),
    ("equivalent_from", _F, "first place within two noise deviations of the best, as a share"),
    ("equivalent_to", _F, "last place within two noise deviations of the best, as a share"),
    ("equivalent_share", _F, "share of the run within two noise deviations of the best"),
    ("frozen_from", _F, "place after which the loss stays within .1 % of its end, as a share"),
    ("flat", _B, "whether the loss never left its start, by 1 % or four noise deviations"),
    ("progress", _F, "fall from the start to the best, as a share of the start"),
    ("level_ratio", _F, "final level over the start"),
    ("noise", _F, "noise (by second differences) over the final level"),
    ("noise_share", _F, "noise over the progress made"),
    ("rise_after_best", _F, "rise from the best to the end, as a share of the best"),
    ("rise_significance", _F, "rise from the best to the end in noise deviations"),
    ("rise_kept", _F, "rise from the best to the end, as a share of the largest rise after it"),
    ("given_back", _F, "share of the progress that was lost again by the end"),
    ("explosion", _F, "largest value over the start"),
    ("half_at", _F, "where half of the progress was made, as a share of the run"),
    ("ninety_at", _F, "where nine tenths of the progress were made, as a share of the run"),
    ("early_share", _F, "share of the progress made by the first tenth of the run"),
    ("late_share", _F, "share of the progress made in the last quarter"),
    ("late_drop", _F, "fall over the last third by a fitted line, as a share of the final level"),
    ("late_significance", _F, "fall over the last third in standard errors"),
    (
        "still_falling",
        _B,
        "whether the last third still fell, by .5 % and 3 standard errors",
    ),
    ("remaining", _F, "relative fall that three times the training would bring, extrapolated"),
    ("remaining_low", _F, "smallest fall by three times the training, of the fits that agree"),
    ("remaining_high", _F, "largest fall by three times the training, of the fits that agree"),
    ("wiggle", _F, "upward movement as a share of all movement; .5 for pure noise"),
    (
        "sign_changes",
        _F,
        "share of steps that turn round; .67 for white noise, 0 for a clean line",
    ),
    ("autocorrelation", _F, "of the distances from the local trend; negative for zigzag"),
    ("largest_rise", _F, "largest rise above the best so far, as a share of the progress"),
    ("spikes", _I, "points far above the local trend (8 robust deviations and half the level)"),
    ("exponent_early", _F, "slope of log loss against log time over the first 15 % of the run"),
    ("exponent_middle", _F, "slope of log loss against log time from 15 % to half of the run"),
    ("exponent_late", _F, "slope of log loss against log time over the last half of the run"),
    ("half_level", _F, "level at half of the run over the start"),
    (
        "late_to_middle",
        _F,
        "fall of the last quarter over that of the third; -5 for no fall",
    ),
    ("early_roughness", _F, "standard deviation of the steps of the first third over its level"),
    ("late_roughness", _F, "standard deviation of the steps of the last third over its level"),
    ("spike_period", _F, "usual distance of spikes on the axis, where they are regular"),
    ("spikes_each_epoch", _B, "whether spikes come at one phase of the epoch, nearly each epoch"),
)

SANITY_FACTS: tuple[_Row, ...] = (
    ("below_zero", _F, "share of the logged values that lie below zero"),
    ("floor", _F, "smallest value that a loss of this name can take"),
    ("below_floor", _F, "share of the logged values below the smallest possible one"),
    ("may_be_negative", _B, "whether a loss of this name may lie below zero"),
    ("unbounded_fall", _B, "whether it falls below zero by orders, and ever faster"),
    ("zero_from", _F, "where it became exactly zero for good out of values well above, a share"),
    ("stuck_at_classes", _I, "number of classes at whose logarithm its last half stands"),
    ("near_zero", _B, "whether it ends below .05 and below 2 % of its start"),
)

LOGGED_FACTS: tuple[_Row, ...] = (
    ("logged_first", _F, "first value, as logged"),
    ("logged_first_at", _F, "where the first value was logged, on the axis"),
    ("logged_last", _F, "last finite value, as logged"),
    ("logged_last_at", _F, "where the last finite value was logged, on the axis"),
    ("logged_best", _F, "best value, as logged"),
    ("logged_best_at", _F, "where the best value was logged, on the axis"),
    ("seen", _T, "first, best and last value in words"),
)

VALIDATION_ONLY: tuple[_Row, ...] = (
    ("best_vs_train_start", _F, "best validation loss over the first training loss"),
    ("final_vs_train_start", _F, "final validation loss over the first training loss"),
)

SCORE_GAP_FACTS: tuple[_Row, ...] = (
    ("below_train", _F, "training score minus validation score at the end, worse is positive"),
    ("loss_per_error", _F, "final validation loss over the share of errors, for scores up to 1"),
    ("train_loss_per_error", _F, "final training loss over its share of errors, scores up to 1"),
)

GAP_FACTS: tuple[_Row, ...] = (
    ("final", _F, "(validation − training) over validation, at the end"),
    ("at_best", _F, "(validation − training) over validation, where validation is best"),
    ("growth", _F, "growth of the gap from the middle to the end"),
    ("trend", _F, "slope of the gap over the last half, per run length"),
    ("train_drop_after_best", _F, "fall of the training loss after validation's best, as a share"),
    ("start", _F, "(validation − training) over training, at the start"),
    ("noise_ratio", _F, "noise of validation over that of training, each over its own level"),
)

METRIC_FACTS: tuple[_Row, ...] = (
    ("points", _I, "values that were logged"),
    ("family", _T, "what such a score is used for"),
    ("stuck", _T, "where in its range every value stands: floor, ceiling, between"),
    ("start", _F, "first value"),
    ("final", _F, "level at the end"),
    ("best", _F, "best smoothed value"),
    ("best_at", _F, "where the best smoothed value is, as a share of the run"),
    ("lost_after_best", _F, "what was lost from the best to the end, in the metric's unit"),
    ("lost_share", _F, "what was lost from the best to the end, as a share of the whole span"),
    ("lost_significance", _F, "what was lost from the best to the end, in noise deviations"),
    ("gain_significance", _F, "what was gained from the start to the best, in noise deviations"),
    ("late_rise", _F, "improvement over the last third, as a share of the whole span"),
    ("late_significance", _F, "improvement over the last third in standard errors"),
)

VALIDATION_METRIC: tuple[_Row, ...] = (
    ("best_after_loss", _F, "how much later than the validation loss it is best, as a share"),
)

RATE_FACTS: tuple[_Row, ...] = (
    ("final", _F, "last learning rate"),
    ("peak", _F, "largest learning rate"),
    ("end_share", _F, "last over largest learning rate"),
    ("annealed", _B, "whether the rate was decayed to 30 % of its peak or less"),
    ("warmup_share", _F, "where the peak is reached, as a share of the run"),
    ("orders", _F, "orders of magnitude between smallest positive and largest rate"),
    ("rises_throughout", _B, "whether the rate climbs over the whole run: a range test"),
    ("restarts", _I, "jumps back up after the peak"),
    ("phase", _T, "what the rate does at the end"),
)

GRADIENT_FACTS: tuple[_Row, ...] = (
    ("points", _F, "values that were logged"),
    ("nonfinite_at_end", _F, "share of the last tenth, at least three, that is no finite number"),
    ("nonfinite_share", _F, "share of all values that is no finite number"),
    ("median", _F, "median gradient norm"),
    ("largest_share", _F, "largest over median gradient norm"),
    ("growth", _F, "gradient norm of the last tenth over that of the first"),
)

RUN_FACTS: tuple[_Row, ...] = (
    ("length", _F, "last position of the run, in epochs, steps or rows"),
    ("axis", _T, "what positions are: epoch, step or row"),
    ("points", _I, "values of the longest curve"),
    ("nonfinite", _I, "losses that are NaN or infinite"),
    ("ends_nonfinite", _B, "whether a loss ends as NaN or infinite"),
    ("nonfinite_at", _F, "where the first NaN or infinite loss was logged, as a share of the run"),
    ("nonfinite_from_start", _B, "whether a loss was never finite after its first two values"),
    ("validation_alone_nonfinite", _B, "whether validation is NaN while training stays finite"),
    ("first", _F, "first position of the log, in epochs, steps or rows"),
    ("begins_late", _B, "whether the beginning of the training is missing in the log"),
    ("epochs", _F, "epochs that the log spans"),
    ("ends_blank", _B, "whether the losses stop while rows of the log go on without them"),
    ("blank_from", _F, "position from which rows carry no loss any more"),
    ("last_before_blank", _F, "position of the last loss before the blank rows"),
    ("fine_tuning", _B, "whether a pretrained model is trained on, as far as is known"),
    ("planned_share", _F, "share of the planned length that was run"),
    ("constant", _B, "whether the losses never change"),
    ("boosting", _B, "whether the steps are rounds of boosting; unknown where it is not plain"),
    ("all_zero", _B, "whether the losses are zero throughout"),
    (
        "rising_like_a_score",
        _B,
        "whether the losses lie in 0 to 1, or 5 to 100, and climb as an accuracy does",
    ),
    (
        "starts_worse_than_guessing",
        _B,
        "whether a language model starts above any vocabulary's ln",
    ),
    ("change_helps", _F, "chance that some change helps, from all scores of changes"),
    ("lead_up", _F, "last finite training loss over the best"),
    ("train_level_vs_guessing", _F, "final training loss over ln(classes)"),
    ("val_level_vs_guessing", _F, "best validation loss over ln(classes)"),
)

_CHOICES = {
    "curve.learning_rate.phase": (
        "zero", "constant", "warmup", "decaying", "decayed", "restarts",
    ),
    "curve.axis": ("epoch", "step", "row"),
    "curve.train_metric.stuck": ("floor", "ceiling", "between"),
    "curve.val_metric.stuck": ("floor", "ceiling", "between"),
}  # fmt: skip

_SUBJECTS: tuple[tuple[str, str, tuple[_Row, ...]], ...] = (
    ("curve.train_loss.", "training loss", (*LOSS_FACTS, *SANITY_FACTS, *LOGGED_FACTS)),
    (
        "curve.val_loss.",
        "validation loss",
        (*LOSS_FACTS, *SANITY_FACTS, *LOGGED_FACTS, *VALIDATION_ONLY),
    ),
    ("curve.gap.", "gap", GAP_FACTS),
    ("curve.train_metric.", "training score", (*METRIC_FACTS, *LOGGED_FACTS)),
    (
        "curve.val_metric.",
        "validation score",
        (*METRIC_FACTS, *LOGGED_FACTS, *VALIDATION_METRIC, *SCORE_GAP_FACTS),
    ),
    ("curve.learning_rate.", "learning rate", RATE_FACTS),
    ("curve.grad_norm.", "gradient norm", GRADIENT_FACTS),
    ("curve.", "run", RUN_FACTS),
)

CURVE_FACTS: tuple[FactDefinition, ...] = tuple(
    FactDefinition(
        prefix + name,
        kind,
        f"{subject}: {meaning}",
        choices=_CHOICES.get(prefix + name, ()),
    )
    for prefix, subject, rows in _SUBJECTS
    for name, kind, meaning in rows
)
"""Every fact that ``facts.curves.extract`` can compute."""
