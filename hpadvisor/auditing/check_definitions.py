"""The checks: which rules decide each, what it looks at, and what it would need."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckDefinition:
    """One check.

    Attributes:
        name: Its name in the JSON.
        title: What it asks.
        rules: Ids of the rules that decide it; any that matches makes a finding.
        numbers: Facts that it shows.
        passed: What to say when nothing was found.
        needs: What to say when it cannot be judged.
        requires: Facts without which it cannot be judged, whatever the rules say.
    """

    name: str
    title: str
    rules: tuple[str, ...]
    numbers: tuple[str, ...]
    passed: str
    needs: str
    requires: tuple[str, ...] = ()


_NOISE_NEEDS = (
    "Needs the noise between seeds: run the best three configurations with three seeds each, give "
    "their standard deviation with --noise, or the number of validation examples with --examples."
)

CHECKS: tuple[CheckDefinition, ...] = (
    CheckDefinition(
        "results_recorded", "Results recorded, and not all equal", ("AUD001", "AUD008"),
        ("study.trials", "study.complete", "study.distinct_scores", "study.same_score_share"),
        "{study.complete} of {study.trials} trials are complete, with {study.distinct_scores} "
        "different scores.",
        "No trial has a score yet.",
    ),
    CheckDefinition(
        "trials_differ", "Trials truly different", ("AUD010",),
        ("study.duplicate_share", "study.duplicate_expected"),
        "{study.duplicate_share} repeat an earlier configuration; random sampling would give "
        "{study.duplicate_expected}.",
        "Needs the parameters of at least two trials.",
    ),
    CheckDefinition(
        "failures", "Failed trials", ("AUD002", "AUD003"),
        ("study.failed_share", "study.failure_parameters"),
        "{study.failed_share} failed.", "No trial has ended yet.",
    ),
    CheckDefinition(
        "infeasible", "Infeasible trials", ("AUD005",), ("study.infeasible_share",),
        "{study.infeasible_share} are infeasible.", "No trial has ended yet.",
    ),
    CheckDefinition(
        "lost_trials", "Trials lost to dead workers", ("AUD004",), ("study.lost_trials",),
        "None is seen.", "Needs begin and end times.",
    ),
    CheckDefinition(
        "learned", "Trials that diverged or never learned", ("AUD006",),
        ("study.not_learned_share",),
        "{study.not_learned_share} did not learn.",
        "Needs the trials' curves, or the score of guessing (--chance).",
    ),
    CheckDefinition(
        "signal", "Signal against noise", ("AUD020",),
        ("study.signal_to_noise", "study.noise", "study.noise_source"),
        "The scores spread {study.signal_to_noise} times the noise of {study.noise}.",
        _NOISE_NEEDS,
    ),
    CheckDefinition(
        "pruning", "Pruned share against the schedule", ("AUD015", "AUD018"),
        ("study.pruned_share", "study.pruned_implied", "study.pruned_better_share"),
        "{study.pruned_share} were pruned, no more than the schedule implies.",
        "No halving schedule is recognised in the steps at which trials were pruned, so nothing "
        "says how many should be.",
    ),
    CheckDefinition(
        "bounds", "Best values at a bound", ("AUD011",),
        ("study.at_bound", "study.at_bound_where", "study.at_bound_count"),
        "None is seen, which does not prove that the ranges are wide enough.",
        "Needs fifteen complete trials.",
    ),
    CheckDefinition(
        "baseline", "Baseline present and beaten", ("AUD022", "AUD023"),
        ("study.baseline_present", "study.baseline_gain", "study.baseline_margin"),
        "Beaten by {study.baseline_gain}, optimism taken off; chance gives up to "
        "{study.baseline_margin}. Confirm it on fresh seeds.",
        _NOISE_NEEDS,
    ),
    CheckDefinition(
        "tie_set", "Winner or tie", ("AUD021",), ("study.tie_set", "study.noise"),
        "The best trial stands alone by more than the noise.", _NOISE_NEEDS,
    ),
    CheckDefinition(
        "optimism", "Optimism of the best score", ("AUD024",),
        ("study.optimism", "study.optimism_low", "study.optimism_high",
         "study.optimism_in_noise"),
        "Small: about {study.optimism}, {study.optimism_high} at most in nine of ten searches.",
        _NOISE_NEEDS,
    ),
    CheckDefinition(
        "importance", "Importance against chance", ("AUD017",), ("study.important",),
        "Beyond chance: {study.important}.", "Needs fifteen judged trials with unequal scores.",
    ),
    CheckDefinition(
        "interactions", "Parameters that move together", ("AUD016",), ("study.interactions",),
        "None is seen.",
        "Needs forty judged trials, and two numbers to test (rate and batch size, or the two "
        "most important).",
    ),
    CheckDefinition(
        "enough_trials", "Trials for the dimensions", ("AUD014",),
        ("study.judged", "study.dimensions", "study.trials_per_dimension", "study.top5_chance"),
        "{study.judged} judged trials over {study.dimensions} parameters.",
        "No parameter is searched, or no trial is complete.",
    ),
    CheckDefinition(
        "seed_in_space", "A seed in the space", ("AUD012",), ("study.seed_parameters",),
        "No.", "",
    ),
    CheckDefinition(
        "constants_in_space", "Numerical constants in the space", ("AUD013",),
        ("study.epsilon_parameters",), "None, or trials enough for them.", "",
    ),
    CheckDefinition(
        "hours", "Hours, and where they went", ("AUD007",),
        ("study.hours", "study.hours_failed_share", "study.hours_after_best_share"),
        "{study.hours} hours in all.", "Run times are not recorded.",
    ),
    CheckDefinition(
        "more_trials", "What more trials would bring", ("AUD025",),
        ("study.more_trials", "study.new_best_chance", "study.expected_gain",
         "study.gain_in_noise", "study.worth", "study.worth_chance", "study.worth_bound"),
        "{study.more_trials} more bring a new best with a chance of {study.new_best_chance}, a "
        "gain above {study.worth} with one of about {study.worth_chance}, and "
        "{study.expected_gain} on average.",
        "Needs ten complete trials, and the noise between seeds (--noise) or the least gain worth "
        "having (--worth).",
        requires=("study.worth_bound",),
    ),
    CheckDefinition(
        "space_done", "A finite space, and how much of it is left", ("AUD026",),
        ("study.space_size", "study.space_tried"),
        "Not every configuration was tried.", "No trial has ended yet.",
    ),
    CheckDefinition(
        "varied", "Parameters that were hardly varied", ("AUD027",),
        ("study.hardly_varied", "study.held"),
        "None.", "Needs four complete trials.",
    ),
    CheckDefinition(
        "seeds", "Seeds that change something", ("AUD028",), (),
        "No sign of seeds without effect.", "",
    ),
)  # fmt: skip
