"""Understanding of one line: its pieces to places, values by name and part, settings, headings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from hpadvisor.readers.curves.console.brackets import (
    is_first_of_two,
    is_second,
    is_whole,
    measure_ahead,
    measured,
)
from hpadvisor.readers.curves.console.fields import pieces_of
from hpadvisor.readers.curves.console.headings import announced
from hpadvisor.readers.curves.console.listed import with_names
from hpadvisor.readers.curves.console.naming import (
    counter_of,
    is_plain_part,
    is_record_so_far,
    name_of,
    part_inside,
    part_of_phrase,
    part_of_word,
    says_part,
)
from hpadvisor.readers.curves.console.pieces import Field, Label, Piece
from hpadvisor.readers.curves.console.plans import (
    NEEDS_PLACE,
    Item,
    Place,
    Plan,
    RecordPlan,
    Setting,
)
from hpadvisor.readers.curves.console.signs import OF_A_BAR
from hpadvisor.readers.curves.console.weak import is_time_taken, without_side_outputs
from hpadvisor.readers.curves.roles import read_name

_BARS: Final = ("it/s", "s/it", "%|", "[===", "[...", "[>..", "[=>.", "==>", "ms/step", "s/step")
"""What marks a line as the state of a progress bar."""

_TRAINING: Final = re.compile(r"\W*\[ *[Tt]rain(?:ing)? *[:\],]")
"""``[train: 35, 50 / 1000]`` in front says of which part a line is, whatever its names say."""

_LONGEST_NAME: Final = 3
"""Words of a name that is kept whole behind another score."""

_FEWEST_CELLS: Final = 2
"""Numbers of a row whose first column names a part."""

_TIMES: Final = frozenset(("s", "ms", "us", "sec", "secs", "min", "mins", "h"))
"""Units of what a counter took: ``Step: 24ms``."""

_ASIDE: Final = frozenset((OF_A_BAR, "kwh", "wh", "kj"))
"""Units of numbers that are no scores: how far a bar is, energy of the electric kind."""


@dataclass(slots=True)
class _Reading:
    """Where the reading of the pieces of one line stands."""

    plan: Plan = field(default_factory=Plan)
    record: RecordPlan = field(default_factory=RecordPlan)
    part: str = ""
    so_far: bool = False
    bar: bool = False
    measure: str = ""
    alike: str = ""
    part_counted: bool = False
    of_training: bool = False
    taken: set[str] = field(default_factory=set)
    guessed: list[Item] = field(default_factory=list)

    def next_record(self) -> None:
        """Begin another record on the same line."""
        self.plan.records.append(self.record)
        self.record, self.taken, self.part = RecordPlan(), set(), ""
        self.so_far, self.measure, self.alike = False, "", ""


def plan_of(line: str) -> Plan:
    """Understand one line.

    Args:
        line: Plain, as read.
    """
    pieces = with_names(pieces_of(line))
    if _is_row_of_a_part(pieces):
        return Plan([RecordPlan()])
    reading = _Reading(
        bar=any(mark in line for mark in _BARS), of_training=_TRAINING.match(line) is not None
    )
    ahead = measure_ahead(pieces)
    for place, piece in enumerate(pieces):
        if isinstance(piece, Label):
            _label(reading, piece)
            reading.measure = ahead or reading.measure
        elif piece.words:
            _named(reading, piece)
        else:
            _unnamed(reading, piece, pieces, place)
    reading.plan.records.append(reading.record)
    _without_guesses(reading)
    without_side_outputs(reading.plan, pieces)
    if not reading.plan.scored:
        announced(reading.plan, pieces, line)
    return reading.plan


def _is_row_of_a_part(pieces: list[Piece]) -> bool:
    """Whether a line is the row of a table whose first column names parts: ``train 0.45 0.85``."""
    fields = [piece for piece in pieces if isinstance(piece, Field)]
    if len(fields) != len(pieces) or len(fields) < _FEWEST_CELLS:
        return False
    first, rest = fields[0], fields[1:]
    named = len(first.words) == 1 and part_of_word(first.words[0]) is not None
    alone = all(not one.words and one.of is None and not one.clock for one in rest)
    return named and alone and first.joined == "bare" and first.of is None


def _without_guesses(reading: _Reading) -> None:
    """Numbers that are named by a part alone are no losses beside a loss: nobody says what."""
    for record in reading.plan.records:
        named = [item for item in record.items if item not in reading.guessed]
        if len(named) < len(record.items) and any(_is_loss(item.name) for item in named):
            record.items = named


def _is_loss(name: str) -> bool:
    candidate = read_name(name)
    return candidate is not None and candidate.role.endswith("loss")


def _label(reading: _Reading, label: Label) -> None:
    if is_record_so_far(label.words):
        reading.so_far = True
    reading.measure = measured(label)
    if label.value in ("(", "[", "{"):
        part = part_of_word(label.words[-1])
        if part is None and label.words[-1].lower() == "tr":
            part = "train"
    elif label.value:
        part = says_part(label.words, label.value)
        reading.plan.settings.append(Setting(label.words, None, label.value))
    else:
        part = part_of_phrase(label.words) if len(label.words) <= 6 else None
    if part is not None:
        reading.part = part


def _named(reading: _Reading, found: Field) -> None:
    """A number with a phrase in front of it: a place, a value, or a setting."""
    counter = "epoch" if found.unit == "epoch" else counter_of(found.words)  # "INFO: 7epoch"
    placed = not found.percent and not _is_word_of_table(found)
    if counter is not None and (placed or found.unit == "epoch"):
        _place(reading, counter, found)
        return
    part = part_of_phrase(found.words)
    if is_record_so_far(found.words):
        reading.so_far = True
        return
    if part == "train":  # "best test acc: 0.9, train loss: 0.4": no best is of training
        reading.so_far = False
    if _of_two_parts(reading, found):
        return
    name = _full_name(reading, found, name_of(found.words))
    if part is not None and len(name) == 1 and part_of_word(name[0]) is not None:
        _of_part_alone(reading, found, part)
        return
    aside = found.unit in _ASIDE or (counter is not None and found.unit in _TIMES)
    aside = aside or is_time_taken(found.unit, name)
    if not (found.clock or aside or reading.so_far):
        _value(reading, found, "_".join(name), part)


def _full_name(reading: _Reading, found: Field, name: list[str]) -> list[str]:
    """The whole of a short phrase behind another score: ``Loc Loss: 0.4 Cls Loss: 0.5``.

    At the beginning of a line unknown words are of the logger; between scores they are names.
    """
    longer = len(name) < len(found.words) <= _LONGEST_NAME and found.joined == "sign"
    label = "_".join(name)
    known = any(one == label or one.endswith(f"_{label}") for one in reading.taken)
    return found.words if longer and known else name


def _value(reading: _Reading, found: Field, label: str, part: str | None) -> None:
    """A number that its name may say to be a score, a rate, or a setting."""
    candidate = read_name(label)
    if candidate is None and reading.measure and found.joined == "sign":
        label = f"{reading.measure}/{label}"  # "Accuracies on val: class : 37.43"
        candidate = read_name(label)
    if candidate is None and found.joined != "sign":
        if part is not None and found.of is not None and found.joined == "bare":
            reading.part = part  # "valid on 'valid' subset 1000 / 1311 loss=1.6"
            _place(reading, "batch", found)
        return
    score = candidate is not None and candidate.role.endswith(("loss", "metric", "norm"))
    if part is not None and candidate is None and "." in found.text and len(found.words) > 1:
        reading.part = part  # "train PA: 0.55, mIoU: 0.46"
    if part is not None and score:
        reading.part = part
        reading.alike = _measure_in(found.words)
    if score and found.list and found.joined != "bare":
        return
    if score and found.joined == "bracket" and is_whole(found):
        return  # "Loss [1, 100]": a place
    if candidate is None or not score:
        reading.plan.settings.append(Setting(found.words, found.slot, found.text))
    _add(reading, found, label, score)


def _measure_in(words: list[str]) -> str:
    """What a name measures whose other words are its part: ``loss`` of ``loss train``."""
    rest = [word for word in words if part_of_word(word) is None]
    return rest[0] if len(rest) == 1 and len(words) > 1 else ""


def _of_two_parts(reading: _Reading, found: Field) -> bool:
    """Take two numbers of two parts: ``Train/Val Loss: 0.4/0.5``; False where these are none."""
    first, _, second = found.words[0].partition("/")
    parts = (part_of_word(first), part_of_word(second))
    label = "_".join(found.words[1:])
    two = found.of is not None and None not in parts and parts[0] != parts[1]
    if not two or not label or found.of is None or read_name(label) is None:
        return False
    for part, slot in zip(parts, (found.slot, found.of), strict=True):
        name = f"{part}_{label}"
        if name not in reading.taken:
            reading.taken.add(name)
            reading.record.items.append(
                Item(name, part or "", slot, found.percent, None, None, score=True)
            )
    return True


def _is_word_of_table(found: Field) -> bool:
    """Whether the number is a time or a rate: "Step: 24ms"."""
    return bool(found.unit) and found.unit not in ("th", "st", "nd", "rd", "epoch", ":")


def _add(reading: _Reading, found: Field, label: str, score: bool) -> None:
    scope = [name for name in found.scope if part_of_word(name) is None]
    parts = [part_of_word(name) for name in found.scope if part_of_word(name) is not None]
    if scope and scope[-1] != label:
        label = f"{scope[-1]}/{label}"
    own = part_inside(label)
    if score and reading.of_training and own is not None and reading.part == "train":
        own, label = "train", label if own == "train" else f"train/{label}"
    part = own or (parts[-1] if parts else None) or (reading.part if score else "")
    if part and own is None and score:
        label = f"{part}_{label}"
    if label in reading.taken:
        if reading.record.places and score:
            label = f"{label}_2"
        if label in reading.taken:
            return
    reading.taken.add(label)
    of = None if found.percent or found.counts else found.of
    mean = None if found.of is not None else found.mean
    reading.record.items.append(
        Item(label, part or "", found.slot, found.percent, mean, of, score)
    )


def _of_part_alone(reading: _Reading, found: Field, part: str) -> None:
    """A number whose whole name is a part: a place of a bar, a loss, or how many examples."""
    if found.unit == OF_A_BAR:  # "Training: 100%|####| 63/63"
        reading.part = part
        return
    if found.of is not None or found.joined == "bracket":
        kind = "batch" if found.of is not None else "epoch"
        reading.part = part
        reading.part_counted = kind == "batch" and "batch" not in reading.record.places
        _place(reading, kind, found)
        return
    if "." not in found.text:
        _counted_of_part(reading, found, part)
        return
    measure = reading.measure or reading.alike
    if not measure and not is_plain_part(found.words[-1]):
        return  # "decode-walltime-val: 278.3"
    reading.part = part
    if not reading.so_far:
        _add(reading, found, measure or "loss", score=True)
        if not measure and reading.record.items:
            reading.record.items[-1].guessed = True
            if any(item.part != part for item in reading.guessed):
                reading.part = ""  # "train=0.4 val=0.5 loss=1.7": what follows is of neither
            reading.guessed.append(reading.record.items[-1])


def _counted_of_part(reading: _Reading, found: Field, part: str) -> None:
    """A whole number behind a part: examples of it, or an epoch: "Test 3, loss: 0.5"."""
    places = reading.record.places
    if NEEDS_PLACE & set(places) and found.joined == "sign":
        reading.part = part
    reading.plan.settings.append(Setting([*found.words, "examples"], found.slot, found.text))
    first = not reading.record.items and found.joined == "bare" and is_plain_part(found.words[-1])
    if part == "train" or first:  # "Train: 0 [ 0/100 (0%)]": timm counts epochs so
        reading.part = part
        places.setdefault("epoch?", Place(found.slot))


def _place(reading: _Reading, counter: str, found: Field) -> None:
    """Where the record stands; a second epoch after values begins another record."""
    places = reading.record.places
    known = places.get(counter)
    if known is not None and known.text == found.text:
        return
    if known is not None and reading.record.scored and counter in ("epoch", "step"):
        reading.next_record()
        places = reading.record.places
    if counter == "batch" and reading.record.items and found.joined == "bare":
        return
    part = part_of_phrase(found.words)
    if part is not None:
        reading.part = part
    if found.clock or counter in places:
        if counter == "step" and "iteration" not in places and not found.clock:
            places["iteration"] = Place(found.slot, found.of)
        return
    plural = bool(found.words) and found.words[-1].lower().endswith("s") and found.joined == "sign"
    if plural:
        reading.plan.settings.append(Setting(found.words, found.slot, found.text))
    places[counter] = Place(found.slot, found.of, found.text, plural)


def _unnamed(reading: _Reading, found: Field, pieces: list[Piece], place: int) -> None:
    """A number without a name: a place in brackets, of a bar, or at the line's beginning."""
    places = reading.record.places
    if found.unit == "epoch" or is_first_of_two(places, found, pieces, place):
        _place(reading, "epoch", found)
    elif found.of is not None and not found.clock:
        _epoch_in_front(reading, found)
        if "epoch" in places and "batch" not in places and not reading.bar:
            places["batch"] = Place(found.slot, found.of)
        elif "bar" not in places and (reading.bar or not reading.record.items):
            places["bar"] = Place(found.slot, found.of)
    elif found.unit == ":" and not places and found.text.isdigit():
        places["index"] = Place(found.slot)
    elif is_second(places, found, pieces, place):
        places["epoch"], places["batch"] = places.pop("index"), Place(found.slot)
    elif found.joined == "bracket" and not reading.record.items and is_whole(found):
        following = pieces[place + 1] if place + 1 < len(pieces) else None
        if "epoch" in places and "batch" not in places:
            places["batch"] = Place(found.slot)
        elif "index" not in places and following is not None:
            places["index"] = Place(found.slot)


def _epoch_in_front(reading: _Reading, found: Field) -> None:
    """A number behind a part is an epoch where batches follow: "Train: 1/80 (1%) [0/30]"."""
    places = reading.record.places
    if "epoch?" in places:
        places["epoch"] = places.pop("epoch?")
    elif reading.part_counted and found.joined == "bracket" and "epoch" not in places:
        places["epoch"] = places.pop("batch")
