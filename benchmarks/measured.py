"""Write what benchmarks measured into the rules."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any


def write_measured(measured: dict[str, dict[str, Any]], folder: Path) -> None:
    """Write the ``measured`` line of each rule, in front of its examples."""
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        blocks = re.split(r"(?=^  - id: )", text, flags=re.MULTILINE)
        for place, block in enumerate(blocks):
            name = block.split("\n", 1)[0].removeprefix("  - id: ").strip()
            if name not in measured:
                continue
            bare = re.sub(r"^    measured: .*\n", "", block, flags=re.MULTILINE)
            values = ", ".join(f"{key}: {_plain(value)}" for key, value in measured[name].items())
            blocks[place] = bare.replace(
                "    examples:", f"    measured: {{{values}}}\n    examples:", 1
            )
        path.write_text("".join(blocks), encoding="utf-8")


def _plain(value: Any) -> str:
    """A value as a YAML flow mapping holds it."""
    return value if isinstance(value, str) and value.isalnum() else json.dumps(value)
