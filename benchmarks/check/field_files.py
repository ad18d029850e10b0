"""Files of the second corpus, read from local clones at the commits that its list names.

Nothing of those repositories stands in this project: FIELD.tsv names repository, commit, path and
the half that a repository belongs to, MISTAKES.tsv what a reader found wrong in which file.
"""

from __future__ import annotations

import csv
import subprocess
import tarfile
from collections import defaultdict
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
LIST = HERE / "field" / "FIELD.tsv"
MISTAKES = HERE / "field" / "MISTAKES.tsv"
SUFFIXES = (".yaml", ".yml", ".json", ".toml", ".jsonnet", ".libsonnet", ".py", ".ipynb")
MOST_FILES = 4_000
"""A repository with more files gives the listed ones alone."""


class FieldFile(NamedTuple):
    """A file of the corpus.

    Attributes:
        half: ``development`` or ``test``; all files of a repository are in one.
        repository: ``owner/name``.
        commit: The commit at which it was read.
        path: Its path there.
    """

    half: str
    repository: str
    commit: str
    path: str

    def place(self, folder: Path) -> Path:
        """Return where it lies below a folder of unpacked files."""
        return folder / self.repository.replace("/", "+") / self.path


class Mistake(NamedTuple):
    """A place where a rule must speak (``mistake``) or must be silent (``right``)."""

    repository: str
    path: str
    rule: str
    parameter: str
    verdict: str
    reason: str


def read_list(half: str = "") -> list[FieldFile]:
    """Return the files of a half, or all."""
    with LIST.open(encoding="utf-8") as stream:
        rows = [FieldFile(**row) for row in csv.DictReader(stream, delimiter="\t")]
    return [row for row in rows if half in ("", row.half)]


def read_mistakes() -> list[Mistake]:
    """Return what the readers found."""
    with MISTAKES.open(encoding="utf-8") as stream:
        return [Mistake(**row) for row in csv.DictReader(stream, delimiter="\t")]


def unpack(files: Iterable[FieldFile], clones: Path, folder: Path) -> list[FieldFile]:
    """Unpack the configs and scripts of every repository that has a clone.

    Args:
        files: What is wanted.
        clones: A folder with clones, each in a folder ``owner+name`` (or ``owner+name/repo``).
        folder: Where to; a repository that lies there already is not unpacked again.

    Returns:
        The files that are there now.
    """
    wanted: dict[tuple[str, str], list[FieldFile]] = defaultdict(list)
    for file in files:
        wanted[file.repository, file.commit].append(file)
    for (repository, commit), members in wanted.items():
        target = folder / repository.replace("/", "+")
        clone = _clone(clones / repository.replace("/", "+"))
        if clone is not None and not target.is_dir():
            _unpack(clone, commit, [member.path for member in members], target)
    return [
        file for members in wanted.values() for file in members if file.place(folder).is_file()
    ]


def _clone(folder: Path) -> Path | None:
    for candidate in (folder / ".git", folder / "repo" / ".git", folder / "repo", folder):
        if (candidate / "HEAD").is_file():
            return candidate
    return None


def _unpack(clone: Path, commit: str, paths: list[str], target: Path) -> None:
    listing = _git(clone, "ls-tree", "-r", "-l", "-z", commit).decode("utf-8", "replace")
    names = []
    for line in listing.split("\0"):
        about, _, name = line.partition("\t")
        # A clone without its largest files lists them with no size.
        if name.endswith(SUFFIXES) and about.split()[-1].isdigit() and not about.startswith("12"):
            names.append(name)
    chosen = names if len(names) <= MOST_FILES else paths
    target.mkdir(parents=True, exist_ok=True)
    for first in range(0, len(chosen), 500):
        part = [f":(literal){name}" for name in chosen[first : first + 500]]
        data = _git(clone, "archive", "--format=tar", commit, "--", *part)
        with tarfile.open(fileobj=BytesIO(data)) as archive:
            archive.extractall(target, filter="data")


def _git(clone: Path, *arguments: str) -> bytes:
    done = subprocess.run(
        ["git", f"--git-dir={clone}", *arguments], capture_output=True, check=False
    )
    return done.stdout
