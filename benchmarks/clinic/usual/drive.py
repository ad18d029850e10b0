"""Several processes train groups one after another; each finished group is appended at once."""

from __future__ import annotations

import json
import multiprocessing
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np


def drive(
    data: Path, out: Path, jobs: list[tuple[str, int]], *, processes: int, seconds: float,
    captured: bool, small: bool = False,
) -> None:  # fmt: skip
    """Train jobs (``group`` or ``table`` and a number) in order until the time is up.

    Args:
        data: File that ``prepare`` wrote.
        out: Folder; process n appends to ``groups-n.jsonl`` and ``tables-n.jsonl``.
        jobs: What to train.
        processes: How many at once.
        seconds: No job begins after this time.
        captured: Whether steps are captured as CUDA graphs.
        small: Cut steps and sizes down, to try things out.
    """
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue()
    for job in jobs:
        queue.put(job)
    for _ in range(processes):
        queue.put(None)
    limit = time.time() + seconds
    workers = [
        context.Process(target=_work, args=(queue, data, out, n, limit, captured, small))
        for n in range(processes)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _work(
    queue: Any, data: Path, out: Path, number: int, limit: float, captured: bool, small: bool
) -> None:
    import torch

    from benchmarks.clinic.usual.draw import draw_group
    from benchmarks.clinic.usual.runs import table_group, train_group

    torch.set_num_threads(1)
    torch.set_float32_matmul_precision("high")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with np.load(data) as stored:
        arrays = {name: stored[name] for name in stored.files}
    while (job := queue.get()) is not None:
        if time.time() > limit:
            continue
        began = time.time()
        kind, place = job
        group = draw_group(place)
        if small:
            group = _cut(group)
        try:
            train = train_group if kind == "group" else table_group
            records = train(group, arrays, device, captured=captured)
        except Exception:  # one group that fails must not end the others
            traceback.print_exc()
            continue
        with (out / f"{kind}s-{number}.jsonl").open("a", encoding="utf-8") as stream:
            stream.writelines(json.dumps(one, separators=(",", ":")) + "\n" for one in records)
        print(f"{kind} {place} {group.task.name} {time.time() - began:.1f} s", flush=True)


def _cut(group: Any) -> Any:
    from dataclasses import replace

    first = group.settings[0]
    if not group.task.kind.startswith(("gpt", "gru")) or group.task.kind == "gru_reader":
        first = replace(first, size=8)
    return replace(group, steps=4, interval=2, batch_size=4, settings=[first] * 2)
