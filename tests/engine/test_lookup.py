"""What a person asks about is found: by id, alias, topic, or by the meaning of a claim."""

from __future__ import annotations

import pytest

from hpadvisor.engine.entries import Claim, Entry, Range, Rule
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.lookup import ClaimAnswer, HyperparameterPage, TopicPage, look_up
from hpadvisor.engine.terms import TERMS, Term


def claim_of(question: str, knowledge: Knowledge) -> ClaimAnswer:
    answer = look_up(question, knowledge)
    assert isinstance(answer, ClaimAnswer), question
    return answer


@pytest.mark.parametrize("question", ["DIA001", "dia001", " DIA001 "])
def test_an_id_is_found_in_any_case(question: str, knowledge: Knowledge) -> None:
    answer = look_up(question, knowledge)
    assert isinstance(answer, Rule)
    assert answer.id == "DIA001"


def test_every_id_is_found(knowledge: Knowledge) -> None:
    lost = []
    for entry in knowledge.entries():
        answer = look_up(entry.id, knowledge)
        if isinstance(answer, HyperparameterPage):
            found = answer.hyperparameter.id == entry.id
        elif isinstance(answer, TopicPage):
            found = answer.training is not None and answer.training.id == entry.id
        else:
            found = isinstance(answer, Entry) and answer.id == entry.id
        if not found:
            lost.append(entry.id)
    assert not lost


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("learning_rate", "learning_rate"),
        ("learning rate", "learning_rate"),
        ("learning-rate", "learning_rate"),
        ("Learning Rate", "learning_rate"),
        ("lr", "learning_rate"),
        ("weight decay", "weight_decay"),
        ("wd", "weight_decay"),
        ("lora_rank", "lora_rank"),
    ],
)
def test_a_hyperparameter_is_found_by_name_and_alias(
    question: str, name: str, knowledge: Knowledge
) -> None:
    answer = look_up(question, knowledge)
    assert isinstance(answer, HyperparameterPage)
    assert answer.hyperparameter.id == name


def test_the_page_of_the_learning_rate_is_whole(knowledge: Knowledge) -> None:
    answer = look_up("learning_rate", knowledge)
    assert isinstance(answer, HyperparameterPage)
    assert answer.hyperparameter.find_start
    assert answer.hyperparameter.scale == "log"
    assert {tier for _, tier in answer.tiers} == {1}
    optimizers = {
        value
        for entry in answer.ranges
        for leaf in entry.condition.leaves()
        if leaf.fact == "training.optimizer"
        for value in (leaf.wanted if isinstance(leaf.wanted, list) else [leaf.wanted])
    }
    assert {"sgd", "adam", "adamw"} <= optimizers
    topics = {rule.topic for rule in answer.rules}
    assert {"interaction", "diagnosis"} <= topics
    assert answer.claims


@pytest.mark.parametrize("question", ["lora", "LoRA", "qlora", "vision from scratch", "xgboost"])
def test_a_kind_of_training_is_found_by_name_and_alias(
    question: str, knowledge: Knowledge
) -> None:
    answer = look_up(question, knowledge)
    assert isinstance(answer, TopicPage)
    assert answer.training is not None
    assert any(isinstance(entry, Range) for entry in answer.entries)


@pytest.mark.parametrize(
    "question",
    ["overfitting", "diverged", "pruning", "warmup", "interactions", "pitfalls", "red flags",
     "case-cifar10", "log-scale", "claims"],
)  # fmt: skip
def test_a_topic_is_found(question: str, knowledge: Knowledge) -> None:
    answer = look_up(question, knowledge)
    assert isinstance(answer, TopicPage | HyperparameterPage)
    if isinstance(answer, TopicPage):
        assert answer.entries


def test_every_chapter_is_a_topic(knowledge: Knowledge) -> None:
    lost = [
        chapter.id
        for chapter in knowledge.chapters
        if not isinstance(look_up(chapter.id, knowledge), TopicPage | HyperparameterPage)
    ]
    assert not lost


def test_every_claim_is_found_by_its_own_words(knowledge: Knowledge) -> None:
    wrong = []
    for claim in knowledge.claims:
        for wording in (claim.claim, *claim.phrases):
            answer = claim_of(wording, knowledge)
            if answer.claim is None or answer.claim.id != claim.id:
                got = None if answer.claim is None else answer.claim.id
                wrong.append(f"{claim.id} “{wording}” → {got}")
    assert not wrong, "\n".join(wrong)


GRID = "grid search is most thorough"


def test_the_claim_of_the_issue_is_answered(knowledge: Knowledge) -> None:
    answer = claim_of(GRID, knowledge)
    assert answer.claim is not None
    assert "grid" in answer.claim.claim.casefold()
    assert answer.claim.holds == "no"
    assert answer.claim.citations


@pytest.mark.parametrize(
    "question",
    [
        "the most thorough search is a grid",
        "grid searches are the most thorough",
        "gird serach is most thorugh",
        "Grid search is the MOST thorough!!",
        "isn't an exhaustive grid the most thorough search?",
    ],
)
def test_a_claim_is_found_by_meaning_despite_order_endings_and_typos(
    question: str, knowledge: Knowledge
) -> None:
    expected = claim_of(GRID, knowledge).claim
    found = claim_of(question, knowledge).claim
    assert found is not None
    assert expected is not None
    assert found.id == expected.id


def test_near_misses_are_listed_and_ordered(knowledge: Knowledge) -> None:
    answer = claim_of(GRID, knowledge)
    assert 1 <= len(answer.near) <= 3
    similarities = [similarity for _, similarity in answer.near]
    assert similarities == sorted(similarities, reverse=True)
    assert answer.claim not in [claim for claim, _ in answer.near]
    assert all(0.25 <= similarity <= answer.similarity for similarity in similarities)


@pytest.mark.parametrize("question", ["the weather in Lisbon", "zzz qqq", "?!", "of the and"])
def test_nothing_is_found_where_nothing_is_meant(question: str, knowledge: Knowledge) -> None:
    answer = claim_of(question, knowledge)
    assert answer.claim is None
    assert answer.similarity == 0


def test_a_vague_question_lists_near_misses_without_answering(knowledge: Knowledge) -> None:
    answer = claim_of("what of schedulers and restarts when dropout meets seeds", knowledge)
    assert answer.claim is None
    assert answer.near
    assert all(isinstance(claim, Claim) for claim, _ in answer.near)


def test_the_answer_does_not_depend_on_the_order_of_claims(knowledge: Knowledge) -> None:
    from dataclasses import replace

    backwards = replace(knowledge, claims=knowledge.claims[::-1])
    for claim in knowledge.claims:
        here, there = claim_of(claim.claim, knowledge), claim_of(claim.claim, backwards)
        assert (here.claim and here.claim.id) == (there.claim and there.claim.id)
        assert [item.id for item, _ in here.near] == [item.id for item, _ in there.near]


ASKED = {
    "What is a good learning rate?": "learning_rate",
    "What batch size should I use?": "batch_size",
    "What weight decay should I use?": "weight_decay",
    "What dropout should I use?": "dropout",
    "What LoRA rank should I use?": "lora_rank",
    "Do I need warmup?": "CLM055",
    "How do I choose the number of epochs?": "epochs",
    "When should I stop searching?": "CLM014",
    "How many trials do I need?": "CLM105",
    "How many seeds should I run?": "CLM080",
    "Grid search or random search?": "CLM005",
    "Is random search better than grid search?": "CLM005",
    "Should I use a log scale for the learning rate?": "CLM044",
    "Should I scale the learning rate with the batch size?": "CLM041",
    "Which hyperparameters should I tune first?": "CLM042",
    "Is Adam better than SGD?": "CLM059",
    "Do I need to tune pretrained models?": "CLM066",
    "Is the optimizer worth tuning?": "CLM101",
    "My loss is NaN": "diverged",
    "How long should each trial be?": "CLM104",
    "Should I use early stopping?": "CLM068",
    "Can I tune on the test set?": "CLM094",
    "Can I tune on a subset of the data?": "CLM098",
    "Do hyperparameters transfer from a small model to a large one?": "CLM097",
    "Should I tune the random seed?": "CLM027",
    "Is Bayesian optimization worth it?": "CLM025",
    "How do I compare two configurations?": "CLM082",
    "Do larger batches generalise worse?": "CLM062",
    "My model is overfitting": "overfitting",
    "Should I prune trials?": "pruner",
    "Should I use cross-validation?": "cross-validation",
    "What is ASHA?": "ASHA",
}


def name_of(question: str, knowledge: Knowledge) -> str | None:
    answer = look_up(question, knowledge)
    if isinstance(answer, ClaimAnswer):
        return None if answer.claim is None else answer.claim.id
    if isinstance(answer, HyperparameterPage):
        return answer.hyperparameter.id
    if isinstance(answer, Term):
        return answer.names[0]
    return answer.title if isinstance(answer, TopicPage) else answer.id


@pytest.mark.parametrize("question", ASKED)
def test_what_people_ask_most_is_answered(question: str, knowledge: Knowledge) -> None:
    assert name_of(question, knowledge) == ASKED[question]


@pytest.mark.parametrize(
    "word",
    ["noise", "asha", "tpe", "hyperband", "gpu", "pruner", "quasi-random", "tier", "finalists",
     "standard error", "decade", "reversed log", "trials", "baseline", "confirmation"],
)  # fmt: skip
def test_the_words_of_our_own_output_are_defined(word: str, knowledge: Knowledge) -> None:
    assert isinstance(look_up(word, knowledge), Term)


@pytest.mark.parametrize(
    "question",
    ["pizza recipe", "who won the world cup", "kubernetes", "how do I install pytorch",
     "best restaurant in paris", "zebra crossing at night"],
)  # fmt: skip
def test_below_the_floor_nothing_is_answered(question: str, knowledge: Knowledge) -> None:
    assert name_of(question, knowledge) is None


def test_what_terms_point_at_exists(knowledge: Knowledge) -> None:
    lost = [name for term in TERMS for name in term.see if name_of(name, knowledge) is None]
    assert not lost
