"""Write what benchmarks measured into the rules."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def put_measured(text: str, written: Mapping[str, str], *, drop: bool = False) -> str:
    """Return a rules file with the ``measured`` lines of entries, in front of their examples.

    Args:
        text: The file.
        written: By id, the lines as they are to stand, each with its end.
        drop: Take the lines of all other entries away.
    """
    blocks = re.split(r"(?=^  - id: )", text, flags=re.MULTILINE)
    for place, block in enumerate(blocks):
        name = block.split("\n", 1)[0].removeprefix("  - id: ").strip()
        if name not in written and not drop:
            continue
        bare = re.sub(r"^    measured:.*\n(?:      .*\n)*", "", block, flags=re.MULTILINE)
        lines = written.get(name, "")
        blocks[place] = bare.replace("    examples:", f"{lines}    examples:", 1)
    return "".join(blocks)


def write_measured(measured: dict[str, dict[str, Any]], folder: Path) -> None:
    """Write the ``measured`` line of each rule into the files of a folder."""
    written = {
        name: f"    measured: {{{', '.join(f'{k}: {_plain(v)}' for k, v in values.items())}}}\n"
        for name, values in measured.items()
    }
    for path in sorted(folder.glob("*.yaml")):
        text = put_measured(path.read_text(encoding="utf-8"), written)
        path.write_text(text, encoding="utf-8")


def _plain(value: Any) -> str:
    """A value as a YAML flow mapping holds it."""
    return value if isinstance(value, str) and value.isalnum() else json.dumps(value)
