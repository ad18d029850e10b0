"""Kinds of training whose losses do not measure progress: reinforcement learning and GANs."""

from __future__ import annotations

import re
from typing import Final, Literal

from hpadvisor.readers.curves.roles import part_of, read_name, tokens
from hpadvisor.readers.curves.tables import Table
from hpadvisor.readers.curves.vocabulary import word_set

_REINFORCEMENT = re.compile(
    r"(^|[/_ .-])(ep(isode)?_?(rew|return|len|reward)|mean_reward|reward_mean|rollout|"
    r"policy(_gradient)?_loss|value_loss|actor_loss|critic_loss|entropy_loss|episodic_return|"
    r"episode_reward|explained_variance|approx_kl)",
    re.IGNORECASE,
)
_SETTINGS = word_set(
    "lr learning_rate batch_size dropout weight_decay optimizer hidden_size num_layers seed "
    "hidden_dim momentum n_estimators max_depth units layers warmup_steps epochs num_epochs"
)
_OF_AN_ENGINE = re.compile(r"(?i)^(?:params?|config|hparams?|hyperparameters?)[_./]")
"""How search engines mark a hyperparameter in a table of trials."""
_REWARDS = frozenset(
    f"{kind}{reward}{plural}"
    for kind in ("", "mean_", "avg_", "average_", "total_", "cumulative_", "train_", "eval_")
    for reward in ("reward", "return", "episode_score")
    for plural in ("", "s")
)
_PAIRS = (
    {"d_real", "d_fake", "g_gan"},
    {"d_real", "d_fake", "g"},
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
    """Whether each row is a finished run, or a sample: labels or settings of its own, no axis."""
    names = list(table.columns)
    read = {name: read_name(name) for name in names}
    roles = {found.role for found in read.values() if found is not None}
    if roles & {"epoch", "step"} or table.rows < 2 or len(names) < 2:
        return False
    if not any(role.endswith(("loss", "metric")) for role in roles):
        return False
    labels = settings = 0
    for name, column in table.columns.items():
        told = "_".join(tokens(name))
        if column.texts is not None and len(set(column.texts)) == len(column.texts):
            labels += "time" not in told and "date" not in told
        elif told in _SETTINGS or _OF_AN_ENGINE.match(name):
            settings += len(set(column.texts or column.values[column.present].tolist())) > 1
    return labels >= 1 or settings >= 2
