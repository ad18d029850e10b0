"""The command: ``python -m benchmarks.cards report [ID …]``."""

from __future__ import annotations

import argparse
import sys

from benchmarks.cards.card import faults, read_cards


def main() -> int:
    """Print which cards hold, and what is wrong with the others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cards", description=__doc__)
    parser.add_argument("command", choices=("report",))
    parser.add_argument("ids", nargs="*", help="these cards only")
    options = parser.parse_args()
    cards = [card for card in read_cards() if not options.ids or card.id in options.ids]
    held = checks = wrong = 0
    for card in cards:
        found = faults(card)
        checks += len(card.must)
        wrong += len({fault.split(":")[0] for fault in found})
        held += not found
        for fault in found:
            sys.stdout.write(f"{card.id}: {fault}\n")
    sys.stdout.write(
        f"{held} of {len(cards)} cards hold; {checks - wrong} of {checks} checks\n"
    )
    return 0 if held == len(cards) else 1


if __name__ == "__main__":
    raise SystemExit(main())
