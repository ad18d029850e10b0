"""A run of check: files in, findings out."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hpadvisor.checking.findings import CheckResult, FileResult, Unread
from hpadvisor.checking.matching import Matcher
from hpadvisor.checking.other_files import HEAD, log_instead, no_config, refuse_other
from hpadvisor.checking.rules import CheckRule, RuleSet, load_rule_set, unknown_ids
from hpadvisor.checking.settings import CheckSettings
from hpadvisor.checking.subjects import Context, subjects_of
from hpadvisor.checking.walking import Found, find_files
from hpadvisor.errors import UserError
from hpadvisor.readers.documents import Document, TooLarge, parse_document, read_document

if TYPE_CHECKING:
    from hpadvisor.checking.groups import GroupFacts


class Checking:
    """Checks files one after another with the same rules.

    Args:
        settings: What to check.
    """

    def __init__(self, settings: CheckSettings) -> None:
        self.settings = settings
        self.rules = load_rule_set(settings.rules)
        unknown_ids(settings.select, self.rules, "select")
        unknown_ids(settings.ignore, self.rules, "ignore")
        self.matcher = Matcher(_selected(self.rules, settings))
        self.context = Context(self.rules.recogniser, calls=True)
        self.groups: GroupFacts | None = None
        if settings.persona == "pedantic":
            from hpadvisor.checking.groups import GroupFacts

            self.groups = GroupFacts()

    def check(self, document: Document, result: CheckResult) -> FileResult:
        """Check one document and add what came of it to a result."""
        file = FileResult(document.path, document)
        result.files.append(file)
        for name, subjects in subjects_of(document, self.context):
            file.formats.append(name)
            file.findings += self.matcher.match(subjects, document)
            if self.groups is not None:
                self.groups.add(document, name, subjects)
        self._hide(file, document, result)
        return file

    def _hide(self, file: FileResult, document: Document, result: CheckResult) -> None:
        if "hpadvisor:" in document.text:
            from hpadvisor.checking.ignores import hide, ignore_subjects, read_ignores

            ignores = read_ignores(document)
            file.findings, hidden = hide(file.findings, ignores)
            result.hidden_by_ignores += hidden
            if file.formats and not self.settings.select:
                file.findings += self.matcher.match(ignore_subjects(ignores, document), document)
        skipped = tuple(
            name
            for pattern, ids in self.settings.per_file_ignores
            if fnmatch.fnmatch(document.path, pattern) or Path(document.path).match(pattern)
            for name in ids
        )
        if skipped:
            file.findings = [f for f in file.findings if not f.rule.id.startswith(skipped)]
        file.findings.sort(key=lambda f: (f.line, f.column, f.rule.id))

    def finish(self, result: CheckResult) -> None:
        """Compare files with each other, and take out what a baseline knows."""
        if self.groups is not None:
            for file, subjects in self.groups.compare(result):
                if file.document is not None:
                    file.findings += self.matcher.match(subjects, file.document)
        if self.settings.baseline:
            from hpadvisor.checking.baseline import hide_known, read_baseline

            hide_known(result, read_baseline(self.settings.baseline))


def _selected(rules: RuleSet, settings: CheckSettings) -> list[CheckRule]:
    """Return the rules that are asked for: a rule selected by its full id needs no persona."""
    select = tuple(word.upper() for word in settings.select if word.upper() != "ALL")
    ignore = tuple(word.upper() for word in settings.ignore)
    chosen = []
    for rule in rules.rules:
        if select and not rule.id.startswith(select):
            continue
        if ignore and rule.id.startswith(ignore):
            continue
        if rule.persona == "pedantic" and settings.persona != "pedantic" and rule.id not in select:
            continue
        chosen.append(rule)
    return chosen


def read_files(
    checking: Checking, paths: Sequence[str], result: CheckResult
) -> Iterator[tuple[str, UserError]]:
    """Check files and folders, and yield what could not be judged.

    Args:
        checking: Judges each file.
        paths: What to check.
        result: Takes what came of every file, and what was left out.

    Yields:
        A word that introduces the message, and the reason.

    Raises:
        UserError: a path is not there.
    """
    settings = checking.settings
    for found in find_files(
        paths, settings.exclude, gitignore=settings.gitignore, left_out=result.left_out
    ):
        error = _check_file(checking, found, result)
        if error is not None:
            is_data = not found.named and isinstance(error, TooLarge)
            result.too_large += is_data
            result.unreadable += not is_data
            yield ("hpadvisor: left out" if is_data else "hpadvisor"), error


def _check_file(checking: Checking, found: Found, result: CheckResult) -> UserError | None:
    """Check one file; a file that the user named and that is no config is told as what it is."""
    try:
        if found.error is not None:
            raise found.error
        if found.named:
            refuse_other(found.path)
        file = checking.check(read_document(found.path), result)
    except UserError as error:
        told = error if found.error is not None else log_instead(found.path) or error
        if told is not error and not found.named:
            result.left_out.append(Unread(str(found.path), "training log"))
            return None
        result.files.append(FileResult(str(found.path), error=told))
        return told
    if file.formats or file.document is None:
        return None
    other = no_config(found.path, file.document.text[:HEAD])
    if found.named or other is None:
        return other
    result.files.pop()
    result.left_out.append(Unread(str(found.path), "training log"))
    return None


def check_paths(paths: Sequence[str], settings: CheckSettings | None = None) -> CheckResult:
    """Check files and folders.

    Args:
        paths: What to check.
        settings: How; the defaults when left out.

    Returns:
        What was found. A file that cannot be read carries its error.

    Raises:
        UserError: a path is not there, or a setting names no rule.
    """
    checking = Checking(settings or CheckSettings())
    result = CheckResult()
    for _ in read_files(checking, paths, result):
        pass
    checking.finish(result)
    return result


def check_text(data: bytes, name: str, settings: CheckSettings | None = None) -> CheckResult:
    """Check the content of one file; its name tells the syntax.

    Raises:
        UserError: it cannot be parsed.
    """
    checking = Checking(settings or CheckSettings())
    result = CheckResult()
    checking.check(parse_document(data, name), result)
    checking.finish(result)
    return result
