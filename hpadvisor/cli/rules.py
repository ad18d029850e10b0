"""``hpadvisor rules``: list, show, test and write rules."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from hpadvisor.cli import completion
from hpadvisor.cli.completion import offered
from hpadvisor.cli.options import RulesOption, TextFormat, print_json
from hpadvisor.errors import ExitCode
from hpadvisor.report.terminal import say, terminal

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
)

_SCHEMA = "rules.schema.json"
"""The name of the schema that a template points at."""
FormatOption = Annotated[TextFormat, typer.Option("--format", help="Form of the output.")]


@app.command("list")
def list_rules(
    kind: Annotated[
        str | None,
        typer.Argument(
            help="Only this kind (rules, ranges, claims, …) or topic.",
            autocompletion=offered(completion.kinds_of_rules),
        ),
    ] = None,
    rules: RulesOption = None,
    format: FormatOption = TextFormat.TEXT,
) -> None:
    """List every rule and table entry: id, kind, evidence, title."""
    from hpadvisor.engine.fields import KINDS
    from hpadvisor.engine.loading import load_knowledge
    from hpadvisor.errors import UserError
    from hpadvisor.report.entries import listing, listing_json

    knowledge = load_knowledge(rules or [])
    entries = list(knowledge.entries())
    if kind is not None:
        entries = [e for e in entries if kind in (e.kind, getattr(e, "topic", None))]
        if not entries:
            topics = sorted({rule.topic for rule in knowledge.rules})
            raise UserError(
                f"'{kind}' is no kind or topic of rules",
                remedy=f"One of: {', '.join((*KINDS, *topics))}.",
            )
    if format is TextFormat.JSON:
        print_json(listing_json(entries))
    else:
        say(listing(entries))


@app.command("show")
def show(
    rule_id: Annotated[
        str,
        typer.Argument(
            help="Id of a rule or table entry.",
            metavar="ID",
            autocompletion=offered(completion.rule_ids),
        ),
    ],
    rules: RulesOption = None,
    format: FormatOption = TextFormat.TEXT,
) -> None:
    """Show one entry whole: condition, advice, limits, sources, examples."""
    from hpadvisor.engine.loading import load_knowledge
    from hpadvisor.errors import UserError, nearest
    from hpadvisor.report.entries import entry_json, entry_text

    knowledge = load_knowledge(rules or [])
    entry = knowledge.find(rule_id)
    if entry is None:
        ids = [item.id for item in knowledge.entries()]
        raise UserError(
            f"no rule has the id '{rule_id}'",
            remedy=nearest(rule_id.upper(), ids) or "See: hpadvisor rules list.",
        )
    if format is TextFormat.JSON:
        print_json(entry_json(entry))
    else:
        from hpadvisor.report.explanation import wrapped

        say(wrapped(entry_text(entry), terminal().width))


@app.command("facts")
def facts(rules: RulesOption = None, format: FormatOption = TextFormat.TEXT) -> None:
    """List the facts that conditions may name: name, type, unit, meaning."""
    from hpadvisor.engine.loading import load_knowledge
    from hpadvisor.report.entries import facts_json, facts_text

    registry = load_knowledge(rules or []).registry
    if format is TextFormat.JSON:
        print_json(facts_json(registry))
    else:
        say(facts_text(registry))


@app.command("schema")
def rule_schema(rules: RulesOption = None) -> None:
    """Print the JSON Schema of a rules file, for editors."""
    from hpadvisor.engine.fields import json_schema
    from hpadvisor.engine.loading import load_knowledge

    print_json(json_schema(load_knowledge(rules or []).registry.names()))


@app.command("test")
def test(
    path: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders or files of your own; without one, the rules that ship."),
    ] = None,
) -> None:
    """Load rules, check them, and run their examples."""
    from hpadvisor.engine.loading import load_knowledge
    from hpadvisor.engine.matching import run_example

    knowledge = load_knowledge(path or [], fresh=True)
    own = {str(item) for item in path or []}
    tested, failed = 0, 0
    for entry in knowledge.entries():
        if own and entry.path.startswith("rules/"):
            continue
        for example in entry.examples:
            tested += 1
            got = run_example(entry, example)
            if got != example.expect:
                failed += 1
                say(
                    f"{entry.path}:{example.line}: {entry.id}: expected {example.expect}, "
                    f"got {got} for {example.given}",
                    error=True,
                )
    count = sum(1 for e in knowledge.entries() if not (own and e.path.startswith("rules/")))
    say(f"{count} entries, {tested} examples, {failed} failed")
    if failed:
        raise typer.Exit(ExitCode.FINDINGS)


@app.command("new")
def new(
    path: Annotated[Path, typer.Argument(help="The file to write, such as my_rules/warmup.yaml.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a commented template of a rule that loads and passes its own examples."""
    from hpadvisor.engine.template import RULE_TEMPLATE
    from hpadvisor.report.schemas import schema
    from hpadvisor.visible import json_text
    from hpadvisor.writing import write_text

    named = f"# yaml-language-server: $schema={_SCHEMA}\n{RULE_TEMPLATE}"
    write_text(path, named, force=force, make_folders=True)
    for_editors = path.parent / _SCHEMA
    if force or not for_editors.exists():
        write_text(for_editors, f"{json_text(schema('rules'))}\n", force=force)
    say(f"Wrote {path}, and {_SCHEMA} beside it for editors.")
    say(f"Next: hpadvisor rules test {quote(str(path))}")
