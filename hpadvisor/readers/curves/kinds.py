"""Kinds of training whose losses do not measure progress: reinforcement learning and GANs."""

from __future__ import annotations

import re
from typing import Final, Literal

import numpy as np

from hpadvisor.readers.curves.roles import part_of, read_name, tokens
from hpadvisor.readers.curves.tables import Column, Table
from hpadvisor.readers.curves.vocabulary import word_set

_REINFORCEMENT = re.compile(
    r"(^|[/_ .-])(ep(isode)?_?(rew|return|len|reward)|mean_reward|reward_mean|rollout|"
    r"policy(_gradient)?_loss|value_loss|actor_loss|critic_loss|(?<!cross_)(?<!cross-)(?<!cross/)(?<!cross\.)entropy_loss|episodic_return|"
    r"episode_reward|explained_variance|approx_kl)",
    re.IGNORECASE,
)
_SETTINGS = word_set(
    "lr learning_rate batch_size dropout weight_decay optimizer hidden_size num_layers seed "
    "hidden_dim momentum n_estimators max_depth units layers warmup_steps epochs num_epochs"
)
_LABELS = word_set(
    "task task_name dataset dataset_name model model_name prompt prompt_name category subject "
    "benchmark"
)
"""What rows of an evaluation are of."""

_FALLING: Final = 0.25
"""An axis falls on no more of its rows than this, where runs or folds follow each other."""

_FEWEST: Final = 4
_BEST_PLACE = re.compile(r"(?:best|stopped|final|last)_?(?:epoch|ep|iter|iteration|step|round)")
"""Where a finished run was best, or ended."""

_OF_AN_ENGINE = re.compile(r"(?i)^(?:params?|config|hparams?|hyperparameters?)[_./]")
"""How search engines mark a hyperparameter in a table of trials."""
_REWARDS = frozenset(
    f"{kind}{reward}{plural}"
    for kind in ("", "mean_", "avg_", "average_", "total_", "cumulative_", "train_", "eval_")
    for reward in ("reward", "return", "episode_score")
    for plural in ("", "s")
)
_PAIRS = (
    {"d_real", "d_fake"},
    {"netd", "netg"},
    {"loss_d", "loss_g"},
)
"""Names that only the two sides of a GAN have."""

_JUDGING = frozenset(("d", "disc", "discriminator", "netd"))
_MAKING = frozenset(("g", "gen", "generator", "netg"))
"""Words of the two sides of a GAN; a loss of each is needed, ``D_loss`` and ``G_loss``."""


KINDS: Final = {
    "reinforcement_learning": "reinforcement learning",
    "gan": "adversarial training (GAN)",
}
"""The kinds of training whose losses do not measure progress, in words."""


def unsupervised_kind(names: list[str]) -> Literal["reinforcement_learning", "gan"] | None:
    """Whether the columns are of reinforcement learning or of a GAN, which other rules judge."""
    if any(_REINFORCEMENT.search(name) or "_".join(tokens(name)) in _REWARDS for name in names):
        return "reinforcement_learning"
    plain = {name.lower() for name in names}
    if plain >= {"d_a", "g_a"} or any(plain >= pair for pair in _PAIRS):
        return "gan"
    if all(any(_loss_of(side, name) for name in names) for side in (_JUDGING, _MAKING)):
        return "gan"
    return None


def _loss_of(side: frozenset[str], name: str) -> bool:
    """Whether a name is a loss of one side of a GAN: ``loss_D``, ``disc/loss_real``, ``errG``."""
    words = [word for word in tokens(name) if part_of(word) != "train"]
    return bool(side & set(words)) and bool({"loss", "losses", "err"} & set(words))


def is_run_table(table: Table) -> bool:
    """Whether each row is a finished run, or a sample: labels or settings of its own, no axis.

    An epoch that does not rise from row to row is no axis: it is where each run stopped.
    """
    read = {name: read_name(name) for name in table.columns}
    axes = [
        table.columns[name] for name, one in read.items() if one and one.role in ("epoch", "step")
    ]
    scored = any(found is not None and found.is_score for found in read.values())
    if table.rows < 2 or len(read) < 2 or not scored:
        return False
    if any(found is not None and found.role == "grad_norm" for found in read.values()):
        return False  # a gradient is one of a step; a finished run has none
    if any(
        _BEST_PLACE.match("_".join(tokens(name))) and _falls(column)
        for name, column in table.columns.items()
    ):
        return True
    if any(_rises(column) for column in axes):
        return False
    labels = settings = 0
    for name, column in table.columns.items():
        told = "_".join(tokens(name))
        kinds = len(set(column.texts or column.values[column.present].tolist()))
        if column.texts is not None and kinds == len(column.texts):
            labels += "time" not in told and "date" not in told
        elif column.texts is not None and told in _LABELS:
            labels += kinds > 1
        elif told in _SETTINGS or _OF_AN_ENGINE.match(name):
            settings += kinds > 1
    if axes:
        return table.rows >= _FEWEST and len(axes) == 1 and (settings >= 1 or _spreads(table))
    return labels >= 1 or settings >= 2


def _rises(column: Column) -> bool:
    """Whether a column rises on most rows, as a place in a training does."""
    values = column.values[column.present]
    steps = np.diff(values)
    return len(steps) == 0 or (float((steps < 0).mean()) <= _FALLING and bool((steps > 0).any()))


def _falls(column: Column) -> bool:
    """Whether a column of several values falls somewhere; the best epoch of one run never does."""
    return len(column.values) >= _FEWEST and bool(
        (np.diff(column.values[column.present]) < 0).any()
    )


def _spreads(table: Table) -> bool:
    """Whether a score has its spread over repeats beside it: ``accuracy_std``."""
    return any(f"{name}_std" in table.columns for name in table.columns)
