"""Train the configurations that an audit wants confirmed, with its seeds; write a table.

hpadvisor audit search.log --study search --format json > audit.json
python confirm.py audit.json confirm.csv
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

from train import train


def main(audit: str, table: str) -> None:
    """Train every candidate and the baseline with the same fresh seeds."""
    confirmation = json.loads(Path(audit).read_text(encoding="utf-8"))["confirmation"]
    trials = sorted(confirmation["trials"], key=lambda trial: trial["role"] != "baseline")
    names = list(trials[0]["params"])
    with Path(table).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["role", "number", "seed", *names, "accuracy"])
        for trial in trials:
            for seed in confirmation["seeds"]:
                score = train(trial["params"], lambda epoch, value: None, seed=seed)
                values = [trial["params"][name] for name in names]
                writer.writerow([trial["role"], trial["number"], seed, *values, score])


if __name__ == "__main__":
    main(*sys.argv[1:])
