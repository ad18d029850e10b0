"""Small trainings for the tests, as programs of their own that know nothing of hpadvisor."""

from __future__ import annotations

import sys
from pathlib import Path

CONSOLE = """
import argparse, math, os, sys, time
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.01)
p.add_argument("--seed", type=int, default=0)
p.add_argument("--epochs", type=int, default=6)
p.add_argument("--pause", type=float, default=0.0)
p.add_argument("--die", default="")
a = p.parse_args()
quality = 1 - 0.15 * abs(math.log10(a.lr) + 2)
for epoch in range(1, a.epochs + 1):
    if a.die == "memory" and a.lr > 0.05:
        print("torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB")
        sys.exit(1)
    if a.die == "crash":
        raise ValueError("shapes do not match")
    if a.die == "kill" and a.lr > 0.05:
        os.kill(os.getpid(), 9)
    accuracy = quality * (1 - 0.6 ** epoch) + 0.001 * (a.seed % 3)
    loss = 2 - accuracy
    print(f"Epoch {epoch}/{a.epochs} - train_loss: {loss:.5f} - val_acc: {accuracy:.5f}")
    sys.stdout.flush()
    time.sleep(a.pause)
"""


def program(folder: Path, text: str = CONSOLE, name: str = "train.py") -> list[str]:
    """Write a program into a folder; return how it is called."""
    (folder / name).write_text(text, encoding="utf-8")
    return [sys.executable, str(folder / name)]
