"""Configs beside a log (hparams.yaml, config.json): flat scalars, read by a safe loader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hpadvisor.readers.curves.tables import flattened
from hpadvisor.readers.plain_yaml import PlainYamlError, load_plain_yaml


def read_config(path: Path) -> dict[str, Any]:
    """Read a YAML or JSON config as flat scalars; one that cannot be read is no reason to fail."""
    try:
        document = load_plain_yaml(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, PlainYamlError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {str(key): value for key, value in flattened(document).items()}
