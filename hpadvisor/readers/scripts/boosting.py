"""Whether the boosted trees of a script stop by themselves, by its source; nothing is run."""

from __future__ import annotations

import ast
import re
from typing import Final

from hpadvisor.readers.scripts.folding import dotted

_BOOSTER: Final = re.compile(
    r"(?:^|\.)(?:XGB(?:RF)?(?:Regressor|Classifier|Ranker)|LGBM(?:Regressor|Classifier|Ranker)"
    r"|CatBoost(?:Regressor|Classifier|Ranker)?|(?:Hist)?GradientBoosting(?:Regressor|Classifier)"
    r"|(?:xgb|xgboost|lgb|lightgbm)\.(?:train|cv))$"
)
_STOPS: Final = re.compile(
    r"(?:early[_-]?stop\w*|n_iter_no_change|od_(?:wait|type|pval)|use_best_model|stopping_rounds)"
    r"(?P<off>['\"]?\s*[=:]\s*(?:False|None|0)\b(?!\.))?",
    re.IGNORECASE,
)
_BY_ROWS: Final = "HistGradientBoosting"
"""Stops by itself on large tables, where nothing is said."""
_KEEPS_THE_BEST: Final = "CatBoost"
"""Keeps the best of its rounds where it is given rows to validate on."""
_ELSEWHERE: Final = re.compile(
    r"\b(?:yaml|toml|tomllib|OmegaConf|hydra|configparser|json\.loads?)\b"
)
"""What reads settings from another file."""


def unstopped_trees(module: ast.Module) -> int | None:
    """Return the line where trees are boosted to their full number; None where that is not sure.

    It is sure where the booster is made here, its settings come from no other file, and nothing
    speaks of early stopping but to switch it off.

    Args:
        module: The script.
    """
    calls = [item for item in ast.walk(module) if isinstance(item, ast.Call)]
    made = [call for call in calls if _BOOSTER.search(dotted(call.func))]
    if not made:
        return None
    try:
        code = ast.unparse(module)
    except (RecursionError, ValueError):
        return None
    spoken = list(_STOPS.finditer(code))
    if _ELSEWHERE.search(code) or any(one["off"] is None for one in spoken):
        return None
    asks = _BY_ROWS in code and not spoken
    keeps = _KEEPS_THE_BEST in code and "eval_set" in code
    return None if asks or keeps else min(call.lineno for call in made)
