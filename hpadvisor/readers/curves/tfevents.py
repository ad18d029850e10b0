"""TensorBoard event files: records of framed protocol buffers, of which the scalars are read.

The framing (length, checksum, payload, checksum) and the few field numbers that carry scalars
are fixed parts of the format, so no TensorBoard installation is needed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hpadvisor.errors import UserError
from hpadvisor.readers.curves.tables import Column, Table

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
MAX_RECORD = 64 * 1024**2

Tags = dict[str, dict[int, float]]
"""Values by tag and step."""


def is_event_file(path: Path, head: bytes) -> bool:
    """Whether a file is a TensorBoard event file: by name, or by its first record."""
    if "tfevents" in path.name:
        return True
    if len(head) < 24:
        return False
    (length,) = struct.unpack("<Q", head[:8])
    return bool(9 <= length < 4096 and head[12:13] == b"\x09" and b"brain.Event:" in head[:64])


def read_events(path: Path) -> Table:
    """Read the scalars of an event file, one row a step, one column a tag.

    Raises:
        UserError: the file holds no scalars.
    """
    tags: Tags = {}
    add_scalars(tags, path)
    return table_of_tags(tags, path)


def add_scalars(tags: Tags, path: Path, prefix: str = "", suffix: str = "") -> None:
    """Add the scalars of a file; a later value of the same step counts."""
    for record in event_records(path):
        for tag, step, value in _scalars(record):
            tags.setdefault(f"{prefix}{tag}{suffix}", {})[step] = value


def first_tag(path: Path) -> str | None:
    """The tag of the first scalar of a file; None without one."""
    return next((tag for record in event_records(path) for tag, _, _ in _scalars(record)), None)


def table_of_tags(tags: Tags, path: Path) -> Table:
    """One row a step, one column a tag.

    Raises:
        UserError: there are no scalars.
    """
    if not tags:
        raise UserError("no scalars in it", path=path, remedy="Log losses with add_scalar.")
    steps = sorted({step for values in tags.values() for step in values})
    rows = {step: row for row, step in enumerate(steps)}
    columns = {"step": Column(np.asarray(steps, np.float64), np.ones(len(steps), dtype=bool))}
    for tag, values in tags.items():
        column = Column(np.full(len(steps), np.nan), np.zeros(len(steps), dtype=bool))
        places = [rows[step] for step in values]
        column.values[places] = list(values.values())
        column.present[places] = True
        columns[tag if tag != "step" else "step value"] = column
    return Table(str(path), "tensorboard", columns)


def event_records(path: Path) -> Iterator[bytes]:
    """Yield payloads; a truncated last record ends the file, as after a crash."""
    with path.open("rb") as stream:
        while True:
            header = stream.read(12)
            if len(header) < 12:
                return
            (length,) = struct.unpack("<Q", header[:8])
            if length > MAX_RECORD:
                return
            payload = stream.read(length)
            if len(payload) < length:
                return
            stream.read(4)
            yield payload


def message_fields(data: bytes) -> Iterator[tuple[int, int, bytes | int]]:
    """Yield (field, wire type, value) of one message; a damaged message ends early."""
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        field, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, place = _varint(data, place)
            yield field, wire, value
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
            yield field, wire, data[place : place + size]
            place += size
        elif wire == _BYTES:
            size, place = _varint(data, place)
            yield field, wire, data[place : place + size]
            place += size
        else:
            return


def _varint(data: bytes, place: int) -> tuple[int, int]:
    result = shift = 0
    while place < len(data) and shift < 70:
        byte = data[place]
        place += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return result, place


def _scalars(event: bytes) -> Iterator[tuple[str, int, float]]:
    """Scalars of one Event: field 2 is the step, field 5 the summary, its field 1 the values."""
    step, summary = 0, b""
    for field, wire, value in message_fields(event):
        if field == 2 and isinstance(value, int):
            step = value if value < 1 << 63 else value - (1 << 64)
        elif field == 5 and wire == _BYTES and isinstance(value, bytes):
            summary = value
    for field, wire, value in message_fields(summary):
        if field == 1 and wire == _BYTES and isinstance(value, bytes):
            tag, number = _summary_value(value)
            if tag and number is not None:
                yield tag, step, number


def _summary_value(data: bytes) -> tuple[str, float | None]:
    """Tag and scalar of a Summary.Value: field 1 tag, 2 simple_value, 8 tensor."""
    tag, number = "", None
    for field, wire, value in message_fields(data):
        if not isinstance(value, bytes):
            continue
        if field == 1:
            tag = value.decode("utf-8", "replace")
        elif field == 2 and wire == _FIXED32 and len(value) == 4:
            number = float(struct.unpack("<f", value)[0])
        elif field == 8:
            number = _tensor(value)
    return tag, number


def _tensor(data: bytes) -> float | None:
    """The one number of a TensorProto: field 1 type, 4 content, 5 floats, 6 doubles."""
    kind = 0
    for field, wire, value in message_fields(data):
        if field == 1 and isinstance(value, int):
            kind = value
        if not isinstance(value, bytes) or field not in (4, 5, 6):
            continue
        if field == 6 or (field == 4 and kind == 2):
            return float(struct.unpack("<d", value)[0]) if len(value) == 8 else None
        if wire in (_FIXED32, _BYTES) and len(value) == 4 and (field == 5 or kind == 1):
            return float(struct.unpack("<f", value)[0])
    return None
