"""Questions as people ask them in public threads: what the first answer is about, and is not.

The questions are in our own words; what they ask was found in threads of many repositories and
of question-and-answer sites. A question that names a hyperparameter and a kind of training must
also begin with that kind's ranges.
"""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

import hpadvisor
from benchmarks.cards.card import read_cards
from hpadvisor.cli.main import app
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.lookup import ClaimAnswer, HyperparameterPage, TopicPage, look_up
from hpadvisor.engine.terms import Term
from hpadvisor.facts.vocabulary import (
    DIAGNOSES,
    OPTIMIZERS,
    STRATEGIES,
    TASK_KINDS,
    TOOLS,
    VERDICTS,
)
from hpadvisor.report.plan_text import render_text

# question: (the ids or names that may come first, the kind of training or None, what may not)
ASKED: dict[str, tuple[str, str | None, str]] = {
    "If I double my batch size, what happens to the learning rate with Adam?":
        ("CLM041|CLM040|INT001", None, "CLM062"),
    "Why is warmup needed when I train a transformer?": ("CLM055", None, "CLM056"),
    "What is the difference between weight decay in Adam and in AdamW?":
        ("CLM048|ADV041", None, "CLM101"),
    "Should lora_alpha be twice the rank?": ("INT010", None, "CLM046"),
    "How do I choose rank and alpha for LoRA?": ("INT010", None, "lora"),
    "What patience should I give early stopping?": ("early_stopping", None, "CLM014"),
    "How many Optuna trials are enough for six hyperparameters?": ("CLM105", None, "CLM103"),
    "Can I use dropout together with batch normalization?": ("CLM111", None, "CLM099"),
    "What value should I clip gradients at?": ("gradient_clipping", None, "CLM082"),
    "How do I read the plot of the learning rate finder?": ("range test", None, "learning_rate"),
    "Cosine schedule or step decay, which is better?": ("CLM112", None, "CLM058"),
    "Does label smoothing help, and how much of it?": ("label_smoothing", None, "CLM050"),
    "My results differ a lot from seed to seed, is that normal?": ("CLM116|noise", None, "CLM027"),
    "How many folds should I use for k-fold cross-validation while tuning?":
        ("CLM117", None, "CLM105"),
    "How do max_depth and num_leaves relate in LightGBM?": ("INT017", None, "depth"),
    "How many trees should I give XGBoost, and should I tune n_estimators?":
        ("n_estimators|INT015|CLM117", "gradient-boosting", "CLM105"),
    "What range of C and gamma should I search for an RBF SVM?": ("svm", None, "discount"),
    "What clip range should I use in PPO?": ("clip_range", "ppo", "gradient_clipping"),
    "Why does my loss become NaN after a few hundred steps?": ("diverged", None, "CLM054"),
    "My training loss is stuck and does not go down, what should I try?":
        ("not learning", None, "CLM052"),
    "Validation loss goes up but validation accuracy still improves, is that overfitting?":
        ("CLM110", None, "CLM051"),
    "Should I freeze the backbone when fine-tuning, and use a smaller rate for it?":
        ("CLM119", None, "CLM045"),
    "Is gradient accumulation the same as a larger batch?": ("CLM114", None, "CLM062"),
    "Why is my validation loss lower than my training loss?": ("CLM113", None, "CLM051"),
    "What is a good learning rate for fine-tuning BERT?":
        ("learning_rate", "encoder-fine-tuning", "CLM055"),
    "What learning rate should I use for full fine-tuning of a 7B model compared to LoRA?":
        ("CLM046", None, "CLM093"),
    "How many epochs should I fine-tune an LLM for?": ("epochs", "llm-fine-tuning", "CLM105"),
    "Should I tune beta1 and beta2 of Adam?": ("CLM061|ADV043", None, "CLM101"),
    "Does the batch size have to be a power of two?": ("CLM115", None, "CLM040"),
    "What discount factor gamma should I use in reinforcement learning?":
        ("discount", "ppo", "svm_gamma"),
    "How large should the replay buffer of DQN be?": ("replay_buffer_size", "dqn", "CLM064"),
    "How do I choose the number of neighbours k in kNN?":
        ("n_neighbors", "k-nearest-neighbors", "neighbors"),
    "Is fp16 the reason for the NaN, should I use bf16?": ("DIA002", None, "CLM091"),
    "What does beta do in DPO and which value is usual?":
        ("dpo_beta", "preference-tuning", "CLM061"),
    "Can I reuse the hyperparameters of a small model for a big one?": ("CLM097", None, "CLM064"),
    "Should I use nested cross-validation when tuning?": ("CLM118", None, "CLM097"),
    "Does random search need a log-uniform distribution for the rate?": ("CLM044", None, "CLM021"),
    "How do I tune hyperparameters when one training takes three days?":
        ("CLM120|ADV111", None, "CLM096"),
    "My dataset is imbalanced, which hyperparameters should I change?":
        ("CLM121|ADV113", None, "CLM040"),
    "Should weight decay be applied to biases and layer norm?": ("CLM122|ADV052", None, "CLM048"),
    "How do I stop XGBoost from overfitting?": ("DIA067", None, "DIA064"),
    "Is a patience of 5 epochs enough before I stop?": ("early_stopping", None, "INT013"),
    "what max_grad_norm do people use for llama finetuning": ("gradient_clipping", None, "CLM082"),
    "Is rank 8 enough or do I need rank 64 for my adapter?": ("lora_rank", None, "CLM012"),
    "My validation accuracy is noisy and jumps from epoch to epoch, what can I do?":
        ("noisy validation", None, "epochs"),
    "Training accuracy 99 % but test accuracy 60 %, how do I fix that?":
        ("overfitting", None, "CLM094"),
    "How small should the learning rate be compared with pretraining when I fine-tune?":
        ("learning_rate|CLM045", None, "CLM082"),
    "Can I tune XGBoost with a lower eta and more trees to get a better score?":
        ("INT015", None, "learning_rate"),
    "Do I have to retune the learning rate after I changed the optimizer?":
        ("INT016", None, "INT001"),
    "What is a sensible range for weight decay with AdamW?": ("weight_decay", None, "CLM048"),
    "Why is Adam worse than SGD on my CNN?": ("CLM059", None, "vision-from-scratch"),
    "How many environments should PPO use in parallel?":
        ("number_of_environments", "ppo", "CLM022"),
    "How much dropout does an LSTM need?": ("dropout", "rnn", "CLM063"),
    "The loss explodes after warmup ends, why?": ("DIA001|diverged", None, "warmup"),
    "My model predicts only one class": ("not learning|DIA011", None, "CLM102"),
    "Do early results predict the final ranking of configurations?":
        ("fidelity", None, "CLM102"),
    "What does layer-wise learning rate decay do for ViT fine-tuning?":
        ("layerwise_lr_decay", None, "learning_rate"),
    "How do I choose the temperature in contrastive learning?":
        ("temperature", "contrastive-pretraining", "CLM044"),
    "Is weight decay the same as L2 regularization?": ("weight_decay|CLM048", None, "INT012"),
    "How large should the embedding be?": ("embedding_size", None, "CLM064"),
    "Why are my training runs not reproducible?": ("CLM116", None, "CLM087"),
    "Why does my agent not learn anything in PPO?": ("DIA013", None, "ppo"),
}  # fmt: skip


def answer_of(question: str, knowledge: Knowledge) -> tuple[str | None, str | None]:
    """Return what an answer is about, and the kind of training that it begins with."""
    answer = look_up(question, knowledge)
    if isinstance(answer, ClaimAnswer):
        return (None if answer.claim is None else answer.claim.id), None
    if isinstance(answer, HyperparameterPage):
        return answer.hyperparameter.id, None if answer.training is None else answer.training.id
    if isinstance(answer, TopicPage):
        return (answer.training.id if answer.training else answer.title), None
    return (answer.names[0] if isinstance(answer, Term) else answer.id), None


@pytest.mark.parametrize("question", ASKED)
def test_the_first_answer_is_about_what_was_asked(question: str, knowledge: Knowledge) -> None:
    must, kind, must_not = ASKED[question]
    about, begins_with = answer_of(question, knowledge)
    assert about in must.split("|")
    assert about != must_not
    if kind is not None and about == must.split("|")[0]:
        assert begins_with == kind


def explained(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["explain", *words])
    return result.exit_code, result.output


def test_the_ranges_of_the_kind_that_was_named_come_first() -> None:
    code, text = explained("What is a good learning rate for fine-tuning BERT?")
    assert code == 0
    first = next(line for line in text.splitlines() if re.search(r"\d to \d|\de-\d to", line))
    assert "encoder-fine-tuning" in first
    assert text.index("RNG032") < text.index("Ranges of other kinds")


@pytest.mark.parametrize(
    ("question", "related"),
    [
        ("Should I use mixup and label smoothing at the same time?", ["mixup", "label_smoothing"]),
        ("is stochastic depth better than mixup for small images", ["stochastic_depth", "mixup"]),
    ],
)
def test_below_the_floor_the_names_in_a_question_are_offered(
    question: str, related: list[str]
) -> None:
    code, text = explained(question)
    assert code == 1
    assert "Nothing is known of" in text
    assert all(f"hpadvisor explain {name}" in text for name in related)


@pytest.mark.parametrize(
    "question",
    ["What is the best recipe for chocolate cookies?", "How many layers does an onion have?",
     "Who is the best football player in the world?", "How do I fix the flat tire of my bike?",
     "Where can I buy a new graphics card?", "What batch of wine was sold at the auction?",
     "At what rate does the euro trade in Zurich?"],
)  # fmt: skip
def test_what_is_asked_of_other_things_is_not_answered(
    question: str, knowledge: Knowledge
) -> None:
    assert answer_of(question, knowledge)[0] is None


def test_every_name_of_a_hyperparameter_a_metric_or_an_optimizer_is_known(
    knowledge: Knowledge,
) -> None:
    named = [
        name for item in knowledge.hyperparameters for name in (item.id, item.title, *item.aliases)
    ]
    named += [name for metric in knowledge.metrics for name in metric.names[::4]]
    named += [
        name for item in knowledge.trainings for name in (item.id, item.title, *item.aliases)
    ]
    named += [*OPTIMIZERS, *STRATEGIES, *VERDICTS, *TOOLS, *DIAGNOSES, *TASK_KINDS]
    lost = [
        n for n in named if n != "other" and answer_of(n.replace("_", " "), knowledge)[0] is None
    ]
    assert not lost


def test_what_plans_print_is_known(knowledge: Knowledge) -> None:
    """Roles, samplers, pruners, strategies and verdicts of plans, and the words around them."""
    lost: set[str] = set()
    for card in read_cards()[::4]:
        plan = hpadvisor.plan(card.told).to_dict()
        names = {plan["verdict"]}
        for step in plan["steps"]:
            names.add(step["strategy"])
            names |= {step["sampler"]["name"]} if step.get("sampler") else set()
            names |= {str(item["role"]) for item in step["parameters"] if item.get("role")}
            pruner = step.get("pruner") or {}
            names |= {str(pruner["name"])} if pruner.get("name") else set()
        lost |= {n for n in names if answer_of(n.replace("_", " "), knowledge)[0] is None}
    assert not lost


WORDS = (
    "configuration", "score", "budget", "standard deviation", "study", "defaults", "regret",
    "winner", "checkpoint", "regularisation", "capacity",
    "dimensions", "hyperparameters", "adapters", "pretrained", "from scratch", "held-out",
    "test set", "overflow", "gradients", "journal", "decoupled", "head", "effective batch size",
    "symptoms", "steps", "clipping", "trees", "gain", "fold", "model-based", "explore", "rung",
    "optuna", "task",
)  # fmt: skip


def test_words_of_the_field_in_our_texts_are_defined(knowledge: Knowledge) -> None:
    texts = [entry.why + str(getattr(entry, "advice", "")) for entry in knowledge.entries()]
    texts += [str(getattr(entry, "answer", "")) for entry in knowledge.entries()]
    for card in read_cards()[::4]:
        texts.append(render_text(hpadvisor.plan(card.told), width=200, full=True))
    printed = " ".join(texts).casefold()
    assert not [word for word in WORDS if word.rstrip("s") not in printed]
    assert not [word for word in WORDS if answer_of(word, knowledge)[0] is None]
