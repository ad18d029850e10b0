"""The pages that walk through a problem run as they stand; tests/test_architecture.py compares."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from tests.support import ROOT


@pytest.fixture(scope="module")
def walk() -> ModuleType:
    spec = importlib.util.spec_from_file_location("walk", ROOT / "docs" / "walk.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_problem_has_its_page(walk: ModuleType) -> None:
    names = {path.stem for path in walk.PAGES}
    assert {"validation-loss-rises", "learning-rate", "how-many-trials", "review-a-search",
            "lint-configs", "add-a-rule"} <= names  # fmt: skip
    for path in walk.PAGES:
        text = path.read_text(encoding="utf-8")
        assert "```sh\n" in text
        assert "```text\n```" not in text, f"{path.name}: an output is empty"


PAGE = """\
```yaml title="conf/a.yaml"
method: bayes
metric: {name: val_loss, goal: maximize}
parameters: {lr: {distribution: log_uniform_values, min: 1.0e-5, max: 0.1}}
```

```sh
hpadvisor check conf
```

```text
old
```
"""


def test_an_output_is_renewed_whole_or_as_far_as_it_is_shown(walk: ModuleType) -> None:
    assert "warning[SPC016]" in walk.walked(PAGE)
    assert "1 config checked" in walk.walked(PAGE)
    shown = walk.walked(PAGE.replace("old\n", "old\n…\n"))
    assert "warning[SPC016]" in shown
    assert "1 config checked" not in shown
    assert walk.walked(shown) == shown


@pytest.mark.parametrize(
    "line",
    ["hpadvisor check nowhere", "hpadvisor plan --training lorra", "rm -rf conf",
     "hpadvisor check --nonsense"],
)  # fmt: skip
def test_a_page_whose_command_fails_is_refused(walk: ModuleType, line: str) -> None:
    with pytest.raises(Exception, match=r"nowhere|lorra|rm -rf|nonsense"):
        walk.walked(PAGE.replace("hpadvisor check conf", line))


def test_a_refusal_is_shown_where_the_page_expects_it(walk: ModuleType) -> None:
    page = PAGE.replace("hpadvisor check conf", "hpadvisor check nowhere  # refused")
    assert "hpadvisor: nowhere: no such file or folder" in walk.walked(page)
