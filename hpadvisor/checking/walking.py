"""Paths to files: folders are walked, output folders and ignored files are left out."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from hpadvisor.checking.findings import Unread
from hpadvisor.errors import UserError
from hpadvisor.readers.documents import SUFFIXES
from hpadvisor.readers.files import MAX_TEXT_BYTES, is_folder, read_head
from hpadvisor.readers.patterns import Slow, time_limit
from hpadvisor.visible import shortened

DEEPEST = 100
"""Folders inside one another; nobody keeps configs deeper."""
_LONGEST_PATTERN = 1_000
SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".hydra", ".venv", "venv", "node_modules", "__pycache__", ".tox",
     ".mypy_cache", ".pytest_cache", ".ruff_cache", "outputs", "multirun", "mlruns", "wandb",
     "lightning_logs", "site-packages", ".ipynb_checkpoints"}
)  # fmt: skip
_NOT_CONFIGS = frozenset(
    {"package.json", "package-lock.json", "tsconfig.json", "composer.json", "yarn.lock",
     "pnpm-lock.yaml", "pyproject.toml", "mkdocs.yml", "docker-compose.yml", "docker-compose.yaml",
     ".pre-commit-config.yaml", "poetry.lock", "codecov.yml", ".readthedocs.yaml", "uv.lock",
     "action.yml", "Cargo.toml", "dependabot.yml", "tokenizer.json", "tokenizer_config.json",
     "special_tokens_map.json", "vocab.json", "generation_config.json",
     "model.safetensors.index.json", "pytorch_model.bin.index.json", ".hpadvisor.yaml"}
)  # fmt: skip


OUTPUT_FOLDERS = frozenset({"outputs", "multirun", "mlruns", "wandb", "lightning_logs"})
"""Skipped folders that hold what a training wrote, configs of single runs among it."""
UNSUPPORTED = (".jsonnet", ".libsonnet", ".gin", ".hocon")
"""Endings of configs in languages that are not read."""


class Found(NamedTuple):
    """A file to check.

    Attributes:
        path: The file.
        named: Whether the user named it, and did not only name a folder above it.
        error: Why it, or the folder that it is, cannot be looked at.
    """

    path: Path
    named: bool
    error: UserError | None = None


def find_files(
    paths: Sequence[str],
    exclude: Sequence[str] = (),
    *,
    gitignore: bool = True,
    left_out: list[Unread] | None = None,
) -> Iterator[Found]:
    """Yield the files to check, each once, folders in a deterministic order.

    Devices and pipes inside folders are passed over; folders that cannot be read, or lie too
    deep, are yielded with their error.

    Args:
        paths: Files and folders as the user named them.
        exclude: Patterns of paths to leave out.
        gitignore: Whether files that git ignores are left out.
        left_out: Takes the folders and files that are not read though they may hold configs.

    Raises:
        UserError: a path is not there.
    """
    seen: set[str] = set()
    for name in paths:
        path = Path(name)
        if is_folder(path):
            found = _walk(path, exclude, gitignore, left_out)
        elif path.exists():
            found = iter([Found(path, named=True)])
        else:
            raise UserError("no such file or folder", path=name, remedy="Check the path.")
        for item in found:
            key = os.path.abspath(item.path)  # noqa: PTH100 - resolve() would follow links
            if key not in seen:
                seen.add(key)
                yield item


def _walk(
    root: Path, exclude: Sequence[str], gitignore: bool, left_out: list[Unread] | None
) -> Iterator[Found]:
    waiting = [(root, 0)]
    while waiting:
        folder, depth = waiting.pop()
        try:
            if depth > DEEPEST:
                raise UserError(
                    f"nested deeper than {DEEPEST} folders",
                    path=shortened(str(folder)),
                    remedy="Name a folder in it.",
                )
            files, folders = _listed(folder, left_out)
        except UserError as error:
            yield Found(folder, named=False, error=error)
            continue
        for path in files:
            if not (
                _excluded(path, root, exclude) or (gitignore and _ignored(path, is_folder=False))
            ):
                yield Found(path, named=False)
        waiting += [
            (path, depth + 1)
            for path in reversed(folders)
            if not _excluded(path, root, exclude)
            and not (gitignore and _ignored(path, is_folder=True))
        ]


def _listed(folder: Path, left_out: list[Unread] | None) -> tuple[list[Path], list[Path]]:
    """Return the files of a folder that may be configs, and the folders in it, in order."""
    files, folders = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                reason = _reason(entry)
                if reason and left_out is not None:
                    left_out.append(Unread(str(folder / entry.name), reason))
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED_FOLDERS:
                        folders.append(folder / entry.name)
                elif Path(entry.name).suffix.lower() in SUFFIXES and (
                    entry.name not in _NOT_CONFIGS and entry.is_file()
                ):
                    files.append(folder / entry.name)
    except OSError as error:
        raise UserError(
            f"cannot be read ({error.strerror})", path=folder, remedy="Check its permissions."
        ) from None
    return files, folders


def _reason(entry: os.DirEntry[str]) -> str:
    """Why an entry is left out and told so: an output folder, a language that is not read."""
    if entry.is_dir(follow_symlinks=False):
        return "output folder" if entry.name in OUTPUT_FOLDERS else ""
    return "not supported" if entry.name.endswith(UNSUPPORTED) else ""


def _excluded(path: Path, root: Path, patterns: Sequence[str]) -> bool:
    if not patterns:
        return False
    shown = path.as_posix()
    inside = path.relative_to(root).as_posix()
    return any(
        fnmatch.fnmatch(text, pattern) or fnmatch.fnmatch(text, f"{pattern.rstrip('/')}/*")
        for pattern in patterns
        for text in (shown, inside, path.name)
    )


def _ignored(path: Path, *, is_folder: bool) -> bool:
    """Return whether a .gitignore of a folder above, up to the repository's root, matches."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links are not followed
    verdict: bool | None = None
    for folder, patterns in _specs(absolute.parent):
        inside = absolute.relative_to(folder).as_posix() + ("/" if is_folder else "")
        try:
            with time_limit():
                result = patterns.check_file(inside)
        except Slow:
            raise UserError(
                "a pattern in it takes too long",
                path=folder / ".gitignore",
                remedy="Mend it, or use --no-gitignore.",
            ) from None
        if result.include is not None:
            verdict = bool(result.include)
    return bool(verdict)


@lru_cache(maxsize=4096)
def _specs(folder: Path) -> tuple[tuple[Path, Any], ...]:
    """Return the .gitignore files that hold for a folder, from the outermost inwards."""
    above: tuple[tuple[Path, Any], ...] = ()
    if not (folder / ".git").exists() and folder.parent != folder:
        above = _specs(folder.parent)
    file = folder / ".gitignore"
    try:
        if not file.is_file():
            return above
        lines = read_head(file, MAX_TEXT_BYTES).decode("utf-8", "replace").splitlines()
    except (OSError, UserError):
        return above
    from pathspec import GitIgnoreSpec

    return (*above, (folder, GitIgnoreSpec.from_lines(filter(_is_pattern, lines))))


def _is_pattern(line: str) -> bool:
    """Whether pathspec takes a line; git passes over what it does not understand."""
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, OverflowError, RecursionError):
        return False
    return len(line) <= _LONGEST_PATTERN
