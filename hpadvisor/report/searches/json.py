"""An audit as JSON, the contract for programs."""

from __future__ import annotations

import json
from typing import Any

from hpadvisor.auditing.model import Audit


def render_json(audit: Audit) -> str:
    """Write an audit as JSON; what is not a number is null."""
    return json.dumps(document(audit), indent=2, ensure_ascii=False) + "\n"


def document(audit: Audit) -> dict[str, Any]:
    """Return the audit as plain values that JSON can hold."""
    plain: dict[str, Any] = json.loads(audit.model_dump_json())
    return plain
