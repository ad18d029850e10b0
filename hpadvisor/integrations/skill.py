"""The skill of a coding agent: when to use which command, and how to read what it says."""

from __future__ import annotations

from pathlib import Path

NAME = "tuning-hyperparameters"
"""Of the skill, and of the folder that it is written to."""


def skill_text() -> str:
    """Return the skill: Markdown with front matter."""
    return (Path(__file__).parent / "skill.md").read_text(encoding="utf-8")


def install_skill(folder: str | Path, *, force: bool = False) -> Path:
    """Write the skill below a folder of skills.

    Args:
        folder: Such as ``.claude/skills``; made where it is not there.
        force: Overwrite an existing skill.

    Returns:
        The file that was written.

    Raises:
        UserError: it exists already, or cannot be written.
    """
    from hpadvisor.writing import write_text

    place = Path(folder) / NAME / "SKILL.md"
    write_text(place, skill_text(), force=force, make_folders=True)
    return place
