"""``hpadvisor mcp``: a server of the Model Context Protocol, for coding agents and chats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpadvisor.cli.options import RulesOption


def mcp(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders that may be read; nothing else is. None: no file is read.",
            metavar="FOLDER...",
        ),
    ] = None,
    rules: RulesOption = None,
) -> None:
    """Serve until the client leaves."""
    from hpadvisor.integrations.folders import Folders
    from hpadvisor.integrations.server import serve

    serve(Folders(folders or []), rules or [])
