"""The guides that ship with the program, pages of ``docs/``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

GUIDES: Final = {
    "audit": "How hpadvisor audit reviews a search, and how far it is right",
    "check": "What hpadvisor check reads, finds and mends",
    "clinic": "How often the advice of hpadvisor diagnose is right",
    "commands": "Every command with its flags",
    "diagnose": "What hpadvisor diagnose reads, and what its verdicts mean",
    "engines": "What is emitted for which search engine",
    "evidence": "Whether the plans are better than other searches, measured",
    "loop": "From the plan to the search to the audit to the next search",
    "run": "How hpadvisor run tunes a training command",
    "situation": "Every key of a situation file",
}
"""Names of the pages that ship, and what they tell."""


def guide_file(name: str) -> Path:
    """Return where a guide stands: inside an installed package, beside it in a checkout.

    Args:
        name: One of :data:`GUIDES`.
    """
    package = Path(__file__).resolve().parent.parent
    inside = package / "_guides"
    return (inside if inside.is_dir() else package.parent / "docs") / f"{name}.md"
