"""What a change brought: findings that did not stand at an earlier state of the repository."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from hpadvisor.checking.findings import CheckResult, Finding
from hpadvisor.errors import UserError
from hpadvisor.readers.documents import parse_document

if TYPE_CHECKING:
    from hpadvisor.checking.running import Checking

_SECONDS = 60


def hide_old(checking: Checking, result: CheckResult, revision: str) -> None:
    """Take out the findings that stood in the files at a revision already.

    A finding is known by its rule and key path, each as often as it stood there; so edits
    elsewhere in a file bring none back. A file that was not there then has nothing to hide.

    Args:
        checking: Judges the old files by the same rules.
        result: What stands there now.
        revision: A commit, branch or tag, such as ``origin/main``.

    Raises:
        UserError: no git repository, or no such revision.
    """
    if not result.files:
        return
    root = Path(_git(Path(result.files[0].path).resolve().parent, "rev-parse", "--show-toplevel"))
    # An option has no place here; git takes what follows as a revision alone.
    commit = _git(root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    changed = set(_git(root, "diff", "--name-only", "-z", commit).split("\0"))
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
    for file in result.files:
        name = _inside(file.path, root)
        if name is None or name in new:
            continue
        old = _at(checking, root, commit, name, file.path) if name in changed else file.findings
        left = Counter((finding.rule.id, finding.key_path) for finding in old)
        kept = []
        for finding in file.findings:
            key = finding.rule.id, finding.key_path
            if left[key] > 0:
                left[key] -= 1
                result.hidden_by_base += 1
            else:
                kept.append(finding)
        file.findings = kept


def _at(checking: Checking, root: Path, commit: str, name: str, shown: str) -> list[Finding]:
    """Return the findings of a file as it was at a commit; none where it was not there."""
    try:
        old = _run_git(root, "show", f"{commit}:{name}")
        document = parse_document(old, shown)
    except UserError:
        return []
    return checking.check(document, CheckResult()).findings


def _inside(path: str, root: Path) -> str | None:
    try:
        return Path(path).resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return None


def _git(folder: Path, *arguments: str) -> str:
    return _run_git(folder, *arguments).decode("utf-8", "replace").strip("\n")


def _run_git(folder: Path, *arguments: str) -> bytes:
    """Return what git writes.

    Raises:
        UserError: git is not there, takes too long, or refuses.
    """
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and only git's own commands
            command, capture_output=True, check=False, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        raise UserError("git could not be run", remedy="Leave --diff-base out.") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise UserError(
            f"--diff-base: git says '{said}'",
            remedy="Name a commit, branch or tag of the repository that is checked.",
        )
    return done.stdout
