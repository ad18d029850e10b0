"""Plans for the search, and scripts of them."""

from __future__ import annotations

from tests.emit.conftest import command, emit, load

__all__ = ["command", "emit", "load"]
