"""Search hyperparameters of a scikit-learn estimator, by a plan.

    from THIS_FILE import search

    found = search(Pipeline([...]), X, y, prefix="clf__", results="cv_results.csv")

`prefix` stands before each name ("clf__" for a step named clf of a pipeline). The baseline is
scored first, on the same folds; configurations of an earlier search that the plan knows are not
tried again, and stand in the results. Review them: hpadvisor audit cv_results.csv --baseline 0
"""

from __future__ import annotations

import functools
from typing import Any

from hpadvisor.search.on_sklearn import search_estimator

# --- plan: begin ---
PLAN: dict[str, Any] = {
    "space": [
        {"name": "learning_rate", "type": "float", "low": 1e-05, "high": 0.1, "scale": "log"},
    ],
    "baseline": {"learning_rate": 0.001},
    "phases": [{"name": "Search", "strategy": "bayesian", "trials": 10}],
}
# --- plan: end ---

search = functools.partial(search_estimator, PLAN)
