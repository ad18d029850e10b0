"""``hpadvisor check``: mistakes in training configs and search spaces."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from hpadvisor.cli import completion
from hpadvisor.cli.completion import offered
from hpadvisor.errors import ExitCode, UserError
from hpadvisor.report.terminal import Form, say, terminal, write

if TYPE_CHECKING:
    from hpadvisor.checking.findings import CheckResult
    from hpadvisor.checking.running import Checking
    from hpadvisor.checking.settings import CheckSettings

WIDEST = 120
_CODED: dict[str, Form] = {"json": "json", "sarif": "json", "gitlab": "json", "junit": "xml"}
"""Forms that programs read as UTF-8."""
"""Characters of a line; a finding that runs across a wide screen is hard to read."""


def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Files and folders; this folder if left out; - is standard input."),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select",
            help="Only these rules, by id or its beginning.",
            metavar="IDS",
            autocompletion=offered(completion.check_rules),
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            help="Not these rules, by id or its beginning.",
            metavar="IDS",
            autocompletion=offered(completion.check_rules),
        ),
    ] = None,
    persona: Annotated[
        str | None, typer.Option("--persona", help="default, or pedantic for every rule.")
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option("--fail-on", help="Lowest severity that fails: note, warning, error, never."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", help="Leave out paths of this pattern.", metavar="PATTERN"),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="full (text), concise, json, sarif, github, gitlab, junit or markdown.",
        ),
    ] = "full",
    output: Annotated[
        list[str] | None,
        typer.Option("--output", help="Write a further form to a file.", metavar="FORMAT=FILE"),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended safely.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="With --fix or --diff: unsafe fixes too.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show the fixes, write nothing.")] = False,
    baseline: Annotated[
        str | None, typer.Option("--baseline", help="Hide the findings of this file.")
    ] = None,
    write_baseline: Annotated[
        str | None, typer.Option("--write-baseline", help="Write the findings to this file.")
    ] = None,
    diff_base: Annotated[
        str | None,
        typer.Option(
            "--diff-base", help="Only what changed since a commit, branch or tag.", metavar="REV"
        ),
    ] = None,
    stdin_filename: Annotated[
        str | None, typer.Option("--stdin-filename", help="Check standard input under this name.")
    ] = None,
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Finding no config to check is fine.")
    ] = False,
    no_gitignore: Annotated[
        bool, typer.Option("--no-gitignore", help="Check files that git ignores, too.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite existing files of --output and baselines.")
    ] = False,
    isolated: Annotated[bool, typer.Option("--isolated", help="Read no settings file.")] = False,
    rules: Annotated[
        list[str] | None, typer.Option("--rules", help="Add the rules of a folder.", metavar="DIR")
    ] = None,
) -> None:
    """Check files and folders."""
    from hpadvisor.checking.running import Checking
    from hpadvisor.checking.settings import CheckSettings, load_settings, validate

    outputs = _outputs(form, output or [])
    data = None
    if stdin_filename is not None or paths == ["-"]:
        data, stdin_filename = _standard_input(stdin_filename)
    settings = CheckSettings() if isolated else load_settings(_start(paths, stdin_filename))
    given: dict[str, Any] = {
        "select": _split(select), "ignore": _split(ignore), "persona": persona,
        "fail_on": fail_on, "exclude": tuple(exclude) if exclude else None, "baseline": baseline,
        "gitignore": False if no_gitignore else None, "rules": tuple(rules) if rules else None,
    }  # fmt: skip
    settings = replace(settings, **{k: v for k, v in given.items() if v is not None})
    validate(settings)
    checking = Checking(settings)
    result = _run(checking, paths, data, stdin_filename, keep_baseline=write_baseline is None)
    if diff_base is not None:
        from hpadvisor.checking.changes import hide_old

        hide_old(checking, result, diff_base)
    if fix or diff:
        changed = _fix(
            checking, result, unsafe=unsafe_fixes, show=diff, stdin=stdin_filename is not None
        )
        if diff or changed:
            _leave(result, settings, ExitCode.FINDINGS if diff and changed else ExitCode.OK,
                   skip_unknown=skip_unknown)  # fmt: skip
    if write_baseline is not None:
        from hpadvisor.checking.baseline import write_baseline as write

        write(write_baseline, result.findings, force=force)
        say(f"{len(result.findings)} findings written to {write_baseline}", error=True)
        _leave(result, settings, ExitCode.OK, skip_unknown=skip_unknown)
    _show(result, outputs, force=force)
    raise typer.Exit(_exit_code(result, settings, skip_unknown=skip_unknown))


def _standard_input(name: str | None) -> tuple[bytes, str]:
    """Return what standard input holds, and a name whose ending tells its syntax."""
    from hpadvisor.checking.other_files import name_of_input, refuse_input
    from hpadvisor.readers.documents import MAX_BYTES
    from hpadvisor.readers.files import read_standard_input

    data = read_standard_input(MAX_BYTES + 1)
    if name is None:
        refuse_input(data)
    return data, name or name_of_input(data)


def _leave(
    result: CheckResult, settings: CheckSettings, code: ExitCode, *, skip_unknown: bool
) -> NoReturn:
    """End a mode that shows no report: what could not be judged is counted, and outweighs."""
    judged = _exit_code(result, settings, skip_unknown=skip_unknown)
    if judged is ExitCode.CANNOT_JUDGE:
        from hpadvisor.report.check.frames import summary

        say(summary(result).rstrip("\n"), error=True)
        code = judged
    raise typer.Exit(code)


def _split(words: list[str] | None) -> tuple[str, ...] | None:
    if words is None:
        return None
    return tuple(part.strip() for word in words for part in word.split(",") if part.strip())


def _start(paths: list[str] | None, stdin_filename: str | None) -> Path:
    first = Path(stdin_filename or (paths or ["."])[0])
    return first if first.is_dir() else first.parent


def _outputs(form: str, further: list[str]) -> list[tuple[str, str]]:
    """Return forms and files; the file is empty for standard output."""
    from hpadvisor.report.check import FORMATS

    pairs = [(form, ""), *((item.partition("=")[0], item.partition("=")[2]) for item in further)]
    for name, _ in pairs:
        if name not in (*FORMATS, "text"):
            raise UserError(f"no form '{name}'", remedy=f"One of: {', '.join(FORMATS)}.")
    for item in further:
        if not item.partition("=")[2]:
            raise UserError(f"--output {item} names no file", remedy="Write FORMAT=FILE.")
    return pairs


def _run(
    checking: Checking,
    paths: list[str] | None,
    data: bytes | None,
    name: str | None,
    *,
    keep_baseline: bool,
) -> CheckResult:
    from hpadvisor.checking.findings import CheckResult
    from hpadvisor.checking.running import read_files
    from hpadvisor.readers.documents import parse_document

    result = CheckResult()
    if data is not None:
        checking.check(parse_document(data, name or "-"), result)
    else:
        for word, error in read_files(checking, paths or ["."], result):
            say(f"{word}: {error}", error=True)
    if not keep_baseline:
        checking.settings = replace(checking.settings, baseline="")
    checking.finish(result)
    return result


def _fix(
    checking: Checking, result: CheckResult, *, unsafe: bool, show: bool, stdin: bool
) -> bool:
    """Fix the files of a result; return whether the output is done with."""
    from hpadvisor.checking.findings import CheckResult
    from hpadvisor.checking.fixing import diff_of, fix_document, write_document

    changed = False
    for number, file in enumerate(result.files):
        fixed = fix_document(checking, file, unsafe=unsafe)
        if fixed is None:
            continue
        if show:
            write(diff_of(fixed))
            changed = changed or fixed.count > 0
            continue
        if stdin:
            sys.stdout.flush()
            sys.stdout.buffer.write(fixed.after.data)
            return True  # even where nothing changed: the caller reads the text back
        if fixed.count:
            write_document(fixed.after)
            result.mended += fixed.mended
            again = CheckResult()
            result.files[number] = checking.check(fixed.after, again)
    if result.fixed:
        checking.finish(result)
    return show and changed


def _show(result: CheckResult, outputs: list[tuple[str, str]], *, force: bool) -> None:
    from hpadvisor.report.check import render

    width, color, _ = terminal()
    for form, name in outputs:
        if name:
            from hpadvisor.writing import write_text

            write_text(name, render(result, form), force=force)
            continue
        if form == "html" and sys.stdout.isatty():
            raise UserError(
                "a page is for a browser, not for a terminal",
                path="--format html", remedy="Name a file: --output html=check.html.",
            )  # fmt: skip
        text = render(result, form, color=color, width=min(width, WIDEST))
        write(text, _CODED.get(form, "text"))


def _exit_code(result: CheckResult, settings: CheckSettings, *, skip_unknown: bool) -> ExitCode:
    from hpadvisor.checking.findings import SEVERITIES

    if result.unreadable:
        return ExitCode.CANNOT_JUDGE
    if not any(file.formats for file in result.files) and not skip_unknown:
        say(
            "hpadvisor: no config to check was found. Name training configs or search spaces.",
            error=True,
        )
        return ExitCode.CANNOT_JUDGE
    if settings.fail_on == "never":
        return ExitCode.OK
    failed = result.worst() >= SEVERITIES.index(settings.fail_on)
    return ExitCode.FINDINGS if failed else ExitCode.OK
