"""What diagnosed logs say of a training, as statements of its situation."""

from __future__ import annotations

from collections.abc import Sequence

from hpadvisor.diagnosing.model import RunDiagnosis
from hpadvisor.diagnosing.next_command import best_run, tested_rate
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.reading import holds
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.facts.vocabulary import SYMPTOMS, Vocabulary


def said_by_runs(
    runs: Sequence[RunDiagnosis], told: Facts, vocabulary: Vocabulary, source: str
) -> list[Statement]:
    """Return the verdict of training logs as a symptom; logs that cannot be judged say none.

    Of several runs the best one counts: a plan goes on from there, and the others' verdicts may
    contradict it. A range test says a learning rate; so do a rate column and the config beside
    the log, with the optimizer, where nobody else did.

    Args:
        runs: Diagnosed.
        told: What the user said, which counts first.
        vocabulary: Names that come with the rules.
        source: Who says so.
    """
    best = best_run(runs)
    if best is None or best.verdict not in SYMPTOMS:
        return []
    rate = tested_rate(best)
    if rate is not None:
        return [Statement("training.learning_rate", rate, source)]
    said = [
        Statement(path, value, f"{source} ({who})")
        for path, (value, who) in best.logged.items()
        if path not in told
    ]
    known = [one for one in said if holds(one, vocabulary)]
    return [*known, Statement("symptoms", [best.verdict], source)]
