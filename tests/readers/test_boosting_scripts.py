"""Scripts that boost trees: where it is sure that nothing stops them, and where it is not."""

from __future__ import annotations

import ast

import pytest

from hpadvisor.readers.scripts.boosting import unstopped_trees

FLAGS = "parser.add_argument('--rounds', type=int, default=90)\n"


@pytest.mark.parametrize(
    "code",
    [
        "model = XGBRegressor(n_estimators=args.rounds)\n",
        "model = lgb.LGBMClassifier(n_estimators=args.rounds)\n",
        "model = xgb.train({'eta': 0.2}, rows, num_boost_round=args.rounds)\n",
        "model = GradientBoostingClassifier(n_estimators=args.rounds, n_iter_no_change=None)\n",
        "model = HistGradientBoostingRegressor(max_iter=args.rounds, early_stopping=False)\n",
        "model = CatBoostRegressor(iterations=args.rounds)\nmodel.fit(x, y)\n",
        "model = lgb.train({'early_stopping_round': 0}, rows, args.rounds)  # no early_stopping\n",
    ],
)
def test_nothing_stops_these(code: str) -> None:
    assert unstopped_trees(ast.parse(FLAGS + code)) == 2


@pytest.mark.parametrize(
    "code",
    [
        "model = XGBRegressor(early_stopping_rounds=30)\n",
        "model = lgb.train(p, rows, callbacks=[lgb.early_stopping(20)])\n",
        "model = GradientBoostingClassifier(n_iter_no_change=5)\n",
        "model = XGBRegressor(early_stopping_rounds=args.patience)\n",
        "parser.add_argument('--early-stopping-rounds', default=0)\nmodel = XGBRegressor()\n",
        "model = HistGradientBoostingRegressor(max_iter=args.rounds)\n",
        "model = CatBoostRegressor()\nmodel.fit(x, y, eval_set=(a, b))\n",
        "model = lgb.train(yaml.safe_load(open('params.yaml')), rows)\n",
        "model = XGBRegressor(early_stopping_rounds=0.5)\n",
        "model = build(args.rounds)\n",
        "model = RandomForestRegressor(n_estimators=args.rounds)\n",
    ],
)
def test_of_these_it_is_not_sure(code: str) -> None:
    assert unstopped_trees(ast.parse(FLAGS + code)) is None
