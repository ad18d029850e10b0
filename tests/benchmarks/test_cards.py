"""Every expert card holds; drawn situations give plans that do not contradict themselves."""

from __future__ import annotations

import pytest

from benchmarks.cards.card import Card, faults, read_cards
from benchmarks.cards.contradictions import check
from hpadvisor.engine.loading import load_knowledge

CARDS = read_cards()


@pytest.mark.parametrize("card", CARDS, ids=[card.id for card in CARDS])
def test_a_card_holds(card: Card) -> None:
    assert faults(card) == []


def test_there_are_sixty_cards_each_with_a_source() -> None:
    assert len(CARDS) >= 60
    assert len({card.id for card in CARDS}) == len(CARDS)
    assert all(card.source and card.must for card in CARDS)


@pytest.mark.parametrize("seed", [1, 2])
def test_plans_of_drawn_situations_do_not_contradict_themselves(seed: int) -> None:
    found, cases = check(90, seed, load_knowledge())
    assert not found, "\n".join(cases)
