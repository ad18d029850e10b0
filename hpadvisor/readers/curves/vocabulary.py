"""The words that names in logs are made of: axes, rates, and what is no curve."""

from __future__ import annotations

from typing import Final


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


RATE: Final = word_set("lr lrs lrate learning_rate learning_rates learningrate l_r")

GRADIENT_NORM: Final = word_set("gnorm grad_norm gradnorm gradient_norm")

SKIP: Final = word_set(
    "std stderr min max best smooth smoothed avg_time gpu mem memory samples_per_second "
    "steps_per_second runtime patience scale scaler weight weights coef coeff lambda counter "
    "history threshold thr thresh thre improvement delta eta cumulative"
)
"""With one of these a name is no curve of the training: a spread, a record so far, a setting."""

NUMBERED: Final = word_set("no nr num number idx index id")
"""Words behind what is counted: ``Epoch no. = 3``."""

EPOCH: Final = word_set("epoch epochs ep epo epoc train_epoch current_epoch num_epoch") | {
    f"epoch_{word}" for word in NUMBERED
}

GLOBAL_STEP: Final = word_set(
    "step global_step trainer_global_step train_global_step num_updates current_steps num_steps "
    "acc_iter"
)

STEP: Final = word_set(
    "iteration iter iterations steps iters it itr batch batches train_step update updates up "
    "minibatch mini_batch batch_id batch_idx batch_idx_train round n_iter niter "
    "training_iteration"
)

TRANSLATED: Final = {
    "训练": " train ",
    "验证": " val ",
    "测试": " test ",
    "损失": " loss ",
    "准确率": " accuracy ",
    "精度": " accuracy ",
    "学习率": " lr ",
    "轮次": " epoch ",
    "²": "2",
}
"""Words of logs that are not in English, as they stand in names."""
