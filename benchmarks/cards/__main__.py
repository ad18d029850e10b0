"""The command: ``python -m benchmarks.cards report [ID …]`` or ``… contradictions``."""

from __future__ import annotations

import argparse
import sys

from benchmarks.cards.card import faults, read_cards


def main() -> int:
    """Print which cards hold, or what contradictions drawn situations bring to light."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cards", description=__doc__)
    parser.add_argument("command", choices=("report", "contradictions"))
    parser.add_argument("ids", nargs="*", help="these cards only")
    parser.add_argument("--situations", type=int, default=5000, help="situations to draw")
    parser.add_argument("--seed", type=int, default=1, help="where the drawing starts")
    options = parser.parse_args()
    return _contradictions(options) if options.command == "contradictions" else _report(options)


def _contradictions(options: argparse.Namespace) -> int:
    from benchmarks.cards.contradictions import check
    from hpadvisor.engine.loading import NOT_PLANNING, load_knowledge

    knowledge = load_knowledge([], without=NOT_PLANNING)
    found, cases = check(options.situations, options.seed, knowledge)
    sys.stdout.write("".join(f"{case}\n" for case in cases))
    counted = ", ".join(f"{name} {count}" for name, count in sorted(found.items())) or "none"
    sys.stdout.write(f"{options.situations} situations: contradictions: {counted}\n")
    return 1 if found else 0


def _report(options: argparse.Namespace) -> int:
    cards = [card for card in read_cards() if not options.ids or card.id in options.ids]
    held = checks = wrong = 0
    for card in cards:
        found = faults(card)
        checks += len(card.must)
        wrong += len({fault.split(":")[0] for fault in found})
        held += not found
        for fault in found:
            sys.stdout.write(f"{card.id}: {fault}\n")
    sys.stdout.write(f"{held} of {len(cards)} cards hold; {checks - wrong} of {checks} checks\n")
    return 0 if held == len(cards) else 1


if __name__ == "__main__":
    raise SystemExit(main())
