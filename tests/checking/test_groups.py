"""Configs of one folder against each other."""

from __future__ import annotations

from pathlib import Path

from hpadvisor.checking.running import check_paths
from hpadvisor.checking.settings import CheckSettings

TEXT = (
    "base_model: m\ndatasets: [{{path: d}}]\nmicro_batch_size: {micro}\n"
    "gradient_accumulation_steps: {steps}\nlearning_rate: {rate}\noptimizer: adamw_torch\n"
)


def hits(folder: Path, persona: str = "pedantic") -> list[str]:
    result = check_paths([str(folder)], CheckSettings(persona=persona))
    return [Path(f.path).name for f in result.findings if f.rule.id == "CFG021"]


def test_same_rate_at_a_far_batch_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEXT.format(micro=1, steps=1, rate=0.0001))
    (tmp_path / "b.yaml").write_text(TEXT.format(micro=8, steps=4, rate=0.0001))
    assert hits(tmp_path) == ["b.yaml"]
    assert hits(tmp_path, "default") == []


def test_other_rates_are_no_pair(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEXT.format(micro=1, steps=1, rate=0.0001))
    (tmp_path / "b.yaml").write_text(TEXT.format(micro=8, steps=4, rate=0.0002))
    assert hits(tmp_path) == []
