"""The families of tasks, by name."""

from __future__ import annotations

from benchmarks.plans.adapters import FILE, load_adapters
from benchmarks.plans.surrogate import FOLDER, load_surrogate
from benchmarks.plans.tables import load_tables
from benchmarks.plans.tasks import Task

FAMILIES = ("lcbench", "fcnet", "hpobench", "lora")


def load_family(family: str) -> list[Task]:
    """Load the development tasks of a family."""
    if family == "lcbench":
        return load_surrogate()
    if family == "lora":
        return load_adapters()
    return load_tables(family)


def missing(family: str) -> str | None:
    """Say why a family cannot be run here; None when it can."""
    if family == "lcbench" and not FOLDER.is_dir():
        return f"the LCBench surrogate of yahpo_data is not in {FOLDER}"
    if family == "lora" and not FILE.is_file():
        return f"the LoRA table of tinker-cookbook is not at {FILE}"
    return None
