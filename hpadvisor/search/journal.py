"""The journal: a file of one JSON operation a line, opened also where it was damaged.

A process that is killed, a disk that is full or a machine that loses power may leave half a line
at the end, NUL bytes, or garbage in the middle. Operations that cannot be read are left out, as
readers of such a file do; the file as it was is kept beside it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import optuna
from optuna.storages.journal import JournalFileBackend

from hpadvisor.search.locks import FileLock
from hpadvisor.search.problems import TuneError
from hpadvisor.search.words import say

START = b'{"op_code"'
OPERATIONS = range(10)
"""Operations that Optuna knows: from a study that is created to an attribute that is set."""


def open_journal(path: str) -> optuna.storages.BaseStorage:
    """Open a journal, or begin one; mend it first where it was damaged.

    Args:
        path: The file.

    Raises:
        TuneError: It holds something else; it is left as it is.
    """
    file = Path(path).absolute()
    lock = FileLock(file)
    content = file.read_bytes() if file.is_file() else b""
    if content and not _is_journal(content):
        raise TuneError(f"{path}: cannot be used as a journal (it holds something else)")
    if _damaged(content):
        lock.acquire()
        try:
            _mend(file)
        finally:
            lock.release()
    return optuna.storages.JournalStorage(JournalFileBackend(str(file), lock_obj=lock))


def _is_journal(content: bytes) -> bool:
    """Tell whether any line is an operation, or the first one is all there is, and half of it."""
    *lines, rest = content.split(b"\n")
    half = not lines and (rest.startswith(START) or START.startswith(rest))
    return half or any(_is_operation(line) for line in [*lines, rest])


def _damaged(content: bytes) -> bool:
    *lines, rest = content.split(b"\n")
    return bool(rest) or not all(_is_operation(line) for line in lines)


def _mend(file: Path) -> None:
    """Leave out what cannot be read; called under the lock."""
    content = file.read_bytes()
    if not _damaged(content):
        return  # another process has done it meanwhile
    *lines, rest = content.split(b"\n")
    kept = [line for line in lines if _is_operation(line)]
    if _is_operation(rest):  # but for its newline
        kept.append(rest)
    elif len(kept) == len(lines):  # half a line at the end is nothing that was ever there
        os.truncate(file, len(content) - len(rest))
        return
    left_out = content.count(b"\n") + bool(rest) - len(kept)
    damaged = _free_name(file)
    if left_out:
        damaged.write_bytes(content)
    mended = file.with_name(f"{file.name}.mended-{os.getpid()}")
    mended.write_bytes(b"".join(line + b"\n" for line in kept))
    mended.replace(file)
    if left_out:
        what = f"{left_out} lines are" if left_out > 1 else "a line is"
        say(f"{file.name}: {what} damaged and left out; as it was it is kept as {damaged.name}")


def _is_operation(line: bytes) -> bool:
    try:
        found = json.loads(line)
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("op_code") in OPERATIONS


def _free_name(file: Path) -> Path:
    number = 1
    while (found := file.with_name(f"{file.name}.damaged-{number}")).exists():
        number += 1
    return found
