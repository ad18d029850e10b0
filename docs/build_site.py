"""Gather what the documentation's site is built from; ``.ci/docs`` builds it.

    python docs/build_site.py    # writes build/docs, and zensical.toml for it

The guides are copied, the reference is generated, links into the repository become its text.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from notebooks import PATH as NOTEBOOK
from notebooks import as_markdown, executed
from reference import pages

from hpadvisor.engine.loading import load_knowledge

ROOT = Path(__file__).resolve().parent.parent
DOCS, BUILD = ROOT / "docs", ROOT / "build"
COPIED = (".md", ".svg", ".png", ".webp", ".json", ".html")
NAV: list[dict[str, Any]] = [
    {"Home": "index.md"},
    {"Problems": [
        {"My validation loss rises": "problems/validation-loss-rises.md"},
        {"Which learning rate?": "problems/learning-rate.md"},
        {"How many trials?": "problems/how-many-trials.md"},
        {"Review my search": "problems/review-a-search.md"},
        {"Lint my configs in CI": "problems/lint-configs.md"},
        {"Tune my training command": "problems/tune-my-command.md"},
    ]},
    {"Guides": [
        {"A situation": "situation.md"}, {"Diagnose": "diagnose.md"}, {"Live": "live.md"},
        {"Notebook": "notebook.md"},
        {"Check": "check.md"}, {"Audit": "audit.md"}, {"Run": "run.md"},
        {"The whole loop": "loop.md"},
        {"Emitted searches": "engines.md"}, {"Pages": "pages.md"}, {"Agents": "agents.md"},
        {"Editors and projects": "editors.md"}, {"Add a rule": "add-a-rule.md"},
        {"Security": "security.md"},
    ]},
    {"Evidence": [
        {"Plans": "evidence.md"}, {"Diagnoses": "clinic.md"},
        {"Verdicts on public logs": "field-verdicts.md"}, {"Experiments": "plan-experiments.md"},
        {"Twenty situations, judged again": "plan-review.md"},
        {"Decisions": "decisions-diagnose.md"},
    ]},
    {"Reference": [
        {"Commands": "reference/commands/index.md"}, {"All helps": "commands.md"},
        {"Rules": "reference/rules/index.md"},
        {"Hyperparameters": "reference/hyperparameters/index.md"},
        {"Kinds": "reference/kinds/index.md"},
        {"Formats": "reference/formats/index.md"}, {"Engines": "reference/engines/index.md"},
        {"Rules of check": "check-rules.md"}, {"Classes of mistakes": "check-classes.md"},
        {"Chapters": "knowledge.md"},
        {"API": "reference/api.md"},
    ]},
]  # fmt: skip
"""The navigation; problems come first."""
LEAVING = re.compile(r"\[([^\]]+)\]\(\.\./(?!problems/)[^)]*\)")
"""A link that leaves the folder of the documentation."""


def main() -> None:
    """Write the source of the site."""
    source = BUILD / "docs"
    shutil.rmtree(source, ignore_errors=True)
    for path in sorted(DOCS.rglob("*")):
        if path.is_file() and (path.suffix in COPIED or path.parent.name == "loop"):
            _put(source / path.relative_to(DOCS), own(path))
    for name, text in pages(load_knowledge()).items():
        _put(source / name, text.encode())
    notebook = executed(NOTEBOOK.read_text(encoding="utf-8"), drawn=True)
    _put(source / "notebook.md", as_markdown(notebook).encode())
    (BUILD / "zensical.toml").write_text(config(), encoding="utf-8")
    print(f"wrote {source.relative_to(ROOT)}: {sum(1 for _ in source.rglob('*.md'))} pages")


def own(path: Path) -> bytes:
    """Return a file; a page of the top folder without links that leave it."""
    if path.suffix != ".md" or path.parent != DOCS:
        return path.read_bytes()
    text = LEAVING.sub(r"\1", path.read_text(encoding="utf-8"))
    return text.replace("(notebook.ipynb)", "(notebook.md)").encode()


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def config() -> str:
    """Return the configuration of the site's builder."""
    return f"""\
[project]
site_name = "hpadvisor"
site_description = "Advice on hyperparameter tuning, with reasons."
docs_dir = "docs"
site_dir = "site"
nav = {_toml([*NAV, *_more()])}

[project.theme]
font = false
features = ["navigation.indexes", "navigation.tabs", "search.highlight", "content.code.copy"]

[[project.theme.palette]]
media = "(prefers-color-scheme: light)"
scheme = "default"
toggle = {{ icon = "lucide/sun", name = "Dark" }}

[[project.theme.palette]]
media = "(prefers-color-scheme: dark)"
scheme = "slate"
toggle = {{ icon = "lucide/moon", name = "Light" }}

[project.markdown_extensions.tables]
[project.markdown_extensions.toc]
permalink = true
[project.markdown_extensions.pymdownx.superfences]
[project.markdown_extensions.pymdownx.highlight]
"""


def _more() -> list[dict[str, Any]]:
    """Return the pages that the navigation does not name yet, by their headings."""
    named = re.findall(r'"([^"]+\.md)"', json.dumps(NAV))
    pages = [path for path in sorted(DOCS.glob("*.md")) if path.name not in named]
    found = [{_heading(path): path.name} for path in pages]
    return [{"More": found}] if found else []


def _heading(path: Path) -> str:
    found = re.search(r"^# (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1].replace("`", "") if found else path.stem


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items())
        return f"{{ {', '.join(pairs)} }}"
    return json.dumps(value)


if __name__ == "__main__":
    main()
