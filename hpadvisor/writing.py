"""The one way in which files are written: whole or not at all, and nothing is lost by it.

An existing file is kept unless the user said ``--force``. Devices, pipes and what lies behind
``/dev/stdout`` are written to or refused, never replaced. Links stay links, modes stay modes.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from hpadvisor.errors import UserError

_NULL_AND_FULL = ((1, 3), (1, 5), (1, 7))
"""Major and minor numbers of /dev/null, /dev/zero and /dev/full on Linux."""


def write_text(
    path: str | Path, text: str, *, force: bool = False, make_folders: bool = False
) -> None:
    """Write a text file whole or not at all, and never over an existing one unless told to.

    Args:
        path: Where to write.
        text: The whole content; lines end as they do in it.
        force: Overwrite an existing file.
        make_folders: Make the folders that it lies in.

    Raises:
        UserError: the file exists and ``force`` is off, it is no regular file that could be
            written to, or it cannot be written.
    """
    write_bytes(
        path, text.encode("utf-8", "backslashreplace"), force=force, make_folders=make_folders
    )


def write_bytes(
    path: str | Path, data: bytes, *, force: bool = False, make_folders: bool = False
) -> None:
    """Write a file as :func:`write_text` does.

    Raises:
        UserError: as :func:`write_text`.
    """
    target = Path(path)
    try:
        if make_folders:
            target.parent.mkdir(parents=True, exist_ok=True)
        found = _status(target)
        if found is not None and stat.S_ISDIR(found.st_mode):
            raise UserError(
                "a folder, cannot be written", path=target, remedy="Name a file in it."
            )
        if _is_stream(target, found):
            _write_stream(target, data)
        elif found is not None and not force:
            raise FileExistsError
        else:
            _write_regular(target, data, found)
    except FileExistsError:
        raise UserError(
            "exists already", path=target, remedy="Use --force to overwrite it."
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(
            f"cannot be written ({reason})",
            path=target,
            remedy="Check that its folder exists, is writable and has room.",
        ) from None


def refuse_existing(path: str | Path, *, force: bool = False) -> None:
    """Refuse now what :func:`write_text` would refuse later: an existing file without ``force``.

    Raises:
        UserError: the file exists and ``force`` is off, it is a folder, or it has no folder.
    """
    target = Path(path)
    found = _status(target)
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise UserError("a folder, cannot be written", path=target, remedy="Name a file in it.")
    if found is None and not target.parent.is_dir():
        raise UserError(
            "cannot be written (its folder does not exist)", path=target, remedy="Make the folder."
        )
    if found is not None and not force and not _is_stream(target, found):
        raise UserError("exists already", path=target, remedy="Use --force to overwrite it.")


def _status(target: Path) -> os.stat_result | None:
    """Return the status of what a path leads to, or of a link that leads nowhere."""
    try:
        return target.stat()
    except FileNotFoundError:
        pass
    try:
        target.lstat()
    except FileNotFoundError:
        return None
    raise UserError("a link that leads nowhere", path=target, remedy="Remove it.")


def _is_stream(target: Path, found: os.stat_result | None) -> bool:
    """Whether the path is a device or a pipe, or an open file by its number (/dev/stdout)."""
    if found is None:
        return False
    if not stat.S_ISREG(found.st_mode):
        return True
    place = target
    for _ in range(40):  # as many links as Linux follows
        parent = os.path.realpath(place.parent)
        if parent.startswith(("/proc/", "/dev/fd")) or parent == "/proc":
            return True
        if not place.is_symlink():
            return False
        place = Path(parent) / place.readlink()
    return False


def _write_stream(target: Path, data: bytes) -> None:
    """Write to a pipe, a terminal or the null device; other devices are refused."""
    flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(target, flags)  # without waiting: a pipe that nobody reads fails at once
    with os.fdopen(handle, "wb", buffering=0) as stream:
        found = os.fstat(handle)
        if not _takes_text(handle, found):
            raise UserError(
                "a device, not a file", path=target, remedy="Name a file, or leave it out."
            )
        os.set_blocking(handle, True)
        rest = memoryview(data)
        while rest:
            rest = rest[stream.write(rest) or 0 :]


def _takes_text(handle: int, found: os.stat_result) -> bool:
    if stat.S_ISCHR(found.st_mode):
        number = (os.major(found.st_rdev), os.minor(found.st_rdev))
        return os.isatty(handle) or number in _NULL_AND_FULL
    return not stat.S_ISBLK(found.st_mode)


def _write_regular(target: Path, data: bytes, found: os.stat_result | None) -> None:
    import tempfile  # here, because most commands write nothing

    place = Path(os.path.realpath(target))  # a link stays, what it leads to is written
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".hpadvisor-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        if found is None:
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)
            _place_new(temporary, place)
        else:
            _keep_owner(temporary, found)
            temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)


def _keep_owner(temporary: Path, found: os.stat_result) -> None:
    if hasattr(os, "chown") and (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(OSError):  # only root may give files away
            os.chown(temporary, found.st_uid, found.st_gid)
    temporary.chmod(stat.S_IMODE(found.st_mode))


def _place_new(temporary: Path, place: Path) -> None:
    """Give a finished file its name, unless somebody else made that file meanwhile."""
    try:
        os.link(temporary, place)
    except FileExistsError:
        raise
    except (OSError, AttributeError, NotImplementedError):
        # No hard links here (exFAT, many network and FUSE disks): claim the name, then replace it.
        os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            temporary.replace(place)
        except OSError:
            place.unlink(missing_ok=True)
            raise
