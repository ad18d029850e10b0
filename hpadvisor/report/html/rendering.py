"""Documents to one HTML file: the template, and Vega for the pictures, all of it inside.

Needs the extra ``html``: Jinja2 fills the template, and vl-convert brings Vega's scripts, so that
no page asks an address for anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpadvisor.errors import UserError
from hpadvisor.report.html.document import Document, Figure, Tone

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

FOLDER = Path(__file__).resolve().parent / "page"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
VERSION = "6.4"
"""Of Vega-Lite: what the specifications are written for."""

MARKS: dict[Tone, str] = {"good": "✓", "warning": "▲", "bad": "✗", "plain": "●"}


def html_page(documents: Sequence[Document], title: str = "") -> str:
    """Render documents as one page that needs no network.

    Args:
        documents: What to show, in order.
        title: Title of the page; that of the only document where there is one.

    Raises:
        UserError: the extra ``html`` is not installed.
    """
    from hpadvisor import __version__

    template = _template()
    drawn = any(document.figures for document in documents)
    first = documents[0]
    return template.render(
        documents=documents,
        title=title or f"{first.kind}: {first.title}",
        version=__version__,
        marks=MARKS,
        style=_asset("page.css"),
        script=_markup(_vega()) if drawn else "",
        drawing=_asset("page.js"),
        specification=_specification,
    )


def figure_svg(figure: Figure, width: int = 640) -> str:
    """Render a picture as SVG, for Markdown and documents.

    Raises:
        UserError: the extra ``html`` is not installed.
    """
    try:
        import vl_convert
    except ImportError:
        raise _missing() from None
    svg: str = vl_convert.vegalite_to_svg(_sized(figure, width), vl_version=VERSION)
    return svg


def _sized(figure: Figure, width: int) -> dict[str, Any]:
    specification = {"$schema": SCHEMA, **figure.spec}
    if figure.layout == "rows":
        views = [{**view, "width": width - 150} for view in figure.spec["vconcat"]]
        return {**specification, "vconcat": views}
    if figure.layout == "tiles":
        views = [{**view, "width": width // 3 - 70} for view in figure.spec["concat"]]
        return {**specification, "concat": views}
    return {**specification, "width": width}


def _specification(figure: Figure) -> Markup:
    """A specification inside a script element, which no text in it can end."""
    text = json.dumps(
        {"$schema": SCHEMA, **figure.spec},
        ensure_ascii=True, allow_nan=False, separators=(",", ":"),
    )  # fmt: skip
    return _markup(text.replace("<", "\\u003c"))


def breakable(text: str) -> Markup:
    """Escape a text that may break within long names, and never between ``×`` and its number."""
    from markupsafe import escape

    kept = re.sub(r"([×÷]) (?=\d)", "\\1\u00a0", text)
    return _markup(re.sub(r"([/_=]|,(?!\d))(?=[^\s<&])", r"\1<wbr>", str(escape(kept))))


@lru_cache(maxsize=1)
def _template() -> Template:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError:
        raise _missing() from None
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["breakable"] = breakable
    return environment.get_template("page.html")


@lru_cache(maxsize=1)
def _vega() -> str:
    """Return the scripts of Vega, Vega-Lite and Vega-Embed."""
    try:
        import vl_convert
    except ImportError:
        raise _missing() from None
    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=VERSION)
    return script.replace("</script", "<\\/script")


def _asset(name: str) -> Markup:
    return _markup((FOLDER / name).read_text(encoding="utf-8"))


def _markup(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - our own assets, and JSON whose signs are escaped


def _missing() -> UserError:
    return UserError(
        "an HTML page needs Jinja2 and vl-convert",
        path="--format html",
        remedy="Install them: pip install 'hpadvisor[html]'.",
    )
