"""hpadvisor: advice on hyperparameter tuning, with reasons.

The Python API mirrors the commands: ``hpadvisor.plan(situation)``. Names are resolved lazily, so
that importing the package costs nothing.
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False  # typing takes milliseconds, in which Ctrl-C would show its traceback
if TYPE_CHECKING:
    from typing import Any

    from hpadvisor.api import audit as audit
    from hpadvisor.api import check as check
    from hpadvisor.api import diagnose as diagnose
    from hpadvisor.api import diagnose_changes as diagnose_changes
    from hpadvisor.api import plan as plan
    from hpadvisor.api import run as run
    from hpadvisor.api import watch as watch

__all__ = ["__version__", "audit", "check", "diagnose", "diagnose_changes", "plan", "run", "watch"]


def __getattr__(name: str) -> Any:
    """Resolve a public function on first use."""
    if name in __all__:
        from hpadvisor import api

        return getattr(api, name)
    if name == "live":
        from importlib import import_module

        return import_module("hpadvisor.live")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Name what there is, though it is resolved later: editors and notebooks complete it."""
    return sorted([*__all__, "live"])
