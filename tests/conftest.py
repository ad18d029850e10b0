"""What all tests share: the shipped knowledge, loaded once, and a quiet, steady environment."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import load_knowledge

settings.register_profile(
    "hpadvisor",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("hpadvisor")


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """Everything that ships in rules/."""
    return load_knowledge()


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what a developer's shell says of colours and width."""
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
