"""The table of metrics: one direction and one meaning for a name, wherever it is read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from hpadvisor.readers.curves.roles import read_name
from hpadvisor.readers.metrics import (
    direction_of,
    is_loss,
    kind_of_loss,
    metric_of,
    own_metrics,
    shipped_metrics,
    split_of,
    words_of,
)

HIGHER = (
    "val_acc", "Top-5", "acc@1", "token_accuracy", "macro_f1", "ROC-AUC", "PR_AUC", "mAP@0.5",
    "bbox_mAP_50", "AP_large", "mIoU", "DiceCoef", "R²", "nDCG@10", "hits@3", "MRR", "BLEU-4",
    "rougeLsum", "chrF", "METEOR", "PSNR", "ms_ssim", "si-snri", "ep_rew_mean", "success_rate",
    "log_likelihood", "MCC", "quadratic_kappa_qwk", "inception_score", "PESQ", "pass@1",
)  # fmt: skip
LOWER = (
    "val_loss", "loss/acc", "WER", "dev_cer", "train-TER", "phoneme_error_rate", "EER", "minDCF",
    "top1_err", "error_rate", "test_perplexity", "bits_per_byte", "val_mae", "RMSE", "sMAPE",
    "FID", "lpips", "mlogloss", "neg_log_likelihood", "brier", "ece", "hd95", "mpjpe", "regret",
    "acc_loss", "l1_loss",
)  # fmt: skip
NEITHER = (
    "samples_per_second", "time per step", "l2_reg", "elbo", "neg_mean_squared_error", "answer",
    "window", "power", "eta", "param", "return_code",
)  # fmt: skip


@pytest.mark.parametrize("name", HIGHER)
def test_scores_rise(name: str) -> None:
    assert direction_of(name) == "maximize"


@pytest.mark.parametrize("name", LOWER)
def test_errors_and_losses_fall(name: str) -> None:
    assert direction_of(name) == "minimize"


@pytest.mark.parametrize("name", NEITHER)
def test_what_nobody_can_tell_is_not_told(name: str) -> None:
    assert direction_of(name) is None


@pytest.mark.parametrize("name", [*HIGHER, "WER", "EER", "FID", "val_cer"])
def test_no_metric_is_a_loss(name: str) -> None:
    candidate = read_name(name)
    assert candidate is None or not candidate.role.endswith("loss")


def test_no_name_stands_twice() -> None:
    counts = Counter(name for metric in shipped_metrics().metrics for name in metric.names)
    assert [name for name, count in counts.items() if count > 1] == []


def test_names_are_whole_words_as_columns_are_split() -> None:
    bad = [
        name
        for metric in shipped_metrics().metrics
        for name in metric.names
        if "_".join(words_of(name)) != name
    ]
    assert bad == []


def test_bounds_are_in_order() -> None:
    for metric in shipped_metrics().metrics:
        assert metric.low is None or metric.high is None or metric.low < metric.high


def test_a_loss_is_a_loss_whatever_it_is_of() -> None:
    assert is_loss(words_of("train_loss_giou_3"))
    assert is_loss(words_of("valLoss"))
    assert metric_of("loss_dice") is None


def test_the_kind_of_a_loss_tells_its_bound() -> None:
    for name in ("ctc_loss", "train/mse_loss", "crf_loss", "val_cross_entropy_loss"):
        assert getattr(kind_of_loss(name), "low", None) == 0
    assert kind_of_loss("total_loss") is None
    assert kind_of_loss("elbo_loss") is not None
    assert getattr(kind_of_loss("elbo_loss"), "low", 0) is None


@pytest.mark.parametrize(
    ("name", "split"),
    [("train/acc", "training"), ("eval_test_acc", "validation"), ("test_acc", "test"),
     ("dev_wer", "validation"), ("acc", None)],
)  # fmt: skip
def test_parts(name: str, split: str | None) -> None:
    assert split_of(name) == split


def test_scores_that_are_only_evaluated_are_of_validation_unless_they_say_training() -> None:
    roles = {name: read_name(name) for name in ("WER", "mAP50", "train-TER", "valid-TER")}
    found = {name: one.role for name, one in roles.items() if one is not None}
    assert found == {
        "WER": "val_metric", "mAP50": "val_metric", "train-TER": "train_metric",
        "valid-TER": "val_metric",
    }  # fmt: skip


def test_a_users_own_metrics_come_first_as_long_as_they_are_in_use(tmp_path: Path) -> None:
    rules = tmp_path / "own.yaml"
    rules.write_text(
        "metrics:\n"
        "  - id: MET901\n    title: Ours\n    sources: [{cite: scikit-learn-docs}]\n"
        "    better: lower\n    family: ours\n    names: [quux_score]\n"
    )
    assert direction_of("val_quux_score") == "maximize"
    with own_metrics([rules]):
        assert direction_of("val_quux_score") == "minimize"
    assert direction_of("val_quux_score") == "maximize"
