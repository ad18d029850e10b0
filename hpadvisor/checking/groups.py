"""What configs of one folder say against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hpadvisor.checking.findings import CheckResult, FileResult
from hpadvisor.facts.configs.subjects import Subject
from hpadvisor.readers.documents import Document

_Key = tuple[Any, ...]


class GroupFacts:
    """Collects trainings, and compares those of one folder, format, model and rate."""

    def __init__(self) -> None:
        self._groups: dict[_Key, list[tuple[str, float, Subject]]] = defaultdict(list)

    def add(self, document: Document, name: str, subjects: list[Subject]) -> None:
        """Take the trainings of a document."""
        for subject in subjects:
            if subject.each != "training":
                continue
            rate = subject.get("training.learning_rate")
            batch = subject.get("training.effective_batch_size")
            place = subject.place_of("training.effective_batch_size")
            if not rate or not batch or place is None:
                continue
            key = (
                str(Path(document.path).parent), name, rate,
                *(subject.get(f) for f in ("training.kind", "training.optimizer", "model.name")),
            )  # fmt: skip
            self._groups[key].append((document.path, float(batch), subject))

    def compare(self, result: CheckResult) -> Iterator[tuple[FileResult, list[Subject]]]:
        """Yield files with the trainings that differ most in batch size at one rate."""
        files = {file.path: file for file in result.files}
        for members in self._groups.values():
            low = min(members, key=lambda item: item[1])
            high = max(members, key=lambda item: item[1])
            if low[0] == high[0]:
                continue
            subject = high[2]
            subject.state("training.same_rate_batch_ratio", high[1] / low[1])
            subject.state("training.other_config", Path(low[0]).name)
            yield files[high[0]], [_bare(subject)]


def _bare(subject: Subject) -> Subject:
    """Return only the facts of the comparison, so that no other rule matches again."""
    bare = Subject("training", subject.place)
    for name in ("same_rate_batch_ratio", "other_config", "effective_batch_size"):
        full = f"training.{name}"
        bare.state(full, subject.get(full), subject.place_of(full))
    return bare
