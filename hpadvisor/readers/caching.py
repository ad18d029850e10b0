"""Parsed rules kept as JSON in the user's cache folder: reading it costs a fraction of the YAML.

The file's name holds the version, and the path, size and time of every rules file, so a changed
rule is a new name. Only JSON is read back; whatever is wrong with the cache, the rules are read
from their YAML again. ``HPADVISOR_NO_CACHE=1`` switches it off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_KEPT = 16
"""Of each name: every command has its own choice of folders, and so has every checkout."""


def cached(
    files: Sequence[Path], read: Callable[[Sequence[Path]], dict[str, Any]], name: str
) -> dict[str, Any]:
    """Return what ``read`` makes of the files, from the cache where nothing changed.

    Args:
        files: The rules files; a change of any of them is a new cache.
        read: Makes a JSON document of them; what it raises is raised, and nothing is kept.
        name: Of the cache, different for each ``read``.
    """
    folder = cache_folder()
    if folder is None or os.environ.get("HPADVISOR_NO_CACHE"):
        return read(files)
    path = folder / _file_name(files, name)
    try:
        found = json.loads(path.read_bytes())
        if isinstance(found, dict) and found.get("cache") == name:
            return found
    except (OSError, ValueError, RecursionError):
        pass
    made = read(files) | {"cache": name}
    _write(path, made)
    return made


def _file_name(files: Sequence[Path], name: str) -> str:
    from zlib import crc32

    from hpadvisor import __version__

    parts = [__version__]
    for file in files:
        stat = file.stat()
        parts.append(f"{file}|{stat.st_size}|{stat.st_mtime_ns}")
    text = "\n".join(parts).encode()
    return f"{name}-{crc32(text):08x}-{len(text)}-{sum(text):x}.json"


def cache_folder() -> Path | None:
    """Return the folder of the caches, which need not be there; None for a user without a home."""
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "hpadvisor"
    try:
        return Path.home() / ".cache" / "hpadvisor"
    except RuntimeError:  # no HOME, and a user that the system does not know (containers)
        return None


def _write(path: Path, made: dict[str, Any]) -> None:
    """Write the cache whole or not at all; a cache that cannot be written is no error."""
    import tempfile

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pattern = f"{path.name.split('-', 1)[0]}-*.json"
        old = sorted(path.parent.glob(pattern), key=lambda p: p.stat().st_mtime)
        for stale in old[: max(0, len(old) - _KEPT)]:
            stale.unlink(missing_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".rules-")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(made, stream)
        Path(name).replace(path)
    except OSError:
        return
