"""The tools on the wire: a server of the Model Context Protocol over standard input and output.

It reads only below the folders that it is given, and changes nothing. Calls run one after another
in the main thread, where the limits of time on patterns hold.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpadvisor.errors import UserError
from hpadvisor.integrations.folders import Folders
from hpadvisor.integrations.guard import guarded
from hpadvisor.integrations.guides import GUIDES, guide_file
from hpadvisor.integrations.prompts import PROMPTS
from hpadvisor.integrations.tools import Answer, Tools

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from mcp.types import CallToolResult

TITLES = {
    "plan": "Plan a tuning",
    "diagnose": "Diagnose training logs",
    "check": "Check configs and search spaces",
    "audit": "Review a search",
    "explain": "Explain a rule, a hyperparameter or a claim",
    "rules": "List and show rules",
}
"""The tools, in the order in which they are listed."""

INSTRUCTIONS = (
    "Advice on hyperparameter tuning that traces to rules with sources. Call plan before ranges, "
    "trial counts or schedules are proposed; diagnose on training logs; check on configs and "
    "search spaces; audit on a finished or running search; explain for a hyperparameter, a rule "
    "or a claim. Take ranges and verdicts from the answers and never invent them. What is not "
    "known is left out of a situation, not guessed; an answer that cannot judge is no all-clear."
)


def build_server(folders: Folders, rules: Sequence[str | Path] = ()) -> MCPServer[Any]:
    """Build the server.

    Args:
        folders: What it may read.
        rules: Folders or files of rules beside those that ship.

    Raises:
        UserError: the extra ``mcp`` is not installed.
    """
    try:
        from mcp.server import MCPServer
        from mcp.types import ToolAnnotations
    except ImportError:
        raise UserError(
            "the server needs the SDK of the protocol", remedy="pip install 'hpadvisor[mcp]'"
        ) from None
    from hpadvisor import __version__

    server: MCPServer[Any] = MCPServer(
        "hpadvisor", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING"
    )
    tools = Tools(folders, rules)
    harmless = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    for name, title in TITLES.items():
        method = getattr(tools, name)
        server.add_tool(
            _served(method, folders, rules),
            name=name,
            title=title,
            description=" ".join(str(method.__doc__).split()),
            annotations=harmless,
            structured_output=False,
        )
    _add_resources(server, tools, rules)
    _add_prompts(server)
    return server


def serve(folders: Folders, rules: Sequence[str | Path] = ()) -> None:
    """Serve over standard input and output until the client leaves.

    Raises:
        UserError: the extra ``mcp`` is not installed.
    """
    build_server(folders, rules).run("stdio")


def _served(
    tool: Callable[..., Answer], folders: Folders, rules: Sequence[str | Path]
) -> Callable[..., Coroutine[Any, Any, CallToolResult]]:
    """Wrap a tool: guarded while it runs, what the user can mend told as the protocol tells it."""
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp.types import CallToolResult, TextContent

    @wraps(tool)
    async def run(**given: Any) -> CallToolResult:
        try:
            with guarded(folders.roots, [Path(one) for one in rules]):
                answer = tool(**given)
        except UserError as error:
            raise ToolError(str(error)) from None
        return CallToolResult(
            content=[TextContent(type="text", text=answer.text)],
            structured_content=answer.document,
        )

    return run


def _add_resources(server: MCPServer[Any], tools: Tools, rules: Sequence[str | Path]) -> None:
    from mcp.server.mcpserver.exceptions import ResourceNotFoundError

    from hpadvisor.integrations.skill import skill_text
    from hpadvisor.report.schemas import SCHEMAS

    for name, title in GUIDES.items():
        server.resource(
            f"hpadvisor://docs/{name}", name=name, title=title, mime_type="text/markdown"
        )(partial(_guide, name))
    for name in SCHEMAS:
        server.resource(
            f"hpadvisor://schema/{name}",
            name=f"schema-{name}",
            title=f"JSON Schema: {name}",
            mime_type="application/schema+json",
        )(partial(_schema, name, rules))
    server.resource(
        "hpadvisor://skill", name="skill", title="How an agent uses hpadvisor",
        mime_type="text/markdown",
    )(skill_text)  # fmt: skip

    def found(text: Callable[..., Answer], asked: str) -> str:
        try:
            return text(asked).text
        except UserError as error:
            raise ResourceNotFoundError(str(error)) from None

    @server.resource(
        "hpadvisor://rules", name="rules", title="Kinds and topics of rules",
        mime_type="text/plain",
    )  # fmt: skip
    def all_rules() -> str:
        return tools.rules().text

    @server.resource(
        "hpadvisor://rules/{rule_id}", name="rule", title="One rule or table entry, whole",
        mime_type="text/plain",
    )  # fmt: skip
    def one_rule(rule_id: str) -> str:
        return found(tools.rules, rule_id)

    @server.resource(
        "hpadvisor://hyperparameters/{name}", name="hyperparameter",
        title="A hyperparameter: ranges, limits, rules", mime_type="text/plain",
    )  # fmt: skip
    def one_hyperparameter(name: str) -> str:
        return found(tools.explain, name)

    _add_completion(server, rules)


def _guide(name: str) -> str:
    return guide_file(name).read_text(encoding="utf-8")


def _schema(name: str, rules: Sequence[str | Path]) -> str:
    from hpadvisor.report.schemas import schema
    from hpadvisor.visible import json_text

    return json_text(schema(name, rules))


def _add_completion(server: MCPServer[Any], rules: Sequence[str | Path]) -> None:
    """Complete the ids and names of the templates."""
    from mcp.types import Completion

    from hpadvisor.engine.loading import load_knowledge

    @server.completion()  # type: ignore[no-untyped-call, untyped-decorator]
    async def complete(_reference: Any, argument: Any, _context: Any) -> Completion:
        known = load_knowledge(rules)
        names = {
            "rule_id": [entry.id for entry in known.entries()],
            "name": [one.id for one in known.hyperparameters],
        }.get(argument.name, [])
        wanted = argument.value.casefold()
        fitting = [name for name in names if name.casefold().startswith(wanted)]
        return Completion(values=fitting[:100], total=len(fitting), has_more=len(fitting) > 100)


def _add_prompts(server: MCPServer[Any]) -> None:
    from mcp.server.mcpserver.prompts import Prompt

    for prompt in PROMPTS:
        server.add_prompt(
            Prompt.from_function(prompt, description=" ".join(str(prompt.__doc__).split()))
        )
