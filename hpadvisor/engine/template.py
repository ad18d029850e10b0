"""What ``hpadvisor rules new`` writes."""

from __future__ import annotations

from typing import Final

RULE_TEMPLATE: Final = """\
# A rule of your own. Check it with: hpadvisor rules test THIS_FILE
# Facts that `when` may name: hpadvisor rules facts. Schema for editors: hpadvisor rules schema.
sources:
  - id: our-runbook
    title: Runbook of our training team
    kind: guide              # paper | documentation | repository | measurement | guide
rules:
  - id: OWN001               # unique, never reused
    title: Long warmup for our large batches
    topic: advice            # verdict, diagnosis, interaction, pitfall, stopping, tool, advice
    applies_to: [plan]       # plan, diagnose, check, audit
    evidence: F              # M measured | P paper or official repository | F folk advice
    when:                    # all, any, not; a leaf names one fact and one operator
      all:
        - {fact: training.optimizer, in: [sgd, lars]}
        - {fact: training.batch_size, ge: 4096}
    severity: note           # error | warning | note
    impact: medium           # high | medium | low
    confidence: medium       # high | medium | low
    advice: Warm the learning rate up over five epochs.
    why: At {training.batch_size} examples a step, the first steps are the unstable ones.
    recommend:
      - {parameter: warmup, action: set, value: 0.05}
    limits: Not measured below 4,096 examples a step.
    sources: [{cite: our-runbook, locator: large batches}]
    examples:                # at least one match and one no-match; they are the rule's tests
      - {given: {training.optimizer: sgd, training.batch_size: 8192}, expect: match}
      - {given: {training.optimizer: adamw, training.batch_size: 8192}, expect: no-match}
      - {given: {training.optimizer: sgd}, expect: unknown}
"""
