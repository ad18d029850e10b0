"""The facts of a situation and of a plan. Facts of hyperparameters come with the rules."""

from __future__ import annotations

from hpadvisor.facts.registry import FactDefinition, FactType
from hpadvisor.facts.vocabulary import (
    MODEL_FAMILIES,
    OPTIMIZERS,
    STRATEGIES,
    SYMPTOMS,
    TASK_KINDS,
    TOOLS,
    VERDICTS,
)

_B, _I, _F, _T, _L = (
    FactType.BOOL,
    FactType.INT,
    FactType.FLOAT,
    FactType.TEXT,
    FactType.TEXTS,
)

SITUATION_FACTS: tuple[FactDefinition, ...] = (
    FactDefinition(
        "task.kind",
        _T,
        "what the model is for",
        choices=TASK_KINDS,
        question="What is the model for?",
    ),
    FactDefinition(
        "task.metric",
        _T,
        "the score that is compared between trainings",
        question="Which score are trainings compared by?",
        why="it says whether more or less is better",
    ),
    FactDefinition(
        "task.direction",
        _T,
        "whether the metric should rise or fall",
        choices=("maximize", "minimize"),
    ),
    FactDefinition(
        "task.current",
        _F,
        "the score that the training reaches today",
        question="Which score does the training reach today?",
        why="a known score is not trained again",
    ),
    FactDefinition(
        "task.target",
        _F,
        "the score that is wanted",
        question="Which score is wanted?",
    ),
    FactDefinition(
        "task.noise",
        _F,
        "standard deviation of the score between seeds, in the metric's unit",
        question="How much does the score vary between seeds (its standard deviation)?",
    ),
    FactDefinition(
        "task.acceptable",
        _B,
        "whether today's score is good enough",
        question="Is the score you reach today good enough?",
        decisive=True,
        why="a model that is good enough needs no search",
    ),
    FactDefinition(
        "model.family",
        _T,
        "the kind of model",
        choices=MODEL_FAMILIES,
        question="What kind of model is it?",
    ),
    FactDefinition("model.name", _T, "the name of the model"),
    FactDefinition(
        "model.parameters",
        _F,
        "trainable weights of the model",
        unit="weights",
        question="How many trainable weights has the model?",
    ),
    FactDefinition(
        "model.pretrained",
        _B,
        "whether training starts from pretrained weights",
        question="Does the training start from pretrained weights?",
    ),
    FactDefinition(
        "training.kind",
        _T,
        "the kind of training",
        question="What kind of training is it?",
        decisive=True,
        why="ranges and priorities differ by orders of magnitude between kinds",
    ),
    FactDefinition(
        "training.optimizer",
        _T,
        "the optimizer",
        question="Which optimizer do you use?",
        choices=OPTIMIZERS,
        decisive=True,
        why="the range of the learning rate depends on it",
    ),
    FactDefinition(
        "training.precision",
        _T,
        "numeric precision",
        choices=("fp32", "tf32", "bf16", "fp16", "fp8"),
        question="Which numeric precision is used?",
    ),
    FactDefinition(
        "training.epochs",
        _F,
        "epochs of one training",
        unit="epochs",
        question="How many epochs does one training run?",
        decisive=True,
        why="from ten on, bad trials can be stopped early",
    ),
    FactDefinition("training.steps", _F, "optimizer steps of one training", unit="steps"),
    FactDefinition("training.hours_per_epoch", _F, "wall-clock time of an epoch", unit="hours"),
    FactDefinition(
        "data.train_examples",
        _F,
        "training examples",
        unit="examples",
        question="How many training examples are there?",
        decisive=True,
        why="below about a thousand, data beats tuning",
    ),
    FactDefinition(
        "data.validation_examples",
        _F,
        "validation examples",
        unit="examples",
        question="How many validation examples are there?",
    ),
    FactDefinition(
        "data.tokens",
        _F,
        "training tokens of a language model",
        unit="tokens",
        question="How many tokens are trained on?",
    ),
    FactDefinition(
        "data.classes",
        _F,
        "classes of a classification",
        unit="classes",
        question="How many classes are there?",
    ),
    FactDefinition(
        "data.positive_share",
        _F,
        "share of the rarer class, of two",
        question="Which share of the examples belongs to the rarer class?",
    ),
    FactDefinition(
        "data.suspect",
        _B,
        "whether the inputs or labels may be wrong or badly loaded",
        question="May inputs or labels be wrong or badly loaded?",
    ),
    FactDefinition(
        "budget.hours",
        _F,
        "wall-clock time for the whole search",
        unit="hours",
        question="How many hours may the whole search take?",
        decisive=True,
        why="with the time of one training it says how many trainings fit",
    ),
    FactDefinition("budget.gpu_hours", _F, "compute time, added over all workers", unit="hours"),
    FactDefinition(
        "budget.hours_per_training",
        _F,
        "wall-clock time of one full training",
        unit="hours",
        question="How long does one full training take?",
        decisive=True,
        why="with the budget it says how many trainings fit",
    ),
    FactDefinition("budget.trainings", _F, "trainings that may be run at most", unit="trainings"),
    FactDefinition(
        "budget.parallel",
        _I,
        "trainings that run at the same time",
        unit="trainings",
        question="How many trainings run at the same time?",
    ),
    FactDefinition(
        "budget.machines",
        _I,
        "machines that the trainings are spread over",
        question="Over how many machines are they spread?",
    ),
    FactDefinition(
        "budget.deadline",
        _F,
        "time until the result must be there",
        unit="hours",
        question="How long until the result must be there?",
    ),
    FactDefinition(
        "symptoms",
        _L,
        "what is seen in the curves",
        question="What do the curves show?",
        choices=SYMPTOMS,
        decisive=True,
        why="some symptoms must be mended before any search",
    ),
    FactDefinition("search.tool", _T, "the search tool that is preferred", choices=TOOLS),
    FactDefinition("search.strategy", _T, "the strategy that is asked for", choices=STRATEGIES),
    FactDefinition("search.tune", _L, "the hyperparameters that shall be tuned"),
    FactDefinition("search.fixed", _L, "the hyperparameters that shall stay as they are"),
    FactDefinition("search.grid_values", _I, "values per hyperparameter of a grid"),
    FactDefinition(
        "search.trials_done",
        _I,
        "trials that a search has finished already",
        question="How many trials has a search finished already?",
    ),
    FactDefinition("team.size", _I, "people who work with the results"),
    FactDefinition(
        "team.dashboard",
        _B,
        "whether the team wants a shared dashboard",
        question="Does the team want a shared dashboard?",
    ),
)

DERIVED_FACTS: tuple[FactDefinition, ...] = (
    FactDefinition(
        "budget.trainings_that_fit",
        _F,
        "full trainings that the budget pays for (hours × parallel ÷ hours per training)",
        unit="trainings",
    ),
    FactDefinition(
        "budget.workers_share",
        _F,
        "parallel workers as a share of the trainings that fit",
    ),
    FactDefinition("data.examples_per_class", _F, "training examples per class", unit="examples"),
    FactDefinition("model.parameters_per_example", _F, "trainable weights per training example"),
    FactDefinition("task.gap", _F, "distance from today's score to the target, as a share of it"),
    FactDefinition(
        "task.noise_share", _F, "noise between seeds as a share of the gap to the target"
    ),
    FactDefinition(
        "task.standard_error",
        _F,
        "standard error of today's score, a share, on the validation examples (binomial)",
    ),
    FactDefinition(
        "training.law_rate",
        _F,
        "learning rate of pretraining by Step Law, for the stated weights and tokens",
    ),
    FactDefinition("training.warmup_epochs", _F, "warmup in epochs", unit="epochs"),
    FactDefinition("training.steps_per_epoch", _F, "optimizer steps of one epoch", unit="steps"),
    FactDefinition(
        "training.effective_batch_size",
        _F,
        "batch size × gradient accumulation",
        unit="examples",
    ),
    FactDefinition(
        "user.hyperparameters", _L, "the roles of the hyperparameters that the user listed"
    ),
)

RELATIVE_FACTS: tuple[FactDefinition, ...] = (
    FactDefinition("training.adaptive", _B, "whether the optimizer is of Adam's kind"),
    FactDefinition(
        "training.rate_orders",
        _F,
        "learning rate over the usual one of its optimizer, in orders of magnitude; from scratch",
    ),
    FactDefinition(
        "training.decay_orders",
        _F,
        "weight decay over the usual one of its optimizer, in orders of magnitude",
    ),
    FactDefinition(
        "training.regularized", _B, "whether weight decay or dropout is known to be above 0"
    ),
)
"""What a diagnosis derives from rate, optimizer and regularisation: ``relative.py``."""

PLAN_FACTS: tuple[FactDefinition, ...] = (
    FactDefinition("plan.verdict", _T, "the plan's verdict", choices=VERDICTS),
    FactDefinition("plan.strategy", _T, "the search strategy", choices=STRATEGIES),
    FactDefinition("plan.sampler", _T, "the sampler of the search"),
    FactDefinition(
        "plan.pruner", _T, "the pruner of the search", choices=("asha", "median", "none")
    ),
    FactDefinition("plan.parameters", _L, "canonical names that the plan searches"),
    FactDefinition("plan.dimensions", _I, "hyperparameters that the plan searches"),
    FactDefinition("plan.trials", _I, "trials of the search", unit="trials"),
    FactDefinition("plan.trainings", _F, "trainings of all steps", unit="trainings"),
    FactDefinition("plan.parallel", _I, "trials that run at the same time", unit="trials"),
    FactDefinition("plan.phases", _I, "steps of the plan"),
    FactDefinition("plan.hours", _F, "wall-clock time of all steps", unit="hours"),
    FactDefinition("plan.grid_size", _F, "configurations of a grid over the same hyperparameters"),
    FactDefinition("plan.grid_days", _F, "wall-clock time of that grid", unit="days"),
    FactDefinition(
        "plan.top5_chance", _F, "chance that at least one of the trials is in the best 5 %"
    ),
    FactDefinition("plan.log_parameters", _L, "canonical names searched on a log scale"),
    FactDefinition("plan.off_choices", _L, "canonical names whose range has an off choice"),
)
