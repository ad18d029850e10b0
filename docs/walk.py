"""The pages that walk through a problem, run, so that what they show stays true.

docs/generate.py writes their outputs anew, and checks that they are fresh. A page is taken from
top to bottom in an empty folder. A block with a title (```csv title="a.csv") is that file. The
commands of a block ```sh run, one a line; the block ```text behind it is what they print. A last
line of … stands for the rest: what is above it must be the beginning.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hpadvisor.cli.main import build_app
from hpadvisor.errors import UserError

DOCS = Path(__file__).resolve().parent
PAGES = sorted([*(DOCS / "problems").glob("*.md"), DOCS / "add-a-rule.md"])
WIDTH = "88"
REST = "…"
REFUSED = "# refused"
"""Behind a command that must be refused."""
_BLOCK = re.compile(
    r'^```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<body>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)


def walked(text: str) -> str:
    """Return a page with its outputs as they are today.

    Raises:
        ValueError: a command is none of hpadvisor, or ends with an error.
    """
    before = dict(os.environ)
    os.environ.update(COLUMNS=WIDTH, NO_COLOR="1")
    try:
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            return "".join(_parts(text))
    finally:
        os.environ.clear()
        os.environ.update(before)


def _parts(text: str) -> Iterator[str]:
    place, printed = 0, ""
    for block in _BLOCK.finditer(text):
        yield text[place : block.start()]
        place = block.end()
        body, language = block["body"], block["language"]
        if block["title"]:
            path = Path(block["title"])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
        elif language == "sh":
            printed = "".join(_printed(line) for line in body.splitlines())
        elif language == "text":
            yield f"```text\n{_shown(printed, body)}```"
            continue
        yield block[0]
    yield text[place:]


def _printed(line: str) -> str:
    """Run a command in this process, and return what it prints."""
    program, *arguments = shlex.split(line, comments=True)
    if program != "hpadvisor":
        raise ValueError(f"not a command of hpadvisor: {line}")
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = build_app(arguments[:1])(arguments[:], standalone_mode=False, prog_name=program)
    except UserError as error:
        if not line.endswith(REFUSED):
            raise ValueError(f"{line}: {error}") from None
        return "".join(f"hpadvisor: {told}\n" for told in str(error).splitlines())
    if code not in (None, 0, 1):
        raise ValueError(f"{line}: exit code {code}")
    return "\n".join(row.rstrip() for row in out.getvalue().splitlines()) + "\n"


def _shown(printed: str, before: str) -> str:
    """Return the output, as much of it as the page shows."""
    rows, lines = before.splitlines(), printed.splitlines()
    if not rows or rows[-1].strip() != REST or len(lines) < len(rows):
        return printed
    return "\n".join([*lines[: len(rows) - 1], REST]) + "\n"
