"""The folders that a server may read, and paths that a client names inside them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from hpadvisor.errors import UserError

OUTSIDE = "outside the folders that are served"


class Folders:
    """Some folders; what lies elsewhere is refused, whether it exists or not.

    Args:
        given: The folders. None of them: nothing may be read.

    Raises:
        UserError: one of them is no folder.
    """

    def __init__(self, given: Sequence[str | Path]) -> None:
        self.roots = tuple(_folder(Path(one)) for one in given)

    def inside(self, named: str) -> Path:
        """Return a path below a served folder, its links followed.

        Args:
            named: As a client gives it; a relative one is looked for in each folder in turn.

        Raises:
            UserError: it leads out of the folders (by ``..``, a link, or outright), or nothing
                is there.
        """
        if not self.roots:
            raise UserError(
                "no folder is served",
                path=named,
                remedy="Start it with one: hpadvisor mcp FOLDER.",
            )
        found = [place for root in self.roots if (place := _resolved(root, named)) is not None]
        inside = [place for place in found if self.holds(place)]
        if not inside:
            shown = ", ".join(str(root) for root in self.roots)
            raise UserError(OUTSIDE, path=named, remedy=f"Name a path below: {shown}.")
        for place in inside:
            if os.path.lexists(place):
                return place
        raise UserError("no such file or folder", path=named, remedy="Check the path.")

    def holds(self, place: str | Path) -> bool:
        """Whether a path whose links are followed is one of the folders, or lies in one."""
        return any(Path(place).is_relative_to(root) for root in self.roots)

    def top_of(self, place: Path) -> Path | None:
        """Return the served folder that a path lies in."""
        return next((root for root in self.roots if place.is_relative_to(root)), None)


def _folder(path: Path) -> Path:
    place = _resolved(path, ".")
    if place is None or not place.is_dir():
        raise UserError("no such folder", path=path, remedy="Name a folder to serve.")
    return place


def _resolved(root: Path, named: str) -> Path | None:
    try:
        return Path(os.path.realpath(root / named))
    except (OSError, ValueError):  # a name that no path can have
        return None
