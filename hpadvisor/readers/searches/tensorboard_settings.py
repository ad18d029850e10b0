"""What TensorBoard's hparams plugin keeps: the settings of a session, in its event file."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from hpadvisor.readers.curves.tfevents import event_records as records_of
from hpadvisor.readers.curves.tfevents import message_fields as fields_of

_MOST_RECORDS = 200
_SESSION_START = "_hparams_/session_start_info"


def plugin_settings(folder: Path) -> dict[str, Any]:
    """The settings that ``add_hparams`` wrote into a run's folder or one below it."""
    files = [*folder.glob("*tfevents*"), *folder.glob("*/*tfevents*")]
    for file in sorted(files)[:50]:
        found = _in_file(file)
        if found:
            return found
    return {}


def _in_file(file: Path) -> dict[str, Any]:
    try:
        for place, record in enumerate(records_of(file)):
            if place >= _MOST_RECORDS:
                break
            found = _in_record(record)
            if found:
                return found
    except OSError:
        return {}
    return {}


def _in_record(event: bytes) -> dict[str, Any]:
    """Event 5 summary → 1 value → 1 tag, 9 metadata → 1 plugin data → 2 content."""
    for summary in _parts(event, 5):
        for value in _parts(summary, 1):
            if _SESSION_START.encode() not in b"".join(_parts(value, 1)):
                continue
            for metadata in _parts(value, 9):
                for plugin in _parts(metadata, 1):
                    for content in _parts(plugin, 2):
                        return _session(content)
    return {}


def _session(content: bytes) -> dict[str, Any]:
    """HParamsPluginData 3 session start → 1 map of hparams: 1 name, 2 google.protobuf.Value."""
    found: dict[str, Any] = {}
    for start in _parts(content, 3):
        for entry in _parts(start, 1):
            names, values = _parts(entry, 1), _parts(entry, 2)
            if names and values:
                value = _value(values[0])
                if value is not None:
                    found[names[0].decode("utf-8", "replace")] = value
    return found


def _value(data: bytes) -> Any:
    """A google.protobuf.Value: 2 number, 3 string, 4 bool."""
    for number, _, value in fields_of(data):
        if number == 2 and isinstance(value, bytes) and len(value) == 8:
            found = float(struct.unpack("<d", value)[0])
            return int(found) if found == int(found) and abs(found) < 1e15 else found
        if number == 3 and isinstance(value, bytes):
            return value.decode("utf-8", "replace")[:200]
        if number == 4 and isinstance(value, int):
            return bool(value)
    return None


def _parts(data: bytes, wanted: int) -> list[bytes]:
    return [v for number, _, v in fields_of(data) if number == wanted and isinstance(v, bytes)]
