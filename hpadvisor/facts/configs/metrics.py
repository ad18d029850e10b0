"""What a metric's name tells: whether it should rise or fall, and on which data it is taken."""

from __future__ import annotations

import re

from hpadvisor.facts.configs.roles import normal

_FALLS = re.compile(
    r"(?:^|_)(?:loss|losses|error|err|rmse|mse|mae|mape|nll|ppl|perplexity|wer|cer|eer|fid|bpb|bpc"
    r"|logloss|log_loss|crossentropy|cross_entropy|regret|elbo_loss|brier|ece|deviance)(?:_|\d|$)"
)
_RISES = re.compile(
    r"(?:^|_)(?:acc|accuracy|f1|auc|auroc|aucpr|auprc|ap|map|map50|iou|miou|dice|bleu|rouge\w*|meteor|reward"
    r"|return|r2|precision|recall|psnr|ssim|mrr|ndcg|hits|success|win_?rate|score|exact_match|kappa"
    r"|mcc|top_?[15])(?:_|\d|$)"
)
_NEGATED = re.compile(
    r"(?:^|_)(?:neg|negative|minus|inverse|inv|1_minus|one_minus|nll_reward)(?:_|$)"
)
_TEST = re.compile(r"(?:^|_)(?:test|testing|tst|holdout)(?:_|$)")
_TRAINING = re.compile(r"(?:^|_)(?:train|training|trn)(?:_|$)")
_VALIDATION = re.compile(
    r"(?:^|_)(?:val|valid|validation|validate|dev|eval|evaluation|cv|oof)(?:_|$)"
)


def direction_of(name: str) -> str | None:
    """Return ``minimize`` or ``maximize`` where a metric's name tells it, else None."""
    words = normal(name)
    falls, rises = bool(_FALLS.search(words)), bool(_RISES.search(words))
    if falls == rises or _NEGATED.search(words):
        return None
    return "minimize" if falls else "maximize"


def split_of(name: str) -> str | None:
    """Return the data that a metric's name points at: test, training or validation."""
    words = normal(name)
    if _VALIDATION.search(words):
        return "validation"
    if _TEST.search(words):
        return "test"
    return "training" if _TRAINING.search(words) else None
