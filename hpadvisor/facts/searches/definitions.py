"""The facts of a finished or running search."""

from __future__ import annotations

from hpadvisor.facts.registry import FactDefinition, FactType

_B, _I, _F, _T, _L = (
    FactType.BOOL,
    FactType.INT,
    FactType.FLOAT,
    FactType.TEXT,
    FactType.TEXTS,
)

STUDY_FACTS: tuple[FactDefinition, ...] = (
    FactDefinition("study.engine", _T, "the engine that ran the search"),
    FactDefinition("study.trials", _I, "trials of the search", unit="trials"),
    FactDefinition("study.complete", _I, "complete trials with a finite score", unit="trials"),
    FactDefinition("study.judged", _I, "complete and pruned trials", unit="trials"),
    FactDefinition("study.finished", _I, "trials that ended, however", unit="trials"),
    FactDefinition("study.dimensions", _I, "parameters of the search space"),
    FactDefinition("study.repeated_by", _T, "what a repeated training changes: seed or split"),
    FactDefinition("study.space_observed", _B, "whether ranges are only those that trials took"),
    FactDefinition("study.distinct_scores", _I, "different scores among complete trials"),
    FactDefinition("study.same_score_share", _F, "share of trials with the most frequent score"),
    FactDefinition("study.failed_share", _F, "share of ended trials that failed"),
    FactDefinition("study.failure_parameters", _L, "parameters that failures depend on"),
    FactDefinition("study.failure_count", _I, "how many parameters failures depend on"),
    FactDefinition("study.infeasible_share", _F, "share of ended trials that broke a constraint"),
    FactDefinition("study.lost_trials", _I, "trials whose worker is gone", unit="trials"),
    FactDefinition("study.pruned_share", _F, "share of ended trials that were pruned"),
    FactDefinition("study.pruned_implied", _F, "share that the schedule prunes by design"),
    FactDefinition("study.pruned_excess", _F, "pruned share above what the schedule implies"),
    FactDefinition(
        "study.pruned_better_share", _F, "how often a pruned trial beat one that went on"
    ),
    FactDefinition(
        "study.not_learned_share", _F, "share of trials that diverged or never learned"
    ),
    FactDefinition(
        "study.noise",
        _F,
        "standard deviation of a trial's score between seeds",
        unit="score",
        question="How much does the score of one configuration move between seeds (standard "
        "deviation)? Run the best one three times, then use --noise.",
    ),
    FactDefinition("study.noise_source", _T, "what the noise was told from"),
    FactDefinition("study.signal_to_noise", _F, "spread of scores beyond noise, over the noise"),
    FactDefinition("study.duplicate_share", _F, "share of trials that repeat an earlier one"),
    FactDefinition("study.duplicate_expected", _F, "the share that random sampling gives"),
    FactDefinition("study.duplicate_excess", _F, "repeats above what random sampling gives"),
    FactDefinition("study.at_bound", _L, "parameters whose range is cut at a bound"),
    FactDefinition("study.at_bound_where", _L, "those parameters, each with side and bound"),
    FactDefinition("study.at_bound_count", _I, "how many ranges are cut at a bound"),
    FactDefinition("study.baseline_present", _B, "whether the default was run and scored"),
    FactDefinition("study.baseline_gain", _F, "best minus baseline, optimism taken off"),
    FactDefinition("study.baseline_margin", _F, "what that gain must exceed at a 5 % level"),
    FactDefinition("study.baseline_beaten", _B, "whether the gain exceeds that margin"),
    FactDefinition("study.tie_set", _I, "trials that cannot be told from the best"),
    FactDefinition("study.optimism", _F, "how much too good the best score is", unit="score"),
    FactDefinition("study.optimism_in_noise", _F, "that in noise standard deviations"),
    FactDefinition("study.important", _L, "parameters that moved the score beyond chance"),
    FactDefinition("study.important_count", _I, "how many parameters moved it beyond chance"),
    FactDefinition("study.interactions", _L, "pairs whose best values move together"),
    FactDefinition("study.interaction_count", _I, "how many such pairs"),
    FactDefinition("study.trials_per_dimension", _F, "complete and pruned trials per parameter"),
    FactDefinition("study.top5_chance", _F, "chance that a random trial is in the best 5 %"),
    FactDefinition("study.seed_parameters", _L, "searched parameters that are seeds"),
    FactDefinition("study.seed_count", _I, "how many searched parameters are seeds"),
    FactDefinition("study.epsilon_parameters", _L, "searched numerical constants"),
    FactDefinition("study.epsilon_count", _I, "how many searched numerical constants"),
    FactDefinition("study.hours", _F, "run time of all trials", unit="hours"),
    FactDefinition("study.hours_failed_share", _F, "share of the run time in failed trials"),
    FactDefinition("study.hours_after_best_share", _F, "share of it begun after the best ended"),
    FactDefinition("study.more_trials", _I, "further trials that are looked at", unit="trials"),
    FactDefinition("study.new_best_chance", _F, "chance that they bring a new best"),
    FactDefinition("study.expected_gain", _F, "gain to expect of them", unit="score"),
    FactDefinition("study.gain_in_noise", _F, "that gain in noise standard deviations"),
    FactDefinition("study.optimism_low", _F, "low end of it, four in five", unit="score"),
    FactDefinition("study.optimism_high", _F, "high end of it, four in five", unit="score"),
    FactDefinition("study.worth", _F, "the least gain worth having", unit="score"),
    FactDefinition("study.worth_chance", _F, "chance that they gain more than that"),
    FactDefinition("study.worth_bound", _F, "that chance at most, which decides"),
    FactDefinition("study.more_hours", _F, "what these further trials would take", unit="hours"),
    FactDefinition("study.more_pays", _B, "whether these further trials are worth it"),
    FactDefinition("study.plateau", _B, "whether most trials are tied and no gain is in sight"),
    FactDefinition("study.noise_assumed", _B, "whether the noise is that of other searches"),
    FactDefinition(
        "study.seeds_without_effect", _B, "whether repeats are equal to the last digit"
    ),
    FactDefinition("study.space_size", _I, "configurations of a finite space"),
    FactDefinition("study.space_tried", _I, "how many of these were tried"),
    FactDefinition("study.space_done", _B, "whether every configuration was tried"),
    FactDefinition("study.hardly_varied", _L, "parameters that nearly all trials have alike"),
    FactDefinition("study.hardly_varied_count", _I, "how many parameters were hardly varied"),
    FactDefinition("study.held", _L, "hyperparameters that no trial changed"),
)
