"""Whatever stands in a file: a diagnosis or one line, never a traceback."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpadvisor.api import diagnose
from hpadvisor.diagnosing.composer import ELSEWHERE
from hpadvisor.diagnosing.model import Diagnosis
from hpadvisor.engine.knowledge import Knowledge
from hpadvisor.engine.loading import load_knowledge
from hpadvisor.errors import UserError
from hpadvisor.facts.vocabulary import DIAGNOSES

SHARED = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "curves"
QUICK = settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(without=ELSEWHERE)


def survive(path: Path, knowledge: Knowledge) -> Diagnosis | None:
    try:
        diagnosis = diagnose(path, knowledge=knowledge)
    except UserError as error:
        message = str(error)
        diagnosis = None
    if diagnosis is None:
        assert "\n" not in message
        return None
    json.dumps(diagnosis.to_dict(), allow_nan=False)
    for run in diagnosis.runs:
        assert run.verdict in DIAGNOSES
        assert 0 <= run.confidence <= 1
        assert run.judged or run.reason
    return diagnosis


@QUICK
@given(data=st.binary(max_size=600))
def test_any_bytes(tmp_path: Path, knowledge: Knowledge, data: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(data)
    survive(path, knowledge)


CELLS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(str),
    st.integers(-10, 10).map(str),
    st.sampled_from(["", "nan", "null", "-", "1,5", "50%", "x", '"', "1e999", "0x10", "١"]),
)


@QUICK
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=30),
    separator=st.sampled_from([",", ";", "\t", " "]),
)
def test_any_table(
    tmp_path: Path, knowledge: Knowledge, rows: list[list[str]], separator: str
) -> None:
    path = tmp_path / "log.csv"
    header = separator.join(("epoch", "train_loss", "val_loss", "lr", "acc"))
    path.write_text("\n".join([header, *(separator.join(row) for row in rows)]))
    survive(path, knowledge)


@QUICK
@given(
    values=st.lists(
        st.one_of(
            st.floats(allow_nan=True, allow_infinity=True),
            st.floats(min_value=0, max_value=5),
            st.just(0.0),
        ),
        min_size=5,
        max_size=60,
    )
)
def test_a_broken_curve_gets_no_all_clear(knowledge: Knowledge, values: list[float]) -> None:
    run = diagnose({"train_loss": values, "val_loss": values[::-1]}, knowledge=knowledge).runs[0]
    if not math.isfinite(values[-1]):
        assert run.verdict != "healthy"


@QUICK
@given(value=st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5)
    | st.dictionaries(
        st.sampled_from(["loss", "val_loss", "epoch", "log_history", "x"]), inner, max_size=4
    ),
    max_leaves=25,
))  # fmt: skip
def test_any_json(tmp_path: Path, knowledge: Knowledge, value: object) -> None:
    path = tmp_path / "log.json"
    path.write_text(json.dumps(value))
    survive(path, knowledge)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/corpus/curves is not there")
@pytest.mark.parametrize("seed", range(3))
def test_mutated_real_files(tmp_path: Path, knowledge: Knowledge, seed: int) -> None:
    import random

    random.seed(seed)
    sources = sorted(SHARED.rglob("trainer_state.json"))[::6] + sorted(SHARED.rglob("fish*"))
    for source in sources:
        data = bytearray(source.read_bytes()[:120_000])
        for _ in range(random.choice([1, 10, 200])):  # noqa: S311
            place = random.randrange(len(data))  # noqa: S311
            data[place : place + random.randrange(3)] = random.randbytes(random.randrange(4))  # noqa: S311
        path = tmp_path / source.name
        path.write_bytes(bytes(data))
        survive(path, knowledge)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/corpus/curves is not there")
def test_the_gallery_is_read_sensibly(knowledge: Knowledge) -> None:
    allowed = {
        "healthy": {"healthy"},
        "lr_hot": {"diverged", "learning_rate_too_high"},
        "fp16_nan": {"diverged", "learning_rate_too_high"},
        "lr_zero": {"not_learning", "learning_rate_too_low"},
        "bad_labels": {"not_learning", "underfitting", "plateau"},
        "overfit": {"overfitting"},
    }
    for path in sorted((SHARED / "qlora-gallery").rglob("trainer_state.json")):
        cause = path.relative_to(SHARED / "qlora-gallery").parts[0]
        assert diagnose(path, knowledge=knowledge).runs[0].verdict in allowed[cause], path
