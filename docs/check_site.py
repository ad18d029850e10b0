"""Look at the site as it was built: every link inside it leads somewhere, no asset is fetched.

python docs/check_site.py [FOLDER]    # build/site; exit 1 and a line for each fault
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
_FETCHED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src")}
_OF_NO_FETCH = {"canonical", "next", "prev", "alternate"}


class Page(HTMLParser):
    """Links and anchors of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[tuple[str, bool]] = []
        """Addresses, and whether a browser fetches them by itself."""
        self.anchors: set[str] = {""}
        self.headings = 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag links to, and what can be linked to."""
        found = {name: value or "" for name, value in attrs}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        self.headings += tag == "h1"
        for name in ("href", "src"):
            if name in found:
                fetched = (tag, name) in _FETCHED and found.get("rel") not in _OF_NO_FETCH
                self.links.append((found[name], fetched))


def faults(site: Path) -> list[str]:
    """Return a line for each fault of a site.

    Args:
        site: The folder of the built site.
    """
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    found = [] if pages else [f"{site}: no page"]
    for path, page in pages.items():
        name = path.relative_to(site)
        if not page.headings and path.name != "404.html":
            found.append(f"{name}: no main heading")
        for link, fetched in page.links:
            why = _fault(site, pages, path, link, fetched)
            if why:
                found.append(f"{name}: {link}: {why}")
    return found


def _fault(site: Path, pages: dict[Path, Page], path: Path, link: str, fetched: bool) -> str:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return "fetched from elsewhere" if fetched and parts.scheme in ("http", "https") else ""
    if path.name == "404.html":
        return ""  # its addresses hang on where the site lies
    base = site if parts.path.startswith("/") else path.parent
    target = (base / unquote(parts.path).lstrip("/")).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return "leads nowhere"
    if target in pages and unquote(parts.fragment) not in pages[target].anchors:
        return "no such place in the page"
    return ""


def main() -> int:
    """Check the site."""
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "site"
    found = faults(site.resolve())
    print("\n".join(found) or f"{sum(1 for _ in site.rglob('*.html'))} pages, every link holds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
