"""Files are written whole or not at all, and nothing that exists is lost by it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from hpadvisor.errors import UserError
from hpadvisor.writing import write_text

POSIX = pytest.mark.skipif(os.name == "nt", reason="devices and pipes of POSIX")


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".hpadvisor-")]


def test_an_existing_file_is_kept_without_force(tmp_path: Path) -> None:
    target = tmp_path / "kept.yaml"
    target.write_text("mine")
    with pytest.raises(UserError, match="exists already"):
        write_text(target, "yours")
    assert target.read_text() == "mine"
    write_text(target, "yours", force=True)
    assert target.read_text() == "yours"
    assert not leftovers(tmp_path)


@POSIX
def test_force_keeps_mode_and_link(tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    real.write_text("old")
    real.chmod(0o600)
    link = tmp_path / "link.json"
    link.symlink_to("real.json")
    write_text(link, "new", force=True)
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


@POSIX
def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("gone")
    with pytest.raises(UserError, match="leads nowhere"):
        write_text(link, "text", force=True)


@POSIX
def test_the_null_device_is_written_to_and_stays() -> None:
    before = Path(os.devnull).stat()
    write_text(os.devnull, "text", force=True)
    write_text(os.devnull, "text")
    after = Path(os.devnull).stat()
    assert stat.S_ISCHR(after.st_mode)
    assert after.st_ino == before.st_ino


@POSIX
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_is_written_to_or_refused_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UserError, match="cannot be written"):
        write_text(pipe, "nobody reads", force=True)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "some text")
    read = os.read(reader, 100)
    os.close(reader)
    assert read == b"some text"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="Linux only")
def test_what_lies_behind_dev_stdout_is_appended_to(tmp_path: Path) -> None:
    opened = tmp_path / "opened.txt"
    with opened.open("w") as stream:
        stream.write("before ")
        stream.flush()
        write_text(f"/proc/self/fd/{stream.fileno()}", "after", force=True)
    assert opened.read_text() == "before after"


def test_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    target = tmp_path / "new.yaml"
    write_text(target, "text")
    assert target.read_text() == "text"
    with pytest.raises(UserError, match="exists already"):
        write_text(target, "other")
    assert target.read_text() == "text"
    assert not leftovers(tmp_path)


def test_a_file_made_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "raced.yaml"
    link = os.link

    def slow(source: str, place: str) -> None:
        target.write_text("theirs")
        link(source, place)

    monkeypatch.setattr(os, "link", slow)
    with pytest.raises(UserError, match="exists already"):
        write_text(target, "ours")
    assert target.read_text() == "theirs"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is not there")
def test_a_full_device_is_one_line() -> None:
    with pytest.raises(UserError, match="No space left"):
        write_text("/dev/full", "text")


@pytest.mark.parametrize("name", ["a" * 300, "nul\0", "no/such/folder/file"])
def test_a_name_that_cannot_be_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        write_text(tmp_path / name, "text")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="folder"):
        write_text(tmp_path, "text", force=True)
