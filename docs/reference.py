"""The reference of the site: a page a rule, hyperparameter, kind, format, engine and command."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any

import click
import typer
from check_pages import section as check_section

import hpadvisor
import hpadvisor.search
from hpadvisor.api import plan
from hpadvisor.checking.rules import load_rule_set
from hpadvisor.cli.main import COMMANDS, app
from hpadvisor.emit.engines import ENGINES, NOT_CARRYING, STANDALONE, emit
from hpadvisor.engine.conditions import ALWAYS
from hpadvisor.engine.entries import Entry, Hyperparameter, Range, Rule, TierTable, Training
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.lookup import HyperparameterPage, TopicPage, look_up
from hpadvisor.engine.text import human
from hpadvisor.report.entries import EVIDENCE, condition_text, recommendation_text

Pages = dict[str, str]
_WORDS = ("advice", "answer", "do_instead", "meaning", "why", "find_start", "setting", "lesson",
          "caution", "limits", "corrects")  # fmt: skip
_GUIDES = {"plan": "situation", "diagnose": "diagnose", "audit": "audit", "check": "check",
           "run": "run", "report": "pages", "mcp": "agents", "skill": "agents", "init": "editors",
           "schema": "editors", "rules": "add-a-rule"}  # fmt: skip
_EXAMPLE = "hpadvisor/examples/imagenet-fine-tuning.yaml"


def pages(knowledge: Knowledge) -> Pages:
    """Return every page, by its path below the site."""
    found = {
        **_rules(knowledge), **_hyperparameters(knowledge), **_kinds(knowledge), **_formats(),
        **_engines(), **_commands(), "api.md": _api(),
    }  # fmt: skip
    return {f"reference/{name}": text for name, text in found.items()}


def plain(text: Any) -> str:
    """Return a text whose signs Markdown leaves alone."""
    return re.sub(r"([\\`*\[\]<>|])", r"\\\1", " ".join(str(text).split()))


def _code(text: str) -> str:
    return f"`{text}`" if "`" not in text else f"`` {text} ``"


def _rules(knowledge: Knowledge) -> Pages:
    entries = [e for e in knowledge.entries() if not isinstance(e, Hyperparameter | Training)]
    found = {f"rules/{entry.id}.md": "\n".join(_entry(entry)) for entry in entries}
    lines = ["# Rules and tables\n", "Everything that advice rests on, by kind and topic.\n"]
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        name = f"{entry.kind}: {entry.topic}" if isinstance(entry, Rule) else entry.kind
        groups.setdefault(name, []).append(entry)
    for name, members in groups.items():
        lines.append(f"\n## {name[0].upper()}{name[1:]}\n")
        lines += _table(
            ("id", "says", "evidence"),
            ((f"[{e.id}]({e.id}.md)", plain(e.title), EVIDENCE[e.evidence]) for e in members),
        )
    return found | {"rules/index.md": "\n".join(lines) + "\n"}


def _entry(entry: Entry) -> Iterator[str]:
    yield f"# {entry.id} {plain(entry.title)}\n"
    kind = f"{entry.kind}, topic {entry.topic}" if isinstance(entry, Rule) else entry.kind
    graded = EVIDENCE[entry.evidence]
    yield f"*{kind}* · evidence: **{graded}** · `rules/{entry.path.removeprefix('rules/')}`\n"
    if isinstance(entry, Rule) and "check" in entry.applies_to:
        yield from check_section(entry)
        return
    if entry.condition is not ALWAYS:
        yield f"**Holds when** {_code(condition_text(entry.condition))}\n"
    yield from _numbers(entry)
    for name in _WORDS:
        if value := getattr(entry, name, ""):
            yield f"**{name.replace('_', ' ').capitalize()}.** {plain(value)}\n"
    yield from _sources(entry)


def _numbers(entry: Entry) -> Iterator[str]:
    if isinstance(entry, Range):
        name = entry.hyperparameter
        yield f"**Searches** [{name}](../hyperparameters/{name}.md)"
        yield f"in {_values(entry)}; start {human(entry.default)}.\n"
    for item in getattr(entry, "recommend", ()):
        yield f"- {plain(recommendation_text(item))}"
    for number, names in entry.tiers.items() if isinstance(entry, TierTable) else ():
        links = ", ".join(f"[{name}](../hyperparameters/{name}.md)" for name in names)
        yield f"- tier {number}: {links}"
    if measured := getattr(entry, "measured", None):
        figures = ", ".join(f"{key.replace('_', ' ')} {human(v)}" for key, v in measured.items())
        yield f"\n**Measured.** {plain(figures)}"
    yield ""


def _condition(entry: Entry) -> str:
    """The condition of an entry, for a cell of a table."""
    return _code(condition_text(entry.condition).replace("|", "\\|"))


def _values(entry: Range) -> str:
    text = human(entry.choices) if entry.choices else (
        f"{human(entry.low)} to {human(entry.high)}, {entry.scale}"
    )  # fmt: skip
    return f"{text}, or {human(entry.off)} (off)" if entry.off is not None else text


def _sources(entry: Entry) -> Iterator[str]:
    if entry.citations:
        yield "## Sources\n"
    for citation in entry.citations:
        source = citation.source
        title = f"[{plain(source.title)}]({source.url})" if source.url else plain(source.title)
        parts = [plain(source.authors), str(source.year or ""), plain(citation.locator)]
        said = ", ".join(part for part in parts if part)
        read = f" Re-read {citation.checked}." if citation.checked else ""
        yield f"- {title}{f' ({said})' if said else ''}.{read}"


def _hyperparameters(knowledge: Knowledge) -> Pages:
    found, rows = {}, []
    for item in knowledge.hyperparameters:
        if item.group == "abstract":
            continue
        page = look_up(item.id, knowledge)
        if not isinstance(page, HyperparameterPage):
            raise TypeError(f"{item.id} is looked up as {type(page).__name__}")
        found[f"hyperparameters/{item.id}.md"] = "\n".join(_hyperparameter(page))
        rows.append((f"[{item.id}]({item.id}.md)", plain(item.title), item.type, item.scale or ""))
    head = ["# Hyperparameters\n", *_table(("name", "title", "type", "scale"), rows)]
    return found | {"hyperparameters/index.md": "\n".join(head) + "\n"}


def _hyperparameter(page: HyperparameterPage) -> Iterator[str]:
    item = page.hyperparameter
    yield f"# {plain(item.title)}\n\n`{item.id}` · {item.type}, {item.scale or 'no'} scale\n"
    yield f"{plain(item.meaning)}\n"
    if item.aliases:
        yield f"Also called {', '.join(map(_code, item.aliases))}.\n"
    if item.find_start:
        yield f"**How to find a start.** {plain(item.find_start)}\n"
    if page.ranges:
        yield "## Ranges\n"
        yield from _table(
            ("rule", "holds when", "range", "start", "evidence"),
            (
                (_link(e), _condition(e),
                 plain(_values(e)), plain(human(e.default)), EVIDENCE[e.evidence])
                for e in page.ranges
            ),
        )  # fmt: skip
    yield from _linked("Rules that speak of it", page.rules)
    yield from _linked("What people say", page.claims)
    yield from _sources(item)


def _linked(title: str, entries: Iterable[Entry]) -> Iterator[str]:
    entries = list(entries)
    if entries:
        yield f"\n## {title}\n"
        yield from (f"- {_link(entry)} {plain(entry.title)}" for entry in entries)
        yield ""


def _link(entry: Entry) -> str:
    return f"[{entry.id}](../rules/{entry.id}.md)"


def _kinds(knowledge: Knowledge) -> Pages:
    found, rows = {}, []
    for item in knowledge.trainings:
        page = look_up(item.id, knowledge)
        if not isinstance(page, TopicPage):
            raise TypeError(f"{item.id} is looked up as {type(page).__name__}")
        lines = [f"# {plain(item.title)}\n", f"`{item.id}` · {plain(item.meaning)}\n"]
        if item.aliases:
            lines.append(f"Also called {', '.join(map(_code, item.aliases))}.\n")
        if item.assume:
            lines.append("## Assumed where nothing is said\n")
            rows_of = ((_code(name), plain(human(v))) for name, v in item.assume.items())
            lines += _table(("fact", "value"), rows_of)
        ranges = [e for e in page.entries if isinstance(e, Range)]
        if ranges:
            lines.append("\n## Ranges for this kind\n")
            lines += _table(
                ("hyperparameter", "range", "start", "holds when", "rule"),
                (
                    (f"[{e.hyperparameter}](../hyperparameters/{e.hyperparameter}.md)",
                     plain(_values(e)), plain(human(e.default)), _condition(e), _link(e))
                    for e in ranges
                ),
            )  # fmt: skip
        lines += _linked("Rules for it", (e for e in page.entries if not isinstance(e, Range)))
        lines += _sources(item)
        found[f"kinds/{item.id}.md"] = "\n".join(lines) + "\n"
        rows.append((f"[{item.id}]({item.id}.md)", plain(item.meaning)))
    head = ["# Kinds of training\n", *_table(("kind", "what it is"), rows)]
    return found | {"kinds/index.md": "\n".join(head) + "\n"}


def _formats() -> Pages:
    found, rows = {}, []
    for item in sorted(load_rule_set().recogniser.formats, key=lambda one: one.id):
        kind = "search space" if item.search else "training config"
        lines = [f"# {plain(item.title)}\n", f"`{item.id}` · {kind}\n"]
        lines.append(f"Read as {', '.join(sorted(item.syntaxes))}; scalars as `{item.loader}`.\n")
        if item.search is not None:
            lines.append("## The search space\n")
            lines.append(f"Parameters under {_places(item.search.parameters)}.\n")
            lines += _table(("setting", "key"), _paths(item.search.settings))
        if item.training is not None and item.training.facts:
            lines.append("\n## The training\n")
            lines += _table(("fact", "key, the first that is there"), _paths(item.training.facts))
        lines.append(f"\nFound mistakes: [rules of check](../../check-rules.md). {_SEEN}")
        page = f"{item.id.replace('/', '-')}.md"
        found[f"formats/{page}"] = "\n".join(lines) + "\n"
        rows.append((f"[{item.id}]({page})", plain(item.title), kind))
    head = ["# Formats of configs\n", "They are told by their content, not by name.\n",
            *_table(("format", "belongs to", "kind"), rows)]  # fmt: skip
    return found | {"formats/index.md": "\n".join(head) + "\n"}


_SEEN = "`hpadvisor check FILE --format json` names the format that a file was taken for."


def _paths(paths: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    return ((_code(name), _places(places)) for name, places in paths.items())


def _places(places: Iterable[str]) -> str:
    return ", ".join(_code(place) if place else "the root" for place in places) or "the root"


def _engines() -> Pages:
    found, rows = {}, []
    composed = plan(_EXAMPLE)
    for engine in ENGINES.values():
        text = emit(
            composed, engine.name, created_by="hpadvisor plan --example imagenet-fine-tuning"
        )
        language = {".py": "python", ".yaml": "yaml", ".sh": "bash", ".json": "json"}
        carries = NOT_CARRYING.get(engine.name)
        lines = [
            f"# {engine.name}\n",
            f"`hpadvisor plan situation.yaml --emit {engine.name} -o FILE{engine.suffix}`\n",
            f"Run it: `{engine.run}`\n",
            f"Old trials are not carried along: {plain(carries)}.\n" if carries else
            "`audit --emit` carries the trials of an earlier search along.\n",
            "With `--standalone` the file needs no hpadvisor.\n" if engine.name in STANDALONE
            else "",
            "## What is written\n\nFor the bundled example `imagenet-fine-tuning`:\n",
            f"```{language.get(engine.suffix, 'text')}\n{text.rstrip()}\n```",
        ]  # fmt: skip
        found[f"engines/{engine.name}.md"] = "\n".join(lines) + "\n"
        rows.append((f"[{engine.name}]({engine.name}.md)", _code(engine.run)))
    head = ["# Engines\n", "What a plan can be written for ([guide](../../engines.md)).\n",
            *_table(("engine", "run"), rows)]  # fmt: skip
    return found | {"engines/index.md": "\n".join(head) + "\n"}


def _commands() -> Pages:
    group: Any = typer.main.get_command(app)
    found, rows = {}, []
    for name, text in COMMANDS.items():
        helps = "\n\n".join(_help(group.commands[name], f"hpadvisor {name}"))
        guide = f"[The guide](../../{_GUIDES[name]}.md)\n\n" if name in _GUIDES else ""
        found[f"commands/{name}.md"] = f"# hpadvisor {name}\n\n{plain(text)}\n\n{guide}{helps}\n"
        rows.append((f"[{name}]({name}.md)", plain(text)))
    codes = "Exit codes: 0 fine, 1 findings, 2 could not judge or wrong use, 3 a bug.\n"
    head = ["# Commands\n", codes,
            *_table(("command", "does"), rows)]  # fmt: skip
    return found | {"commands/index.md": "\n".join(head) + "\n"}


def _help(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name, max_content_width=90, terminal_width=90)
    yield f"```text\n{command.get_help(context).rstrip()}\n```"
    for child, sub in getattr(command, "commands", {}).items():
        yield f"## {child}\n"
        yield from _help(sub, f"{name} {child}")


def _api() -> str:
    lines = ["# Python API\n",
             "The functions mirror the commands, and return what these show. "
             "Whatever the user can mend raises `hpadvisor.errors.UserError`, whose text is the "
             "one line of the command line.\n"]  # fmt: skip
    for module in (hpadvisor, hpadvisor.search):
        for name in sorted(set(module.__all__) - {"__version__"}):
            item = getattr(module, name)
            shown = f"class {name}" if inspect.isclass(item) else _signature(name, item)
            lines += [f"## {module.__name__}.{name}\n", f"```python\n{shown}\n```\n"]
            lines += _docstring(inspect.getdoc(item) or "")
    return "\n".join(lines) + "\n"


def _signature(name: str, function: Any) -> str:
    signature = inspect.signature(function)
    parts, named = [], False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not named:
            parts.append("*")
            named = True
        parts.append(re.sub(r": '([^']*)'", r": \1", str(parameter)))
    return f"{name}(\n    " + ",\n    ".join(parts) + f",\n) -> {signature.return_annotation}"


def _docstring(text: str) -> Iterator[str]:
    """Turn a docstring with Args, Returns and Raises into Markdown."""
    for paragraph in re.split(r"\n\n", text):
        head, _, body = paragraph.partition("\n")
        if head not in ("Args:", "Returns:", "Raises:"):
            yield f"{_inline(paragraph)}\n"
            continue
        yield f"**{head.rstrip(':').replace('Args', 'Arguments')}**\n"
        for item in re.split(r"\n(?=    \S)", body):
            name, sign, said = item.strip().partition(": ")
            marked = sign and re.fullmatch(r"\w+", name)
            yield f"- `{name}`: {_inline(said)}" if marked else f"- {_inline(item.strip())}"
        yield ""


def _inline(text: str) -> str:
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", " ".join(text.split()))
    return text.replace("``", "`")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    rows = list(rows)
    if rows:
        yield f"| {' | '.join(head)} |"
        yield f"|{'---|' * len(head)}"
        yield from (f"| {' | '.join(row)} |" for row in rows)
        yield ""
