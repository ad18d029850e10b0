"""Pages: everything is inside, nothing is asked for, and no text of a user's acts in them."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import hpadvisor
from hpadvisor.api import audit_with_statistics, diagnose_changes
from hpadvisor.facts.searches.review import ReviewOptions
from hpadvisor.readers.searches.record import ReadOptions
from hpadvisor.report.html.document import Document, Figure, Item, Listing, Section
from hpadvisor.report.html.figures import curves
from hpadvisor.report.html.of_audit import audit_document
from hpadvisor.report.html.of_changes import changes_document
from hpadvisor.report.html.of_check import check_document
from hpadvisor.report.html.of_diagnosis import diagnosis_document
from hpadvisor.report.html.of_plan import plan_document
from hpadvisor.report.html.range_figures import ranges, timeline
from hpadvisor.report.html.rendering import breakable, figure_svg, html_page
from hpadvisor.report.html.resting import measured_words, resting
from hpadvisor.report.labels import short_labels

SCORE = ReadOptions(objective="score")
NOISE = ReviewOptions(noise=0.003)
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


def test_names_are_shortened_where_they_are_alike() -> None:
    assert short_labels(["lr", "dropout"]) == {"lr": "lr", "dropout": "dropout"}
    names = [f"model.encoder.optimizer.layers[{n}].weight_decay_of_group" for n in range(14)]
    labels = short_labels(names, 18)
    assert all(len(label) <= 18 for label in labels.values())
    assert len(set(labels.values())) == len(names)
    same = [f"{letter}{'x' * 40}" for letter in "ab"]
    assert len(set(short_labels(["q" * 60, "q" * 61], 10).values())) == 2
    assert list(short_labels(same, 10)) == same


def test_names_break_at_their_signs_and_stay_escaped() -> None:
    assert breakable("runs/lr=0.1") == "runs/<wbr>lr=<wbr>0.1"
    assert breakable("1,000 to <b>/x") == "1,000 to &lt;b&gt;/<wbr>x"
    assert breakable("decrease × 3") == "decrease ×\u00a03"


def many_runs(folder: Path, count: int) -> list[Path]:
    paths = []
    for number in range(count):
        rows = [
            f"{n},{2 / (1 + n * (number + 1) / 9):.4f},{2.1 / (1 + n * (number + 1) / 9):.4f}"
            for n in range(30)
        ]
        paths.append(folder / f"experiment_of_today_with_seed_{number}.csv")
        paths[-1].write_text("epoch,train_loss,val_loss\n" + "\n".join(rows), encoding="utf-8")
    return paths


@pytest.mark.parametrize("count", [2, 6, 50, 70])
def test_all_runs_are_drawn_over_each_other(tmp_path: Path, count: int) -> None:
    document = diagnosis_document(hpadvisor.diagnose(many_runs(tmp_path, count)))
    picture = document.figures[0]
    rows = picture.spec["data"]["values"]
    drawn = min(count, 60)
    assert len({row["curve"] for row in rows}) == drawn
    assert ("all runs" in picture.title) is (count == drawn)
    assert ("group" in rows[0]) is (count > 8)  # eight lines and more are coloured by verdict
    assert len(html_page([document])) < MOST_BYTES


def test_changes_have_a_page(tmp_path: Path) -> None:
    base, *changed = many_runs(tmp_path, 3)
    report = diagnose_changes(base, changed, changes=["learning_rate=×3", "width=×2"])
    document = changes_document(report)
    assert document.verdict.startswith("width × 2: ")
    assert len(document.figures) == 1
    page = html_page([document])
    assert "learning rate ×\u00a03" in page
    assert all(detail.text for detail in details(document))


def details(document: Document) -> list[Any]:
    lists = [b for s in document.sections for b in s.blocks if isinstance(b, Listing)]
    return [detail for listing in lists for item in listing.items for detail in item.details]


def test_zero_has_a_place_beside_a_logarithmic_range() -> None:
    picture = ranges(
        [{"name": "l1", "bars": {"searched": (0.01, 10)}, "scale": "log", "marks": {"start": 0}}],
        "Ranges",
    )
    assert picture is not None
    bar, mark, text = picture.spec["vconcat"][0]["layer"]
    scale = bar["encoding"]["x"]["scale"]
    place = mark["data"]["values"][0]["at"]
    assert scale["type"] == "log"
    assert scale["domain"][0] < place < 0.01
    assert text["data"]["values"][0]["text"] == "0"


def write_search(path: Path, count: int, names: list[str]) -> Path:
    rows = [f"number,{','.join(f'params_{name}' for name in names)},score,state"]
    for n in range(count):
        values = [f"{(n * (7 + 2 * k) % 97) / 97:.9f}" for k in range(len(names))]
        score = 0.9 + 0.0004 * (n * 13 % 101) - (0.8 if n % 25 == 3 else 0)
        rows.append(f"{n},{','.join(values)},{score:.5f},COMPLETE")
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_a_long_search_with_long_names_stays_light(tmp_path: Path) -> None:
    names = [f"model.optimizer.group_{n}.some_hyperparameter_with_words" for n in range(12)]
    path = write_search(tmp_path / "trials.csv", 3000, names)
    document = audit_document(*audit_with_statistics(path, SCORE, NOISE))
    assert len(document.figures) >= 4
    assert len(html_page([document])) < MOST_BYTES


def test_failed_trials_do_not_press_the_others_together(tmp_path: Path) -> None:
    path = write_search(tmp_path / "trials.csv", 50, ["lr", "score", "kind"])
    document = audit_document(*audit_with_statistics(path, SCORE, NOISE))
    history = document.figures[0]
    rows = history.spec["layer"][-1]["data"]["values"]
    far = [row for row in rows if row["kind"].startswith("far worse")]
    assert len(far) == 2
    assert all(row["score"] < 0.2 for row in far)
    assert all(row["shown"] > 0.7 for row in far)
    assert "shaded" in history.title
