"""Headless Chromium by its own protocol over a pipe: nothing to install but the browser.

https://chromedevtools.github.io/devtools-protocol/ ; POSIX only.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
    "--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb",
    "--disable-background-networking", "--disable-dev-shm-usage",
)  # fmt: skip
PATIENCE = 60.0
"""Seconds that an answer may take."""
DRAWN = """new Promise((done) => {
  const look = () => {
    const open = [...document.querySelectorAll(".picture")].filter((one) => one.clientWidth > 0);
    const marks = (one) => one.classList.contains("drawn") && one.querySelector("svg");
    if (open.every(marks)) requestAnimationFrame(() => setTimeout(() => done(performance.now())));
    else setTimeout(look, 5);
  };
  look();
})"""
"""Milliseconds from the start until every picture that shows is drawn."""


def found() -> str | None:
    """The browser's program; None where none is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at.

    Attributes:
        width: Of the window, in CSS pixels.
        height: Of the window, in CSS pixels.
        scheme: What the system prefers.
        media: The screen, or paper.
    """

    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"
    media: Literal["screen", "print"] = "screen"


LOOKS = {
    "light": Look(900, 1200),
    "dark": Look(900, 1200, scheme="dark"),
    "phone": Look(390, 1200),
    "print": Look(794, 1123, media="print"),
}
"""Desktop light and dark, a phone, a sheet of A4 at 96 dots an inch."""


class Browser:
    """A running browser; pages are opened in it one after the other."""

    def __init__(self, program: str) -> None:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_child, ours = os.pipe()
        theirs, from_child = os.pipe()
        # The browser reads 3 and writes 4; both ends go through numbers that are neither.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_child, from_child)]

        def connect() -> None:
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self._process = subprocess.Popen(
            [program, *OPTIONS, f"--user-data-dir={self._profile.name}",
             "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=connect,  # noqa: PLW1509 - no threads here
        )  # fmt: skip
        for end in (to_child, from_child, *ends):
            os.close(end)
        self._out, self._in, self._left, self._number = ours, theirs, b"", 0
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come meanwhile are kept.

        Raises:
            RuntimeError: the browser refuses it, or has ended.
            TimeoutError: no answer.
        """
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        for answer in self._messages():
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)
        raise TimeoutError(method)

    def _messages(self) -> Iterator[dict[str, Any]]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            while b"\0" in self._left:
                text, _, self._left = self._left.partition(b"\0")
                yield json.loads(text)
            if select.select([self._in], [], [], 1.0)[0]:
                data = os.read(self._in, 1 << 20)
                if not data:
                    raise RuntimeError("the browser has ended")
                self._left += data

    def wait(self, event: str, session: str) -> None:
        """Wait for an event of a page.

        Raises:
            TimeoutError: it does not come.
        """
        if any(one.get("method") == event and one.get("sessionId") == session
               for one in self.events):  # fmt: skip
            return
        for one in self._messages():
            self.events.append(one)
            if one.get("method") == event and one.get("sessionId") == session:
                return
        raise TimeoutError(event)

    def close(self) -> None:
        """End it."""
        for end in (self._out, self._in):
            os.close(end)
        self._process.kill()
        self._process.wait()
        self._profile.cleanup()


class Page:
    """An open page.

    Attributes:
        said: What it wrote to the console, and its errors.
        asked: Addresses that it asked for, other than files and data of its own.
        drawn_ms: Milliseconds until its pictures were drawn.
    """

    def __init__(self, browser: Browser, address: str, look: Look, style: str = "") -> None:
        self._browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=target, flatten=True)
        self._target, self._session = target, str(attached["sessionId"])
        browser.events.clear()
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=look.width, height=look.height,
                  deviceScaleFactor=1, mobile=look.width < 500)  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": look.scheme}
        self.call("Emulation.setEmulatedMedia", media=look.media, features=[scheme])
        if style:
            text = json.dumps(style)
            self.call("Page.addScriptToEvaluateOnNewDocument", source=(
                "addEventListener('DOMContentLoaded', () => { const s = "
                f"document.createElement('style'); s.textContent = {text}; "
                "document.head.append(s); });"
            ))  # fmt: skip
        self.call("Page.navigate", url=address)
        browser.wait("Page.loadEventFired", self._session)
        if look.media == "print":
            self.value("dispatchEvent(new Event('beforeprint'))")
            self.value("new Promise((done) => setTimeout(done, 300))")
        self.drawn_ms = float(self.value(DRAWN))
        self._look = look
        self.said, self.asked = self._noted()

    def _noted(self) -> tuple[list[str], list[str]]:
        said, asked = [], []
        for event in self._browser.events:
            name, params = event.get("method"), event.get("params", {})
            if name in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                said.append(json.dumps(params)[:500])
            elif name == "Network.requestWillBeSent":
                address = str(params["request"]["url"])
                asked += [] if address.startswith(("file:", "data:", "about:")) else [address]
        return said, asked

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command to the page."""
        return self._browser.call(method, self._session, **params)

    def value(self, expression: str) -> Any:
        """Return what a JavaScript expression gives, awaited.

        Raises:
            RuntimeError: it throws.
        """
        found = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"])[:1000])
        return found["result"].get("value")

    def picture(self, tallest: int, quality: int) -> bytes:
        """Return the page as WebP, from its top down to ``tallest`` CSS pixels."""
        whole = self.value("document.documentElement.scrollHeight")
        height = min(tallest, max(int(whole), 1))
        clip = {"x": 0, "y": 0, "width": self._look.width, "height": height, "scale": 1}
        shot = self.call("Page.captureScreenshot", format="webp", quality=quality, clip=clip,
                         captureBeyondViewport=True)  # fmt: skip
        return base64.b64decode(shot["data"])

    def close(self) -> None:
        """Close it."""
        self._browser.call("Target.closeTarget", targetId=self._target)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run a browser for a while.

    Raises:
        FileNotFoundError: none is installed.
    """
    program = found()
    if program is None:
        raise FileNotFoundError("Chromium is not installed")
    browser = Browser(program)
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def opened(browser: Browser, path: Path, look: Look, style: str = "") -> Iterator[Page]:
    """Open a file for a while; ``style`` is put behind its own."""
    page = Page(browser, path.resolve().as_uri(), look, style)
    try:
        yield page
    finally:
        page.close()
