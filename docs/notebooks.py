"""The notebook, run cell by cell in this process, so that what it shows stays true.

docs/generate.py keeps its outputs fresh, pictures told in words; the site has it with pictures.
``.ci/docs`` runs it in a real kernel, too.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PATH = Path(__file__).resolve().parent / "notebook.ipynb"


def executed(text: str, *, drawn: bool) -> dict[str, Any]:
    """Return a notebook with the outputs of its cells as they are today.

    Args:
        text: The notebook as JSON.
        drawn: Whether pictures are drawn, rather than told in words.

    Raises:
        Exception: whatever a cell raises; a fault in a cell is a fault in the docs.
    """
    notebook: dict[str, Any] = json.loads(text)
    names: dict[str, Any] = {"__name__": "__main__"}
    with _apart(drawn):
        count = 0
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                count += 1
                cell["execution_count"] = count
                cell["outputs"] = list(_outputs("".join(cell["source"]), names, count))
    return notebook


def notebook_text(notebook: dict[str, Any]) -> str:
    """Return a notebook as it is written to disk."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def as_markdown(notebook: dict[str, Any]) -> str:
    """Return an executed notebook as a page of the site."""
    return "\n\n".join(part for cell in notebook["cells"] for part in _parts(cell)) + "\n"


def _parts(cell: dict[str, Any]) -> Iterator[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source
        return
    yield f"```python\n{source}\n```"
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            yield f"```text\n{''.join(output['text']).rstrip()}\n```"
        elif "text/html" in output["data"]:
            # One line: a blank one would end the block of HTML.
            html = "".join(output["data"]["text/html"]).replace("\n", "&#10;")
            yield f"<div>{html}</div>"
        else:
            yield f"```text\n{''.join(output['data']['text/plain'])}\n```"


def _outputs(source: str, names: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    """Run a cell; what it prints, and the value of its last expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    out = io.StringIO()
    value = None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        exec(compile(tree, "<cell>", "exec"), names)  # noqa: S102 - the project's own notebook
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307
    if out.getvalue():
        yield {"output_type": "stream", "name": "stdout", "text": _lines(out.getvalue())}
    if value is not None:
        data = {"text/plain": _lines(_plain(value))}
        if hasattr(value, "_repr_html_"):
            data["text/html"] = _lines(value._repr_html_())
        yield {"output_type": "execute_result", "execution_count": count, "metadata": {},
               "data": data}  # fmt: skip


def _plain(value: Any) -> str:
    return f"<{type(value).__name__}>" if hasattr(value, "_repr_html_") else repr(value)


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


@contextlib.contextmanager
def _apart(drawn: bool) -> Iterator[None]:
    """An empty folder, settings of no terminal, and no pictures where none are wanted."""
    before, held = dict(os.environ), sys.modules.get("vl_convert")
    os.environ.update(COLUMNS="88", NO_COLOR="1")
    if not drawn:
        sys.modules["vl_convert"] = None  # type: ignore[assignment]
    try:
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        if not drawn:
            del sys.modules["vl_convert"]
            if held is not None:
                sys.modules["vl_convert"] = held
