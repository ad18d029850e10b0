"""Draw and train groups until a number is reached; each finished group is appended at once.

Usage: ``python -m benchmarks.clinic generate --groups 200``. Finished groups are kept, so that an
interrupted run goes on where it stopped. Needs PyTorch, scikit-learn and Pillow.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def generate(groups: range, out: Path) -> None:
    """Train the groups that ``out`` does not hold yet (JSON lines, one setting a line)."""
    from benchmarks.clinic.draw import draw_group
    from benchmarks.clinic.train import train_group

    done = {record["id"].split("-")[0] for record in read_records(out)} if out.exists() else set()
    for number in groups:
        if f"{number:04d}" in done:
            continue
        began = time.perf_counter()
        group = draw_group(number)
        prepare(number)
        records = train_group(group)
        with out.open("a", encoding="utf-8") as stream:
            stream.writelines(
                json.dumps(record, separators=(",", ":")) + "\n" for record in records
            )
        seconds = time.perf_counter() - began
        print(f"{number} {group.task} {seconds:.1f} s", file=sys.stderr, flush=True)


def prepare(number: int) -> None:
    """Set PyTorch up for group ``number``: one thread, and the random numbers of its dropout."""
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(number)


def read_records(path: Path) -> list[dict[str, Any]]:
    """Read the settings of a JSON-lines file, gzip or plain."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def pack(path: Path) -> None:
    """Compress trained settings into the folder of committed data, without a time stamp.

    They keep their file's name: ``third.jsonl`` becomes ``data/third.jsonl.gz``.
    """
    target = DATA / f"{path.name}.gz"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as stream:
        stream.write(path.read_bytes())
