"""Files that grow while they are read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hpadvisor.readers.files import opened


def test_what_is_written_after_the_opening_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    path.write_bytes(b"epoch,loss\n1,0.5\n2,0.")
    with opened(path, "utf-8") as stream:
        assert next(stream) == "epoch,loss\n"
        with path.open("ab") as more:
            more.write(b"4\n3,0.3\n")
        assert list(stream) == ["1,0.5\n", "2,0."]
    with opened(path, "utf-8") as stream:
        assert list(stream)[2:] == ["2,0.4\n", "3,0.3\n"]


def test_line_ends_and_odd_bytes_are_as_of_open(tmp_path: Path) -> None:
    path = tmp_path / "odd.log"
    path.write_bytes(b"a\r\nb\xff\n")
    with opened(path, "utf-8") as stream:
        assert stream.read() == "a\nb\ufffd\n"
    with opened(path, "utf-8", newline="") as stream:
        assert stream.read() == "a\r\nb\ufffd\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_has_no_size_is_read_to_its_end() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"1\n2\n")
    os.close(writer)
    with opened(Path(f"/dev/fd/{reader}"), "utf-8") as stream:
        assert list(stream) == ["1\n", "2\n"]
    os.close(reader)
