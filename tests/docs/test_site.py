"""The site's source: every entry has its page, and every link between pages leads somewhere."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from hpadvisor.cli.main import COMMANDS
from hpadvisor.emit.engines import ENGINES
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import load_knowledge
from tests.support import ROOT

DOCS = ROOT / "docs"
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge([])


@pytest.fixture(scope="module")
def modules() -> Iterator[tuple[ModuleType, ModuleType]]:
    """The builder and the checker, which stand beside the pages."""
    sys.path.insert(0, str(DOCS))
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        yield import_module("build_site"), import_module("check_site")
    finally:
        os.chdir(before)
        sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def reference(modules: tuple[ModuleType, ModuleType], knowledge: Knowledge) -> dict[str, str]:
    found: dict[str, str] = modules[0].pages(knowledge)
    return found


@pytest.fixture(scope="module")
def written(modules: tuple[ModuleType, ModuleType]) -> dict[str, str]:
    """The pages that are copied, as they are copied."""
    pages = {
        path.relative_to(DOCS).as_posix(): modules[0].own(path).decode()
        for path in DOCS.rglob("*.md")
    }
    notebook = json.loads((DOCS / "notebook.ipynb").read_text(encoding="utf-8"))
    return {**pages, "notebook.md": modules[0].as_markdown(notebook)}


def test_everything_has_its_page(reference: dict[str, str], knowledge: Knowledge) -> None:
    wanted = {f"reference/kinds/{item.id}.md" for item in knowledge.trainings}
    wanted |= {f"reference/engines/{name}.md" for name in ENGINES}
    wanted |= {f"reference/commands/{name}.md" for name in COMMANDS}
    wanted |= {
        f"reference/hyperparameters/{item.id}.md"
        for item in knowledge.hyperparameters
        if item.group != "abstract"
    }
    wanted |= {f"reference/rules/{rule.id}.md" for rule in knowledge.rules}
    wanted |= {
        f"reference/rules/{entry.id}.md" for entry in (*knowledge.ranges, *knowledge.claims)
    }
    assert wanted <= set(reference)
    assert sum(name.startswith("reference/formats/") for name in reference) > 60


def test_a_page_says_what_the_entry_says(reference: dict[str, str], knowledge: Knowledge) -> None:
    page = reference["reference/rules/SPC001.md"]
    entry = knowledge.find("SPC001")
    assert entry is not None
    assert page.startswith(f"# SPC001 {entry.title}\n")
    assert "log_uniform_values" in page
    learning_rate = reference["reference/hyperparameters/learning_rate.md"]
    for entry in knowledge.ranges:
        if entry.hyperparameter == "learning_rate":
            assert f"[{entry.id}](../rules/{entry.id}.md)" in learning_rate


def test_every_link_between_pages_leads_somewhere(
    reference: dict[str, str], written: dict[str, str]
) -> None:
    pages = written | reference
    assets = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*") if path.is_file()}
    broken = []
    for name, text in pages.items():
        bare = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        for link in LINK.findall(bare):
            target = link.partition("#")[0]
            if "://" in link or not target:
                continue
            place = os.path.normpath(Path(name).parent / target)
            if place not in pages and place not in assets:
                broken.append(f"{name}: {link}")
    assert not broken, "\n".join(broken)


def test_the_navigation_names_pages_that_are_there(
    modules: tuple[ModuleType, ModuleType], reference: dict[str, str], written: dict[str, str]
) -> None:
    named = re.findall(r'"([^"]+\.md)"', modules[0].config())
    assert len(named) > 20
    assert set(named) <= set(written) | set(reference)
    assert {name for name in written if "/" not in name} <= set(named)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('<h1>a</h1><a href="other.html">x</a>', "leads nowhere"),
        ('<h1>a</h1><a href="#there">x</a>', "no such place"),
        ('<h1>a</h1><script src="https://example.org/a.js"></script>', "fetched from elsewhere"),
        ("<p>a</p>", "no main heading"),
    ],
)
def test_faults_of_a_built_site_are_found(
    modules: tuple[ModuleType, ModuleType], tmp_path: Path, body: str, why: str
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text(f"<html>{body}</html>", encoding="utf-8")
    (fault,) = modules[1].faults(site)
    assert why in fault


def test_a_sound_site_has_no_fault(modules: tuple[ModuleType, ModuleType], tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "index.html").write_text(
        '<h1 id="top">a</h1><a href="below/#there">x</a><a href="https://example.org">y</a>',
        encoding="utf-8",
    )
    (tmp_path / "below" / "index.html").write_text(
        '<h1 id="there">b</h1><a href="../#top">x</a>', encoding="utf-8"
    )
    assert modules[1].faults(tmp_path) == []


def test_the_pictures_of_the_readme_are_there_and_say_what_they_show() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", text)
    assert len(found) >= 5
    for words, path in found:
        assert words.startswith("What ")
        if path.endswith(".webp"):
            assert (ROOT / path).is_file()
            continue
        svg = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(r"<title>hpadvisor \w+", svg)
        assert "prefers-color-scheme" in svg
        assert not re.search(r"(?:href|src|url)\s*[=(]", svg)  # nothing is fetched
    for link in LINK.findall(text):
        if "://" not in link:
            assert (ROOT / link.partition("#")[0]).exists(), link
