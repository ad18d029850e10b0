"""Policies across all rules and tables. Each lists every offender at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import pytest

from benchmarks.cards.card import read_cards
from hpadvisor.engine.conditions import ALWAYS
from hpadvisor.engine.entries import Entry, Range, Rule
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.engine.matching import holding, most_specific
from hpadvisor.facts.facts import Facts
from hpadvisor.facts.situation.reading import build_situation
from hpadvisor.facts.situation.statements import read_statements, statements_of
from hpadvisor.planning.composer import facts_of_plan
from hpadvisor.planning.selection import tier_table
from tests.support import EXAMPLES, ROOT, SITUATIONS, offenders

RULES = ROOT / "rules"
CODE_WORDS = {
    "verdict": "VER", "diagnosis": "DIA", "interaction": "INT", "pitfall": "PIT",
    "stopping": "STP", "tool": "TOL", "advice": "ADV",
    "tiers": "TIE", "ranges": "RNG", "strategies": "STR", "pruners": "PRN", "claims": "CLM",
    "cases": "CAS", "config": "CFG", "space": "SPC", "curves": "CUR", "scores": "SCO",
    "search": "AUD", "metrics": "MET",
}  # fmt: skip
"""Letters of an id by topic (of rules) or kind."""
VOCABULARY_KINDS = ("hyperparameters", "trainings")


def place(entry: Entry) -> str:
    return f"{entry.path}:{entry.line} {entry.id}"


def listed(entries: Iterable[Entry]) -> list[str]:
    return [place(entry) for entry in entries]


def graded(knowledge: Knowledge) -> list[Entry]:
    return [entry for entry in knowledge.entries() if entry.kind not in VOCABULARY_KINDS]


def test_every_entry_has_a_source_with_a_title(knowledge: Knowledge) -> None:
    bad = [
        entry
        for entry in knowledge.entries()
        if not entry.citations or any(not c.source.title.strip() for c in entry.citations)
    ]
    assert not bad, offenders(listed(bad))


def test_there_are_at_least_120_entries_with_sources(knowledge: Knowledge) -> None:
    assert sum(1 for entry in graded(knowledge) if entry.citations) >= 120


def test_every_entry_says_how_good_its_evidence_is(knowledge: Knowledge) -> None:
    bad = [entry for entry in graded(knowledge) if entry.evidence not in ("M", "P", "F")]
    assert not bad, offenders(listed(bad))


def test_measured_entries_cite_a_measurement(knowledge: Knowledge) -> None:
    bad = [
        entry
        for entry in knowledge.entries()
        if entry.evidence == "M"
        and not any(citation.source.kind == "measurement" for citation in entry.citations)
    ]
    assert not bad, offenders(listed(bad))


def test_published_entries_cite_something_published(knowledge: Knowledge) -> None:
    published = {"paper", "documentation", "repository", "measurement"}
    bad = [
        entry
        for entry in knowledge.entries()
        if entry.evidence == "P"
        and not any(citation.source.kind in published for citation in entry.citations)
    ]
    assert not bad, offenders(listed(bad))


def test_every_citation_of_a_graded_entry_names_the_part(knowledge: Knowledge) -> None:
    bad = [
        f"{place(entry)} cites {citation.source.id} without a locator"
        for entry in graded(knowledge)
        for citation in entry.citations
        if entry.evidence in ("M", "P") and not citation.locator
    ]
    assert not bad, offenders(bad)


def test_checked_is_a_month_and_only_on_what_others_published(knowledge: Knowledge) -> None:
    bad = [
        f"{place(entry)} cites {citation.source.id} as checked {citation.checked!r}"
        for entry in knowledge.entries()
        for citation in entry.citations
        if citation.checked
        and (
            not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", citation.checked)
            or citation.source.kind in ("measurement", "guide")
            or not citation.locator
        )
    ]
    assert not bad, offenders(bad)


def test_entries_with_a_condition_have_examples_of_both_sides(knowledge: Knowledge) -> None:
    bad = [
        entry
        for entry in knowledge.entries()
        if entry.condition is not ALWAYS
        and not {"match", "no-match"} <= {example.expect for example in entry.examples}
    ]
    assert not bad, offenders(listed(bad))


def test_examples_are_not_repeated(knowledge: Knowledge) -> None:
    bad = [
        f"{entry.path}:{example.line} {entry.id}"
        for entry in knowledge.entries()
        for index, example in enumerate(entry.examples)
        if example.given in [other.given for other in entry.examples[:index]]
    ]
    assert not bad, offenders(bad)


def test_file_and_folder_names_are_lower_snake() -> None:
    bad = [
        path.relative_to(RULES)
        for path in RULES.rglob("*")
        if path.name != "README.md" and not re.fullmatch(r"[a-z][a-z0-9_]*(\.yaml)?", path.name)
    ]
    assert not bad, offenders(bad)


def test_folders_are_shallow() -> None:
    bad = [path for path in RULES.rglob("*.yaml") if len(path.relative_to(RULES).parts) > 2]
    assert not bad, offenders(bad)


def test_every_folder_stands_in_the_readme() -> None:
    text = (RULES / "README.md").read_text(encoding="utf-8")
    bad = [
        path.name for path in RULES.iterdir() if path.is_dir() and f"`{path.name}/`" not in text
    ]
    assert not bad, offenders(bad)


def test_ids_carry_the_letters_of_their_kind(knowledge: Knowledge) -> None:
    bad = []
    for entry in graded(knowledge):
        word = CODE_WORDS.get(entry.topic if isinstance(entry, Rule) else entry.kind)
        if word is None or not re.fullmatch(rf"{word}\d{{3}}", entry.id):
            bad.append(place(entry))
    assert not bad, offenders(bad)


def test_names_of_the_vocabulary_are_written_alike(knowledge: Knowledge) -> None:
    bad = [h.id for h in knowledge.hyperparameters if not re.fullmatch(r"[a-z][a-z0-9_]*", h.id)]
    bad += [t.id for t in knowledge.trainings if not re.fullmatch(r"[a-z][a-z0-9-]*", t.id)]
    bad += [s.id for s in knowledge.sources if not re.fullmatch(r"[a-z][a-z0-9-]*", s.id)]
    assert not bad, offenders(bad)


def test_aliases_name_one_thing_only(knowledge: Knowledge) -> None:
    bad = []
    for group in (knowledge.hyperparameters, knowledge.trainings):
        seen: dict[str, str] = {item.id: item.id for item in group}
        for item in group:
            for alias in item.aliases:
                if seen.setdefault(alias, item.id) != item.id:
                    bad.append(f"{alias}: {seen[alias]} and {item.id}")
    assert not bad, offenders(bad)


def test_papers_and_documentation_have_an_address(knowledge: Knowledge) -> None:
    bad = [
        f"{source.path}:{source.line} {source.id}"
        for source in knowledge.sources
        if source.kind in ("paper", "documentation", "repository")
        and not re.match(r"https://\S+\.\S+$", source.url)
    ]
    assert not bad, offenders(bad)


def test_every_source_is_cited(knowledge: Knowledge) -> None:
    cited = {citation.source.id for entry in knowledge.entries() for citation in entry.citations}
    bad = [source.id for source in knowledge.sources if source.id not in cited]
    assert not bad, offenders(bad)


def test_titles_are_phrases_without_a_full_stop(knowledge: Knowledge) -> None:
    bad = [entry for entry in knowledge.entries() if entry.title.rstrip().endswith(".")]
    assert not bad, offenders(listed(bad))


def test_ranges_lie_within_what_makes_sense(knowledge: Knowledge) -> None:
    bad = []
    for item in knowledge.ranges:
        named = knowledge.hyperparameter(item.hyperparameter)
        assert named is not None
        if named.type == "categorical":
            if named.choices and not set(item.choices) <= set(named.choices):
                bad.append(f"{place(item)}: {set(item.choices) - set(named.choices)}")
            continue
        numbers = [item.low, item.high, item.default, item.off, *item.choices]
        low = float("-inf") if named.minimum is None else named.minimum
        high = float("inf") if named.maximum is None else named.maximum
        bad += [
            f"{place(item)}: {value} outside {low} to {high}"
            for value in numbers
            if isinstance(value, int | float) and not low <= value <= high
        ]
    assert not bad, offenders(bad)


def test_log_ranges_are_above_zero_and_off_lies_outside(knowledge: Knowledge) -> None:
    bad = [
        item
        for item in knowledge.ranges
        if item.low is not None
        and item.high is not None
        and (
            (item.scale == "log" and item.low <= 0)
            or (item.scale == "log" and item.off is not None and item.low <= item.off)
        )
    ]
    assert not bad, offenders(listed(bad))


def test_ranges_of_whole_numbers_have_whole_ends(knowledge: Knowledge) -> None:
    bad = []
    for item in knowledge.ranges:
        named = knowledge.hyperparameter(item.hyperparameter)
        if named is not None and named.type == "int":
            numbers = [item.low, item.high, item.default, *item.choices]
            if any(isinstance(value, float) and not value.is_integer() for value in numbers):
                bad.append(place(item))
    assert not bad, offenders(bad)


def test_equally_specific_ranges_never_contradict_each_other(knowledge: Knowledge) -> None:
    """In every test situation, ranges that are joined have a common part."""
    bad = set()
    for facts in plan_facts().values():
        for hyperparameter in knowledge.hyperparameters:
            same = [r for r in knowledge.ranges if r.hyperparameter == hyperparameter.id]
            chosen = most_specific(holding(same, facts))
            lows = [item.low for item in chosen if item.low is not None]
            highs = [item.high for item in chosen if item.high is not None]
            if lows and max(lows) >= min(highs):
                bad.add(" and ".join(place(item) for item in chosen))
    assert not bad, offenders(sorted(bad))


def test_every_number_of_trainings_has_exactly_one_strategy(knowledge: Knowledge) -> None:
    bad = []
    for trainings in range(1, 1001):
        for share in (None, 0.01, 0.5):
            facts = Facts.of({"budget.trainings_that_fit": float(trainings)})
            facts.put("budget.workers_share", share, "test")
            found = most_specific(holding(knowledge.strategies, facts))
            if len(found) != 1:
                bad.append(f"{trainings} trainings, workers' share {share}: {listed(found)}")
    assert not bad, offenders(bad)


def test_a_larger_budget_never_reaches_fewer_tiers(knowledge: Knowledge) -> None:
    reached = []
    for trainings in range(1, 1001):
        facts = Facts.of({"budget.trainings_that_fit": float(trainings)})
        reached.append(most_specific(holding(knowledge.strategies, facts))[0].tiers)
    assert reached == sorted(reached)


def test_every_number_of_epochs_has_one_pruner_and_equals_agree(knowledge: Knowledge) -> None:
    bad = []
    for training in knowledge.trainings:
        for epochs in (None, 1, 3, 9, 10, 11, 50, 300):
            facts = Facts.of({"training.kind": training.id})
            facts.put("training.epochs", epochs, "test")
            found = most_specific(holding(knowledge.pruners, facts))
            outcomes = {(p.pruner, repr(p.settings), p.cost_fraction) for p in found}
            if len(outcomes) != 1:
                bad.append(f"{training.id}, {epochs} epochs: {listed(found)}")
    assert not bad, offenders(bad)


def facts_of_kind(kind: str, knowledge: Knowledge, optimizer: str | None = None) -> Facts:
    """Return what is known when only the kind of training is said, and perhaps the optimizer."""
    situation, provenance = build_situation([], knowledge.vocabulary())
    situation.training.kind = kind
    situation.training.optimizer = optimizer
    return facts_of_plan(situation, provenance, knowledge)


def test_every_kind_has_a_tier_table_of_its_own(knowledge: Knowledge) -> None:
    general = tier_table(Facts(), knowledge)
    assert general is not None
    bad = [
        training.id
        for training in knowledge.trainings
        if tier_table(facts_of_kind(training.id, knowledge), knowledge) == general
    ]
    assert not bad, offenders(bad)


def test_every_hyperparameter_of_a_tier_has_a_range_for_that_kind(knowledge: Knowledge) -> None:
    bad = []
    for training in knowledge.trainings:
        optimizers = (None, "adam", "adamw", "sgd")
        known = [facts_of_kind(training.id, knowledge, optimizer) for optimizer in optimizers]
        table = tier_table(known[0], knowledge)
        assert table is not None
        for tier, names in table.tiers.items():
            for name in names:
                ranges = [r for r in knowledge.ranges if r.hyperparameter == name]
                if tier < 5 and not any(holding(ranges, facts) for facts in known):
                    bad.append(f"{training.id}: {name} (tier {tier} of {table.id})")
    assert not bad, offenders(bad)


def test_the_learning_rate_is_of_the_first_tier_everywhere(knowledge: Knowledge) -> None:
    bad = [
        table
        for table in knowledge.tiers
        if "learning_rate" not in table.tiers.get(1, ())
        and not any(f"eq: {kind}" in condition_text(table) for kind in WITHOUT_RATE)
    ]
    assert not bad, offenders(listed(bad))


def test_no_hyperparameter_stands_in_two_tiers_of_a_table(knowledge: Knowledge) -> None:
    bad = []
    for table in knowledge.tiers:
        names = [name for members in table.tiers.values() for name in members]
        bad += [f"{place(table)}: {name}" for name in sorted(set(names)) if names.count(name) > 1]
    assert not bad, offenders(bad)


REQUIRED_KINDS = {
    "vision-from-scratch", "vision-fine-tuning", "llm-pretraining", "llm-fine-tuning", "lora",
    "preference-tuning", "transformer-from-scratch", "encoder-fine-tuning", "rnn", "tabular-mlp",
    "gnn", "detection", "speech", "diffusion", "ppo", "gradient-boosting",
}  # fmt: skip


def test_every_promised_kind_of_training_is_there(knowledge: Knowledge) -> None:
    assert {training.id for training in knowledge.trainings} >= REQUIRED_KINDS


def test_every_kind_has_a_learning_rate_range_of_its_own(knowledge: Knowledge) -> None:
    bad = []
    for training in knowledge.trainings:
        facts = facts_of_kind(training.id, knowledge)
        ranges = [r for r in knowledge.ranges if r.hyperparameter == "learning_rate"]
        best = most_specific(holding(ranges, facts))
        kinds = [leaf.fact for item in best for leaf in item.condition.leaves()]
        if "training.kind" not in kinds and training.id not in WITHOUT_RATE:
            bad.append(training.id)
    assert not bad, offenders(bad)


WITHOUT_RATE = ("svm", "random-forest", "k-nearest-neighbors", "linear-model")
"""Classical models: they have no learning rate."""


def condition_text(table: Entry) -> str:
    return " ".join(f"{leaf.op}: {leaf.wanted}" for leaf in table.condition.leaves())


@cache
def plan_facts() -> dict[str, Facts]:
    """Return what rules see in every test situation, the facts of its plan included."""
    knowledge = load_knowledge()
    found = _facts_of_cards(knowledge)
    for name, path in (EXAMPLES | SITUATIONS).items():
        situation, provenance = build_situation(read_statements(path), knowledge.vocabulary())
        found[name] = facts_of_plan(situation, provenance, knowledge)
    return found


def _facts_of_cards(knowledge: Knowledge) -> dict[str, Facts]:
    """Return the same of every expert card."""
    found = {}
    for card in read_cards():
        statements = statements_of(card.told, "the card")
        situation, provenance = build_situation(statements, knowledge.vocabulary())
        found[f"card {card.id}"] = facts_of_plan(situation, provenance, knowledge)
    return found


def test_every_entry_matches_in_a_test_situation(knowledge: Knowledge) -> None:
    everything = plan_facts().values()
    bad = [
        entry
        for entry in knowledge.entries()
        if entry.condition is not ALWAYS
        and entry.status != "deprecated"
        # Other rules match files, curves and searches: their tests stand by their rooms.
        and not (isinstance(entry, Rule) and "plan" not in entry.applies_to)
        and entry.kind != "scores"
        and not any(entry.condition.evaluate(facts).truth for facts in everything)
    ]
    assert not bad, offenders(listed(bad))


def test_every_range_is_the_chosen_one_somewhere(knowledge: Knowledge) -> None:
    """A range that a more specific one always shadows would be dead text."""
    chosen: set[str] = set()
    for facts in [*plan_facts().values(), *_facts_of_pairs(knowledge)]:
        for hyperparameter in knowledge.hyperparameters:
            same = [r for r in knowledge.ranges if r.hyperparameter == hyperparameter.id]
            chosen.update(item.id for item in most_specific(holding(same, facts)))
    bad = [item for item in knowledge.ranges if item.id not in chosen]
    assert not bad, offenders(listed(bad))


def _facts_of_pairs(knowledge: Knowledge) -> Iterable[Facts]:
    """Yield the facts that each range's own matching examples give."""
    for item in knowledge.ranges:
        for example in item.examples:
            if example.expect == "match":
                yield Facts.of(example.given)


def test_every_chapter_is_carried(knowledge: Knowledge) -> None:
    carried = {chapter for entry in knowledge.entries() for chapter in entry.chapters}
    bad = [chapter.id for chapter in knowledge.chapters if chapter.id not in carried]
    assert not bad, offenders(bad)


CORRECTIONS = {
    "overfitting is low training loss": "calls overfitting a high training loss",
    "3,125 configurations are 65 days": "130 days for 3,125",
    "200 configurations are 6,000 minutes": "6,000 minutes",
    "a log grid of six values": "seven values",
    "a log scale cannot hold zero": "log scale cannot hold 0",
    "log_uniform takes exponents": "log_uniform_values",
    "the calls of Ray Tune": r"tune\.Tuner",
    "n_jobs starts threads": "n_jobs starts threads",
    "TPE is the default and no Gaussian process": "Gaussian process",
    "one-cycle starts low": "max/25",
    "the cosine code ends at zero": "ends at 0",
    "the plateau test passes any falling loss": "late mean",
    "a plateau may want a higher rate": "a rate too low",
    "underfitting may be the rate": "underfitting no tuning problem",
    "the rate of fine-tuning": "1e-5 to 5e-5",
    "rate and batch size": "root of the batch size",
    "weight decay inside Adam": "AdamW already",
    "weight decay of huge models": "above a billion weights",
    "the budget counts trainings": "hours × parallel",
    "phases add up": "165 trainings",
    "model-based search needs no 200 trials": "200 trials and more",
    "random search when unsure": "random search the default",
    "a grid for two hyperparameters": "In two the grid lost",
    "the median pruner as it comes": "MedianPruner as it comes",
    "one seed, always": "one seed and many configurations, always",
    "only the rate below ten hours": "less than 10 hours",
    "all but four are fixed": "fixes everything but four",
    "the share that is pruned": "90 or 95 %",
    "the best at the edge": "with no scale and no noise",
    "all within a fixed band": "fixed band",
    "stop after twenty equal trials": "best for 20 trials",
    "stop below a gain per trial": r"0\.1 % of gain per trial",
    "twenty configurations are no proof": "calls that confident",
    "tables that contradict each other": "contradict each other",
}
"""Errors of the starting guide, and words that some entry's ``corrects`` must hold."""


@pytest.mark.parametrize("what", CORRECTIONS)
def test_correction_is_marked(what: str, knowledge: Knowledge) -> None:
    texts = [entry.corrects for entry in knowledge.entries() if entry.corrects]
    assert any(re.search(CORRECTIONS[what], text) for text in texts)


def test_at_least_as_many_entries_correct_as_there_are_errors(knowledge: Knowledge) -> None:
    assert sum(1 for entry in knowledge.entries() if entry.corrects) >= len(CORRECTIONS)


NAMED_EXAMPLES = {
    "cifar10-resnet", "imagenet-fine-tuning", "bert-fine-tuning", "lora-7b", "tabular-small",
    "ppo",
}  # fmt: skip


def test_the_promised_examples_are_bundled() -> None:
    assert set(EXAMPLES) >= NAMED_EXAMPLES


def test_every_situation_says_in_its_first_line_what_it_is() -> None:
    bad = [
        name
        for name, path in (EXAMPLES | SITUATIONS).items()
        if not re.match(r"# \S.{15,}\.?$|# \S.*\.$", path.read_text("utf-8").splitlines()[0])
    ]
    assert not bad, offenders(bad)


def test_no_text_of_the_rules_names_a_machine_or_a_tool_of_ours() -> None:
    pattern = re.compile(r"/work/|/root/|/home/|\.\./shared|\bKNOWLEDGE\.md|\bDESIGN\.md")
    bad = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in RULES.rglob("*.*")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not bad, offenders(bad)


def test_advice_is_imperative_text_with_an_end(knowledge: Knowledge) -> None:
    bad = [rule for rule in knowledge.rules if not rule.advice.rstrip().endswith((".", "!", "?"))]
    assert not bad, offenders(listed(bad))


def test_rules_that_ask_for_a_fix_say_what_it_costs(knowledge: Knowledge) -> None:
    bad = [
        rule
        for rule in knowledge.rules
        if rule.verdict == "fix_first" and not (rule.recommend and rule.trainings > 0)
    ]
    assert not bad, offenders(listed(bad))


def test_ranges_of_different_kinds_do_not_hide_a_hyperparameter(knowledge: Knowledge) -> None:
    ranged = {item.hyperparameter for item in knowledge.ranges}
    tiered = {
        name
        for table in knowledge.tiers
        for tier, names in table.tiers.items()
        for name in names
        if tier < 5
    }
    assert tiered <= ranged, offenders(sorted(tiered - ranged))


def test_no_range_is_listed_twice(knowledge: Knowledge) -> None:
    seen: dict[tuple[str, str], Range] = {}
    bad = []
    for item in knowledge.ranges:
        key = (item.hyperparameter, repr(item.condition))
        if key in seen:
            bad.append(f"{place(item)} has the condition of {place(seen[key])}")
        seen[key] = item
    assert not bad, offenders(bad)
