"""The server, driven by the SDK's own client: over stdio and in this process."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

pytest.importorskip("mcp", reason="the SDK of the Model Context Protocol is not installed")

import anyio
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError
from mcp.types import (
    CallToolResult,
    ResourceTemplateReference,
    TextContent,
    TextResourceContents,
)

from hpadvisor.integrations.folders import Folders
from hpadvisor.integrations.guides import GUIDES
from hpadvisor.integrations.server import TITLES, build_server
from hpadvisor.report.schemas import SCHEMAS, schema
from tests.cli.running import hpadvisor
from tests.integrations.project import make_project

Steps = Callable[[Client], Awaitable[None]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("served") / "project")


def served(project: Path, steps: Steps) -> None:
    """Start the server as an agent does, and take some steps with it."""
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "hpadvisor", "mcp", str(project)],
        env=dict(os.environ), cwd=project.parent,
    )  # fmt: skip

    async def run() -> None:
        with anyio.fail_after(60):
            async with Client(stdio_client(parameters)) as client:
                await steps(client)

    anyio.run(run)


def asked(
    project: Path, steps: Steps, rules: list[Path] | None = None, *, mode: str = "auto"
) -> None:
    """Take some steps with a server in this process."""

    async def run() -> None:
        async with Client(build_server(Folders([project]), rules or []), mode=mode) as client:
            await steps(client)

    anyio.run(run)


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def call(client: Client, name: str, **arguments: Any) -> str:
    result = await client.call_tool(name, arguments)
    assert not result.is_error, text_of(result)
    return text_of(result)


async def refusal(client: Client, name: str, **arguments: Any) -> str:
    result = await client.call_tool(name, arguments)
    assert result.is_error
    return text_of(result)


def test_over_stdio_every_tool_answers(project: Path) -> None:
    async def steps(client: Client) -> None:
        assert client.server_info is not None
        assert client.server_info.name == "hpadvisor"
        assert [tool.name for tool in (await client.list_tools()).tools] == list(TITLES)
        assert "overfitting" in await call(client, "diagnose", paths=["runs/metrics.csv"])
        assert "SPC016" in await call(client, "check", paths=["conf"])
        audited = await call(
            client, "audit", path="trials.csv", objective="val_accuracy", direction="maximize"
        )
        assert "24 trials" in audited
        assert (await call(client, "plan", situation_file="situation.yaml")).startswith("TUNE")
        assert "Scale: log" in await call(client, "explain", question="lr")
        assert "SPC001" in await call(client, "rules", about="SPC001")
        assert "outside" in await refusal(client, "diagnose", paths=["../../etc/passwd"])

    served(project, steps)


def test_clients_of_the_older_protocol_are_served(project: Path) -> None:
    async def steps(client: Client) -> None:
        assert "2 hyperparameters" in await call(
            client, "plan", situation={"training": {"kind": "lora"}, "budget": {"trainings": 12}}
        )

    asked(project, steps, mode="legacy")


def test_every_tool_has_a_schema_that_says_what_each_argument_means(project: Path) -> None:
    async def steps(client: Client) -> None:
        for tool in (await client.list_tools()).tools:
            jsonschema.Draft202012Validator.check_schema(tool.input_schema)
            assert tool.description
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint
            for name, shape in tool.input_schema["properties"].items():
                assert shape.get("description"), f"{tool.name}.{name}"
                assert name != "self"

    asked(project, steps)


def test_json_answers_keep_the_published_schemas(project: Path) -> None:
    questions: list[tuple[str, str, dict[str, Any]]] = [
        ("plan", "plan", {"situation_file": "situation.yaml"}),
        ("diagnose", "diagnosis", {"paths": ["runs/metrics.csv"]}),
        (
            "audit",
            "audit",
            {"path": "trials.csv", "objective": "val_accuracy", "direction": "maximize"},
        ),
        ("check", "check", {"paths": ["conf"]}),
    ]

    async def steps(client: Client) -> None:
        for tool, name, arguments in questions:
            result = await client.call_tool(tool, {**arguments, "format": "json"})
            assert not result.is_error
            jsonschema.validate(result.structured_content, schema(name))
            assert json.loads(text_of(result)) == result.structured_content

    asked(project, steps)


def _without_next(page: str) -> list[str]:
    """Leave out what to run next: the command knows how it was called."""
    return [line for line in page.splitlines() if "--emit" not in line]


def test_the_answer_is_that_of_the_command(project: Path) -> None:
    wanted = hpadvisor("plan", project / "situation.yaml", "--no-input").stdout

    async def steps(client: Client) -> None:
        answer = await call(client, "plan", situation_file="situation.yaml")
        assert _without_next(answer) == _without_next(wanted)

    asked(project, steps)


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("plan", {"situation": {"training": {"kind": "lorra"}}}, "Did you mean 'lora'"),
        ("plan", {"situation": {"trainings": 3}}, "situation"),
        ("plan", {"situation_file": "nothing.yaml"}, "no such file"),
        ("diagnose", {"paths": ["runs/none.csv"]}, "no such file"),
        ("diagnose", {"paths": ["-"]}, "no such file"),
        ("diagnose", {"paths": ["runs/\0"]}, "outside"),
        ("audit", {"path": "postgresql://host/base"}, "no such file"),
        ("audit", {"path": "trials.csv", "noise": -1}, "greater than 0"),
        ("check", {"paths": ["conf"], "select": ["XYZ999"]}, "XYZ999"),
        ("rules", {"about": "SPC01"}, "Did you mean 'SPC0"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(
    project: Path, name: str, arguments: dict[str, Any], words: str
) -> None:
    async def steps(client: Client) -> None:
        told = await refusal(client, name, **arguments)
        assert words in told
        assert "Traceback" not in told

    asked(project, steps)


def test_a_noise_at_the_end_of_the_floats_is_judged(project: Path) -> None:
    async def steps(client: Client) -> None:
        for noise in (1e300, 1e-320):
            told = await call(
                client, "audit", path="trials.csv", objective="val_accuracy",
                direction="maximize", noise=noise,
            )  # fmt: skip
            assert "24 trials" in told

    asked(project, steps)


def test_resources_are_the_rules_the_guides_and_the_schemas(project: Path) -> None:
    async def read(client: Client, uri: str) -> str:
        (content,) = (await client.read_resource(uri)).contents
        assert isinstance(content, TextResourceContents)
        return content.text

    async def steps(client: Client) -> None:
        listed = {str(one.uri) for one in (await client.list_resources()).resources}
        assert {f"hpadvisor://docs/{name}" for name in GUIDES} < listed
        assert {f"hpadvisor://schema/{name}" for name in SCHEMAS} < listed
        for uri in listed:
            assert len(await read(client, uri)) > 100, uri
        assert "Learning rate searched" in await read(client, "hpadvisor://rules/SPC001")
        assert "Scale: log" in await read(client, "hpadvisor://hyperparameters/learning_rate")
        for uri in (
            "hpadvisor://rules/XYZ999",
            "hpadvisor://docs/..%2FREADME",
            "file:///etc/passwd",
        ):
            with pytest.raises(MCPError):
                await client.read_resource(uri)

    asked(project, steps)


def test_names_in_addresses_are_completed(project: Path) -> None:
    async def steps(client: Client) -> None:
        place = ResourceTemplateReference(uri="hpadvisor://hyperparameters/{name}")
        found = await client.complete(place, {"name": "name", "value": "weight_"})
        assert found.completion.values == ["weight_decay"]

    asked(project, steps)


def test_prompts_name_the_tool_and_forbid_inventing(project: Path) -> None:
    async def steps(client: Client) -> None:
        prompts = (await client.list_prompts()).prompts
        assert len(prompts) >= 5
        for prompt in prompts:
            (argument,) = prompt.arguments or []
            filled = await client.get_prompt(prompt.name, {argument.name: "runs/seven.csv"})
            content = filled.messages[0].content
            assert isinstance(content, TextContent)
            assert "runs/seven.csv" in content.text
            assert "add none of your own" in content.text
            assert re.search(rf"\b[Cc]all ({'|'.join(TITLES)})\b", content.text)

    asked(project, steps)


def test_own_rules_are_served(project: Path, tmp_path: Path) -> None:
    from hpadvisor.engine.template import RULE_TEMPLATE

    own = tmp_path / "own.yaml"
    own.write_text(RULE_TEMPLATE, encoding="utf-8")

    async def steps(client: Client) -> None:
        assert "Long warmup" in await call(client, "rules", about="OWN001")

    asked(project, steps, [own])


def test_a_long_answer_is_cut_and_says_so(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpadvisor.integrations.tools.LONGEST", 500)

    async def steps(client: Client) -> None:
        told = await call(client, "explain", question="learning_rate")
        assert "cut off at 500 characters" in told
        assert len(told) < 600

    asked(project, steps)
