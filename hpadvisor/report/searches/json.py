"""An audit as JSON, the contract for programs."""

from __future__ import annotations

from typing import Any

from hpadvisor.auditing.model import Audit
from hpadvisor.visible import json_text


def render_json(audit: Audit) -> str:
    """Write an audit as JSON; what is not a number is null."""
    return json_text(document(audit)) + "\n"


def document(audit: Audit) -> dict[str, Any]:
    """Return the audit as plain values that JSON can hold."""
    return audit.model_dump(mode="python")
