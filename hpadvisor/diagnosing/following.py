"""Growing logs to diagnoses, look after look: only what changed is read and judged again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hpadvisor.diagnosing.composer import diagnose_run
from hpadvisor.diagnosing.model import RunDiagnosis
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.errors import UserError
from hpadvisor.facts.facts import Facts
from hpadvisor.readers.curves.assembling import runs_of
from hpadvisor.readers.curves.discovery import find_logs
from hpadvisor.readers.curves.following import Follower


class Watch:
    """Follows logs, and folders in which logs appear."""

    def __init__(
        self,
        paths: Sequence[str],
        knowledge: Knowledge,
        *,
        columns: Mapping[str, str] | None = None,
        situation: Facts | None = None,
        range_test: bool = False,
    ) -> None:
        self.paths = list(paths)
        self.followers: dict[Path, Follower] = {}
        self._knowledge = knowledge
        self._columns = columns
        self._situation = situation
        self._range_test = range_test

    def look(self) -> Iterator[RunDiagnosis | UserError]:
        """Yield the runs whose log changed since the last look, and what cannot be read yet."""
        for item in self.paths:
            try:
                logs = list(find_logs([item]))
            except UserError as error:
                yield error
                continue
            for path in logs:
                yield from self._look_at(path)

    def _look_at(self, path: Path) -> Iterator[RunDiagnosis | UserError]:
        follower = self.followers.setdefault(path, Follower(path))
        try:
            for table in follower.tables() or []:
                for run in runs_of(table, self._columns):
                    yield diagnose_run(
                        run, self._knowledge, self._situation, range_test=self._range_test
                    )
        except UserError as error:
            yield error
        except OSError as error:  # it was moved away between two looks
            yield UserError(f"cannot be read ({error.strerror})", path=path)
