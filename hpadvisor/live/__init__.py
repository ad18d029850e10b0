"""Live: a training is judged while it runs, in a plain loop or by a callback of its library.

``Advisor`` serves a plain loop; ``HuggingFaceCallback``, ``LightningCallback``, ``KerasCallback``,
``FastaiCallback``, ``XGBoostCallback`` and ``LightGBMCallback`` feed one from a trainer. A library
is imported when its callback is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hpadvisor.live.advisor import Advisor as Advisor
    from hpadvisor.live.advisor import News as News
    from hpadvisor.live.on_fastai import FastaiCallback as FastaiCallback
    from hpadvisor.live.on_keras import KerasCallback as KerasCallback
    from hpadvisor.live.on_lightgbm import LightGBMCallback as LightGBMCallback
    from hpadvisor.live.on_lightning import LightningCallback as LightningCallback
    from hpadvisor.live.on_transformers import HuggingFaceCallback as HuggingFaceCallback
    from hpadvisor.live.on_xgboost import XGBoostCallback as XGBoostCallback

_HOMES = {
    "Advisor": ("advisor", ""),
    "News": ("advisor", ""),
    "HuggingFaceCallback": ("on_transformers", "transformers"),
    "LightningCallback": ("on_lightning", "lightning"),
    "KerasCallback": ("on_keras", "keras"),
    "FastaiCallback": ("on_fastai", "fastai"),
    "XGBoostCallback": ("on_xgboost", "xgboost"),
    "LightGBMCallback": ("on_lightgbm", "lightgbm"),
}

__all__ = [
    "Advisor",
    "FastaiCallback",
    "HuggingFaceCallback",
    "KerasCallback",
    "LightGBMCallback",
    "LightningCallback",
    "News",
    "XGBoostCallback",
]


def __getattr__(name: str) -> Any:
    """Import the home of a public name when it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, library = _HOMES[name]
    try:
        return getattr(import_module(f"{__name__}.{module}"), name)
    except ModuleNotFoundError as error:
        if not library or error.name is None or error.name.partition(".")[0] == "hpadvisor":
            raise
        raise ModuleNotFoundError(
            f"{name} needs {library}, and {error.name} is not installed. "
            f"Install it: pip install {library}",
            name=error.name,
        ) from None


def __dir__() -> list[str]:
    """The public names, for completion."""
    return sorted(__all__)
