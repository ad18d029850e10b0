"""Plans made by hand for the tests of the reports: each verdict, each kind of step."""

from __future__ import annotations

from typing import Any

from hpadvisor.engine.reasons import Evidence, SourceNote, Unknown, Why
from hpadvisor.planning.model import Alternative, Grid, Held, Parameter, Plan, Stated, Step, Tool

PAPER = SourceNote(
    title="Random Search for Hyper-Parameter Optimization",
    authors="Bergstra, Bengio",
    year=2012,
    url="https://www.jmlr.org/papers/v13/bergstra12a.html",
    locator="section 2",
    kind="paper",
)


def why(rule: str, title: str, message: str) -> Why:
    """Return a reason with one piece of evidence and one source."""
    evidence = Evidence(
        fact="budget.trainings_that_fit", op="between", wanted=[25, 49], got=30, where="--hours"
    )
    return Why(
        rule=rule, title=title, message=message, grade="P", matched=[evidence], sources=[PAPER],
        limits="Not for very noisy scores.",
    )  # fmt: skip


PARAMETERS = [
    Parameter(
        name="eta", role="learning_rate", type="float", low=1e-4, high=1e-2, scale="log",
        default=1e-3, rules=["RNG001"],
    ),
    Parameter(
        name="weight_decay", type="float", low=1e-6, high=1e-2, scale="log", off=0.0,
        default=1e-4, rules=["RNG002"],
    ),
    Parameter(
        name="batch_size", type="int", low=32, high=1024, scale="log", default=128,
        rules=["RNG003"],
    ),
    Parameter(
        name="augmentation_policy", type="categorical", choices=["none", "flip", "randaugment"],
        default="flip",
    ),
    Parameter(name="nesterov", type="categorical", choices=[True, False], default=True),
]  # fmt: skip

FIX = Step(
    name="Training diverged",
    purpose="Lower the rate, and train again.",
    kind="fix",
    changes=["decrease learning_rate ÷ 10: 0.03 → 0.003", "set gradient_clipping to 1"],
    strategy="manual",
    trials=2,
    trainings=2,
    cost_hours=1.0,
    stop_when=["The training runs without the symptom."],
    why=[why("DIA001", "Training diverged", "Divide the rate by ten.")],
)

SEARCH = Step(
    name="Search",
    purpose="Find the region of good configurations, then work within it.",
    kind="search",
    parameters=PARAMETERS,
    strategy="bayesian",
    sampler={"name": "tpe", "startup": "quasirandom", "startup_trials": 8},
    pruner={"name": "asha", "min_fraction": 0.1, "reduction_factor": 3, "min_epochs": 9},
    trials=60,
    epochs_per_trial=90,
    parallel=2,
    trainings=24,
    cost_hours=6.0,
    cost_hours_unpruned=15.0,
    gpu_hours=12.0,
    baseline={"eta": 0.5, "weight_decay": 0, "batch_size": 128},
    top5_chance=0.954,
    stop_when=["Judge a longer search by m/(m+n). After 60 trials, 6 more have 9 %."],
    why=[why("STR004", "25 to 49 trainings", "Regularisation and capacity join.")],
)

CONFIRM = Step(
    name="Confirm",
    purpose="Train the best 3 again on the same 2 fresh seeds, and choose by the mean.",
    kind="confirm",
    strategy="manual",
    trials=3,
    seeds=2,
    trainings=6,
    cost_hours=1.5,
)


def full(**changes: Any) -> Plan:
    """Return a plan in which every part is filled."""
    values: dict[str, Any] = {
        "verdict": "fix_first",
        "headline": "Fix this first: training diverged, then search.",
        "reasons": [
            why("DIA001", "Training diverged", "Divide the rate by ten. A NaN says nothing."),
            why("VER012", "Four trainings or more fit", "Search with the 30 trainings that fit."),
        ],
        "situation": {"training.kind": Stated(value="vision-from-scratch", source="--training")},
        "objective": {"metric": "val_accuracy", "direction": "maximize"},
        "steps": [FIX, SEARCH, CONFIRM],
        "cost_hours": 8.5,
        "budget_hours": 10.0,
        "trainings": 32,
        "trainings_that_fit": 40,
        "held_fixed": [
            Held(name="momentum", value=0.9, why="tier 4: this budget reaches tier 3"),
            Held(name="warmup", value=0.05, why="tier 4: this budget reaches tier 3"),
            Held(name="optimizer", value="sgd", why="you asked for it", rules=["RNG009"]),
        ],
        "interactions": [why("INT001", "Batch size and learning rate", "Move them together.")],
        "pitfalls": [
            why("PIT001", "A linear scale for the learning rate", "Keep the log scale."),
            why("PIT003", "A grid over many hyperparameters", "Do not write it as a grid."),
        ],
        "advice": [why("ADV080", "One seed in the search", "Fix one seed for all trials.")],
        "alternatives": [
            Alternative(budget="Half the budget (5 h)", trainings=15, summary="28 trials"),
            Alternative(budget="Four times (40 h)", trainings=120, summary="250 trials"),
        ],
        "grid": Grid(values_each=5, dimensions=5, configurations=3125, days=65.1),
        "tool": Tool(name="optuna", reason="One process with a stored study.", rules=["TOL005"]),
        "warnings": ["eta: today's 0.5 lies outside 1e-4 to 0.01; it runs as the first trial"],
        "unknown": [
            Unknown(
                fact="task.noise", question="Standard deviation between seeds?",
                would_decide=["VER009"],
            )
        ],
    }  # fmt: skip
    return Plan(**{**values, **changes})


def bare(verdict: str, headline: str) -> Plan:
    """Return a plan without steps."""
    return Plan(
        verdict=verdict, headline=headline, reasons=[], situation={}, objective={}, steps=[]
    )


def listed() -> Plan:
    """Return a search over listed values, its budget in hours unknown."""
    values: list[Any] = [1e-3, 1e-4, 3.16e-4, 3.16e-3, 1e-2]
    step = SEARCH.model_copy(
        update={
            "parameters": [PARAMETERS[0].model_copy(update={"values": values})],
            "strategy": "grid", "sampler": {"name": "grid"}, "pruner": {"name": "none"},
            "trials": 5, "parallel": 1, "trainings": 5, "cost_hours": None,
            "cost_hours_unpruned": None, "baseline": {"eta": 1e-3},
        }
    )  # fmt: skip
    return full(
        verdict="tune", headline="Tune eta in 5 trials.", steps=[step], cost_hours=None, grid=None,
        budget_hours=None,
    )  # fmt: skip


def phases() -> Plan:
    """Return two phases over the same space."""
    explore = SEARCH.model_copy(update={"name": "Explore", "strategy": "quasirandom"})
    refine = SEARCH.model_copy(update={"name": "Refine"})
    return full(verdict="tune", headline="Tune 5 hyperparameters.", steps=[explore, refine])


ALL = {
    "full": full(),
    "listed": listed(),
    "phases": phases(),
    "leave_defaults": bare("leave_defaults", "Leave the hyperparameters as they are."),
    "stop": bare("stop", "Do not start: the budget does not pay for one full training."),
    "collect_data": bare("collect_data", "Collect data first: with this little, wait."),
}
