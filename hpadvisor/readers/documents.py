"""A config file as text and trees: YAML, JSON, TOML, or Python read as syntax."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hpadvisor.errors import UserError
from hpadvisor.readers.files import is_folder, read_head
from hpadvisor.readers.yaml_nodes import Node

Syntax = Literal["yaml", "json", "toml", "python"]

SUFFIXES: dict[str, Syntax] = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".json5": "json",
    ".jsonc": "json",
    ".toml": "toml",
    ".py": "python",
    ".ipynb": "python",
}
MAX_BYTES = 4 * 1024**2
_PYTHON_HINT = re.compile(
    r"^(?:_base_|optim_wrapper|optimizer|train_cfg|train_dataloader|learning_rate|lr|solver)\s*="
    r"|^(?:optimizer|train|optim_wrapper|lr_multiplier)\.[\w.]+\s*=|\bLazyCall\b",
    re.M,
)


class TooLarge(UserError):  # noqa: N818 - said of a file, no error of the program
    """A file that is too large to be a config."""


@dataclass(slots=True)
class Document:
    """A config file that could be read.

    Attributes:
        path: Its name as it is shown.
        text: Its text, without a byte-order mark; line ends as they are in the file.
        syntax: How it was read.
        roots: The root node of each document in it.
        bom: Whether the file began with a byte-order mark.
    """

    path: str
    text: str
    syntax: Syntax
    roots: list[Node]
    bom: bool = False

    @property
    def data(self) -> bytes:
        """The file's bytes."""
        return (b"\xef\xbb\xbf" if self.bom else b"") + self.text.encode("utf-8")


def read_document(path: Path, shown: str | None = None) -> Document:
    """Read and parse a config file by its suffix.

    Args:
        path: The file.
        shown: How it is named in messages; the path itself when left out.

    Returns:
        The document.

    Raises:
        UserError: missing, unreadable, too large, binary, not UTF-8, or not parseable.
    """
    name = shown or str(path)
    if is_folder(path):
        raise UserError("a folder, not a file", path=name, remedy="Name a file in it.")
    return parse_document(read_head(path, MAX_BYTES + 1, name=name), name)


def parse_document(data: bytes, name: str) -> Document:
    """Parse the bytes of a config file; the suffix of its name says the syntax.

    Args:
        data: The content.
        name: The file's name.

    Returns:
        The document; Python files that hold no known config names have no roots.

    Raises:
        UserError: too large, binary, not UTF-8, or not parseable.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(
            f"larger than {MAX_BYTES // 1024**2} MB, too large for a config",
            path=name,
            remedy="Exclude it.",
        )
    if b"\0" in data:
        raise UserError("binary, not a config", path=name, remedy="Exclude it.")
    bom = data.startswith(b"\xef\xbb\xbf")
    try:
        text = (data[3:] if bom else data).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UserError(
            "not UTF-8 text", path=name, line=line, remedy="Save the file as UTF-8."
        ) from None
    syntax = SUFFIXES.get(Path(name).suffix.lower(), "yaml")
    return Document(name, text, syntax, _compose(text, syntax, name), bom)


def _compose(text: str, syntax: Syntax, name: str) -> list[Node]:
    if syntax == "yaml":
        from hpadvisor.readers import yaml_nodes

        return yaml_nodes.compose(text, name)
    if syntax == "json":
        from hpadvisor.readers import json_nodes

        return json_nodes.compose(text, name)
    if syntax == "toml":
        from hpadvisor.readers import toml_nodes

        return toml_nodes.compose(text, name)
    return _compose_python(text, name)


def _compose_python(text: str, name: str) -> list[Node]:
    """Compose a config of assignments, and every search space that a script declares."""
    roots: list[Node] = []
    if not name.endswith(".ipynb") and _PYTHON_HINT.search(text):
        from hpadvisor.readers import python_nodes

        roots += python_nodes.compose(text, name)
    from hpadvisor.readers.scripts.reading import read_spaces

    return roots + read_spaces(text, name)
