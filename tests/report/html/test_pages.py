"""Pages: everything is inside, nothing is asked for, and no text of a user's acts in them."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import hpadvisor
from hpadvisor.api import audit_with_statistics
from hpadvisor.report.html.document import Document, Figure, Item, Listing, Section
from hpadvisor.report.html.figures import curves, ranges, timeline
from hpadvisor.report.html.of_audit import audit_document
from hpadvisor.report.html.of_check import check_document
from hpadvisor.report.html.of_diagnosis import diagnosis_document
from hpadvisor.report.html.of_plan import plan_document
from hpadvisor.report.html.rendering import figure_svg, html_page
from hpadvisor.report.html.resting import measured_words, resting

MOST_BYTES = 1_500_000
HOSTILE = "</script><script>alert(1)</script>\u202e\x1b[31m"
EXAMPLE = Path(hpadvisor.__file__).parent / "examples" / "cifar10-resnet.yaml"


class Elements(HTMLParser):
    """Collects the elements of a page, and the data of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.specifications: list[Any] = []
        self._data = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._data = tag == "script" and dict(attrs).get("type") == "application/json"

    def handle_data(self, data: str) -> None:
        if self._data:
            self.specifications.append(json.loads(data))
            self._data = False


def write_log(path: Path) -> Path:
    rows = [f"{n},{2 / (n + 1) + 0.1:.4f},{2 / (n + 1) + 0.2 + n / 200:.4f}" for n in range(40)]
    path.write_text("epoch,train_loss,val_loss\n" + "\n".join(rows), encoding="utf-8")
    return path


def write_trials(path: Path) -> Path:
    rows = ["number,val_accuracy,state,params_lr,params_dropout,params_optimizer"]
    for n in range(40):
        rate = 10 ** (-4 + 3 * ((n * 7) % 40) / 40)
        score = 0.9 - 0.1 * abs((n * 7) % 40 - 20) / 20 + 0.001 * (n % 3)
        kind = ("sgd", "adamw")[n % 2]
        rows.append(f"{n},{score:.4f},COMPLETE,{rate:.6g},{(n % 10) / 20},{kind}")
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """A document of each command."""
    folder = tmp_path_factory.mktemp("pages")
    config = folder / "config.yaml"
    config.write_text("optimizer: adamw\nlearning_rate: 5.0\nepochs: 10\n", encoding="utf-8")
    log = write_log(folder / "log.csv")
    return {
        "plan": plan_document(hpadvisor.plan(EXAMPLE)),
        "diagnose": diagnosis_document(hpadvisor.diagnose(log)),
        "runs": diagnosis_document(hpadvisor.diagnose([log, write_log(folder / "second.csv")])),
        "audit": audit_document(*audit_with_statistics(write_trials(folder / "trials.csv"))),
        "check": check_document(hpadvisor.check([config])),
    }


@pytest.fixture(scope="module")
def page(documents: dict[str, Document]) -> str:
    """All of them on one page."""
    return html_page(list(documents.values()), "all")


def test_a_page_asks_nobody_for_anything(page: str) -> None:
    elements = Elements(page)
    for tag, attributes in elements.found:
        assert "src" not in attributes, tag
        if tag == "link":
            assert (attributes["href"] or "").startswith("data:")
    policy = next(a for t, a in elements.found if t == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in (policy["content"] or "")
    assert "connect-src" not in (policy["content"] or "")


def test_a_page_is_small_enough_to_send(page: str) -> None:
    assert len(page.encode()) < MOST_BYTES


@pytest.mark.parametrize("kind", ["plan", "diagnose", "runs", "audit"])
def test_each_result_is_drawn(documents: dict[str, Document], kind: str) -> None:
    assert documents[kind].figures
    for figure in documents[kind].figures:
        assert figure.description
        assert figure_svg(figure).startswith("<svg")


def test_what_the_pictures_show_is_said_in_words_too(page: str) -> None:
    elements = Elements(page)
    pictures = [a for t, a in elements.found if t == "div" and a.get("class") == "picture"]
    assert len(pictures) == len(elements.specifications) > 5
    assert all(a["role"] == "img" and len(a["aria-label"] or "") > 30 for a in pictures)


def test_every_advice_of_a_plan_unfolds_to_its_rule(documents: dict[str, Document]) -> None:
    section = documents["plan"].sections[0]
    (listing,) = section.blocks
    assert isinstance(listing, Listing)
    for item in listing.items:
        labels = [detail.label for detail in item.details]
        assert labels[0] == "rule"
        assert "source" in labels


def test_texts_of_users_act_on_nothing() -> None:
    picture = curves(
        {HOSTILE: ([0, 1], [2, 1])}, axis=HOSTILE, value="loss", marks=[(0.5, HOSTILE)], title="a"
    )
    assert picture is not None
    item = Item(HOSTILE, HOSTILE)
    document = Document(
        "diagnose", HOSTILE, HOSTILE, "plain", (Section(HOSTILE, (Listing((item,)), picture)),)
    )
    page = html_page([document])
    assert "<script>alert" not in page
    scripts = [a for t, a in Elements(page).found if t == "script"]
    assert len(scripts) == 3  # the picture's data, Vega, and what draws


def test_what_is_not_a_number_is_not_drawn() -> None:
    nothing = curves({"loss": ([0, 1], [float("nan")] * 2)}, axis="epochs", value="y", title="a")
    assert nothing is None
    some = curves({"a": ([0, 1], [1.0, float("inf")])}, axis="epochs", value="y", title="a")
    assert some is not None
    assert len(some.spec["data"]["values"]) == 1


def test_no_cost_is_no_timeline() -> None:
    assert timeline([], unit="hours", whole=None, title="a") is None
    assert timeline([("Fix", 0.0)], unit="hours", whole=2.0, title="a") is None


def test_a_range_stands_on_its_own_scale() -> None:
    rows: list[dict[str, Any]] = [
        {
            "name": "lr",
            "bars": {"searched": (1e-5, 1e-1)},
            "scale": "log",
            "marks": {"today": 1e-3},
        },
        {"name": "dropout", "bars": {"searched": (0.0, 0.5)}, "scale": "log", "marks": {}},
        {"name": "one", "bars": {"searched": (3.0, 3.0)}, "scale": "linear", "marks": {}},
    ]
    picture = ranges(rows, "Ranges")
    assert isinstance(picture, Figure)
    scales = [view["layer"][0]["encoding"]["x"]["scale"] for view in picture.spec["vconcat"]]
    assert [scale.get("type") for scale in scales] == ["log", None, None]
    assert all(scale["domain"][0] < scale["domain"][1] for scale in scales)
    assert "lr: searched" in picture.description


@pytest.mark.parametrize("kind", ["diagnose", "check"])
def test_every_advice_unfolds_to_its_sources(documents: dict[str, Document], kind: str) -> None:
    curves = {
        "train_loss": [2 * 0.9**n for n in range(60)],
        "val_loss": [2 * 0.9**n + 0.3 + n / 60 for n in range(60)],
    }
    overfitted = diagnosis_document(hpadvisor.diagnose(curves))
    document = overfitted if kind == "diagnose" else documents[kind]
    listings = [
        one for part in document.sections for one in part.blocks if isinstance(one, Listing)
    ]
    advice = [item for listing in listings for item in listing.items if item.lead]
    assert advice
    for item in advice:
        labels = [detail.label for detail in item.details]
        assert {"rule", "evidence", "source"} <= set(labels), item.lead


def test_what_was_measured_of_a_rule_is_said() -> None:
    found = resting(["CUR030", "NOT001"])
    assert list(found) == ["CUR030"]
    (words,) = [detail.text for detail in found["CUR030"] if detail.label == "measured"]
    assert re.fullmatch(r"right in \d+% of \d+ trainings where it spoke \(clinic\)", words)
    assert measured_words({"benchmark": "clinic", "precision": 0.0, "n": 0}) == ""


def test_a_page_without_pictures_unfolds_in_print(documents: dict[str, Document]) -> None:
    page = html_page([documents["check"]])
    assert "beforeprint" in page
    assert len(page) < 30_000


def test_losses_that_span_widely_fill_their_axis() -> None:
    picture = curves({"a": ([0, 1], [0.06, 2.0])}, axis="epochs", value="loss", title="a")
    assert picture is not None
    low, high = picture.spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert 0.04 < low < 0.06
    assert 2.0 < high < 3.0
