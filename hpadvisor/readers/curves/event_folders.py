"""Folders of TensorBoard event files: which files are one run, and which folders belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hpadvisor.readers.curves.tables import Table
from hpadvisor.readers.curves.text import EVENT_FILE, VALIDATION_FOLDERS
from hpadvisor.readers.curves.tfevents import Tags, add_scalars, first_tag, table_of_tags

_HPARAMS = re.compile(r"^\d{9,11}\.\d+$")
"""The time of ``add_hparams``, which writes its settings into a folder of that name."""


def read_event_folder(folder: Path) -> Table:
    """Read all event files of a folder as one run, with the folders that belong to it.

    A later file goes on from where it begins: what earlier ones hold from there on was abandoned.

    Raises:
        UserError: the files hold no scalars.
    """
    tags: Tags = {}
    files = 0
    for place, prefix, suffix in _places(folder):
        for file in sorted(place.glob(f"{EVENT_FILE}*")):  # their names hold the time
            found: Tags = {}
            add_scalars(found, file, prefix, suffix)
            for tag, values in found.items():
                begins = min(values)
                kept = {step: v for step, v in tags.get(tag, {}).items() if step < begins}
                tags[tag] = kept | values
            files += bool(found)
    table = table_of_tags(tags, folder)
    if files > 1:
        table.notes.append(f"{files} event files are read as one run")
    return table


def _places(folder: Path) -> Iterator[tuple[Path, str, str]]:
    """Folders of one run, and what goes before and behind the tags of each.

    Validation may stand in a folder beside ``train`` (Keras), or the curves of one drawing in
    folders below (``add_scalars``).
    """
    yield folder, "val/" if folder.name in VALIDATION_FOLDERS else "", ""
    if folder.name == "train":
        for name in VALIDATION_FOLDERS:
            yield folder.parent / name, "val/", ""
    for child in sorted(path for path in folder.iterdir() if path.is_dir()):
        key = drawn_with(child)
        if key is not None:
            yield child, "", f"/{key}"


def drawn_with(folder: Path) -> str | None:
    """The key under which ``add_scalars`` wrote a folder: ``train`` of ``Loss_train``, else None.

    Such a folder is named by its one tag and the key.
    """
    file = next(iter(sorted(folder.glob(f"{EVENT_FILE}*"))), None)
    tag = None if file is None else first_tag(file)
    if tag is None:
        return None
    start = f"{tag.replace('/', '_')}_"
    return folder.name.removeprefix(start) if folder.name.startswith(start) else None


def belongs_above(folder: Path) -> bool:
    """Whether a folder below one with event files is a part of that run, and no run itself."""
    return bool(_HPARAMS.match(folder.name)) or drawn_with(folder) is not None
