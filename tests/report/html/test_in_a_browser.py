"""The pages in headless Chromium: screenshots beside their references, accessibility, no word."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.pages import shots
from benchmarks.pages.browser import LOOKS, Browser, browsing, found, opened
from benchmarks.pages.samples import NAMES, pages

pytestmark = pytest.mark.skipif(found() is None, reason="Chromium is not installed")
AXE_PACKAGE = "axe_playwright_python"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as running:
        yield running


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return pages(tmp_path_factory.mktemp("pages"))


@pytest.mark.parametrize("name", NAMES)
def test_pages_look_like_their_references(
    browser: Browser, written: dict[str, Path], name: str
) -> None:
    if not shots.same_letters(browser):
        pytest.skip("the letters of the references (DejaVu Sans) are not installed")
    for look in LOOKS:
        shot = shots.shoot(browser, written[name], look)
        assert shot.said == [], look
        assert shot.asked == [], look
        difference = shots.difference(browser, shot.picture, shots.reference(name, look))
        assert difference <= shots.TOLERANCE, (look, shots.RENEW)


def test_what_looks_otherwise_is_seen(browser: Browser, written: dict[str, Path]) -> None:
    """Of the whole in another scheme, to a picture that is not drawn, or drawn in part."""
    light = shots.shoot(browser, written["audit"], "light").picture
    dark = shots.shoot(browser, written["audit"], "dark").picture
    assert shots.difference(browser, light, light) == 0
    assert shots.difference(browser, light, dark) > 10 * shots.TOLERANCE
    for gone in (".picture svg", ".mark-symbol", "table"):
        style = f"{gone} {{visibility: hidden !important}}"
        other = shots.shoot(browser, written["audit"], "light", style).picture
        assert shots.difference(browser, light, other) > shots.TOLERANCE, gone


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_stands_in_the_way_of_a_reader(
    browser: Browser, written: dict[str, Path], name: str, look: str
) -> None:
    """By axe-core, with everything unfolded."""
    spec = importlib.util.find_spec(AXE_PACKAGE)
    if spec is None or spec.origin is None:
        pytest.skip("axe-core is not installed; .ci/pages has it")
    script = Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8")
    with opened(browser, written[name], LOOKS[look]) as page:
        page.value("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.value(f"{script}; 0")
        violations = page.value("axe.run(document).then((found) => found.violations)")
    told = [
        f"{one['id']}: {node['html'][:200]} {json.dumps(node['any'][:1])[:300]}"
        for one in violations
        for node in one["nodes"][:3]
    ]
    assert told == []
