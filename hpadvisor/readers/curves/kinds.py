"""Kinds of training whose losses do not measure progress: reinforcement learning and GANs."""

from __future__ import annotations

import re
from typing import Final, Literal

from hpadvisor.readers.curves.roles import part_of, tokens

_REINFORCEMENT = re.compile(
    r"(^|[/_ .-])(ep(isode)?_?(rew|return|len|reward)|mean_reward|reward_mean|rollout|"
    r"policy(_gradient)?_loss|value_loss|actor_loss|critic_loss|entropy_loss|episodic_return|"
    r"episode_reward|explained_variance|approx_kl)",
    re.IGNORECASE,
)
_REWARDS = frozenset(
    f"{kind}{reward}{plural}"
    for kind in ("", "mean_", "avg_", "average_", "total_", "cumulative_", "train_", "eval_")
    for reward in ("reward", "return", "episode_score")
    for plural in ("", "s")
)
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
    if all(any(_loss_of(side, name) for name in names) for side in (_JUDGING, _MAKING)):
        return "gan"
    return None


def _loss_of(side: frozenset[str], name: str) -> bool:
    """Whether a name is a loss of one side of a GAN: ``loss_D``, ``disc/loss_real``, ``errG``."""
    words = [word for word in tokens(name) if part_of(word) != "train"]
    return bool(side & set(words)) and bool({"loss", "losses", "err"} & set(words))
