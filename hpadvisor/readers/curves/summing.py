"""Losses that are logged in parts: which of them are parts, and their sum where no total is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from hpadvisor.readers.curves.axis import Chosen
from hpadvisor.readers.curves.roles import OF_NO_KIND, Candidate, part_of, read_name, tokens
from hpadvisor.readers.curves.tables import Column, Table
from hpadvisor.readers.metrics import TRAIN, VALIDATION
from hpadvisor.records import replace

LOSSES: Final = ("train_loss", "val_loss")
"""The roles of losses."""
_PARTS_OF_A_LOSS: Final = frozenset((
    "box", "bbox", "cls", "class", "classifier", "dfl", "obj", "objectness", "conf", "seg",
    "giou", "iou", "ciou", "rpn", "mask", "xy", "wh", "l1", "pose", "kobj", "centerness", "reg",
    "loc", "kl", "kld", "recon", "reconstruction", "mel", "duration", "pitch", "energy", "rgb",
    "spectro", "vocoder", "commit", "dice", "bce", "ce", "att", "attention", "ctc", "aux",
    "cardinality", "unscaled", "sem", "heatmap", "offset", "size", "dir", "angle", "t", "x",
    "center", "triplet", "xent", "htri", "focal",
))  # fmt: skip
"""Words of parts of a loss; a name with one of them is no total."""

_PLAIN: Final = OF_NO_KIND | {
    "epoch", "step", "batch", "iter", "running", "current", "cur", "of", "sum", "all", "net",
    "model",
}  # fmt: skip
"""Words of a loss that name no kind of it."""

_NOT_SUMMED: Final = frozenset(("unscaled", "cardinality", "aux"))
"""Logged beside the loss, and no part of it."""


def candidates_of(table: Table, mapping: Mapping[str, str]) -> Iterator[tuple[str, Candidate]]:
    """The columns with values that can be something, the user's own choices left out."""
    taken = set(mapping.values())
    read = {
        name: candidate
        for name, column in table.columns.items()
        if column.present.any()
        and name not in table.unclear
        and (candidate := read_name(name)) is not None
    }
    # Where a column says that such a metric is of validation, one that names no part is not.
    split = [
        one.metric
        for name, one in read.items()
        if one.role == "val_metric" and one.metric is not None and part_of(name)
    ]
    for name, one in read.items():
        if name in taken:
            continue
        other = one.role == "val_metric" and one.metric in split and not part_of(name)
        yield name, replace(one, role="train_metric") if other else one


def sum_parts(table: Table, chosen: Chosen, mapping: Mapping[str, str]) -> None:
    """Detectors log parts of a loss (box, cls, dfl): without a total their sum is judged."""
    parts = {role: _parts_of(table, role, chosen, mapping) for role in LOSSES}
    both = {frozenset(names) for names in parts.values() if names}
    if len(both) == 2:  # a gap is told of one and the same sum
        shared = frozenset.intersection(*both)
        parts = {role: {key: names[key] for key in names if key in shared}
                 for role, names in parts.items()}  # fmt: skip
    for role, found in parts.items():
        stem = _stem_of(found)
        if stem is not None:
            chosen[role] = (stem, Candidate(role, 0))
        names = [] if stem is not None else list(found.values())
        if len(names) < 2:
            _one_of_several(table, chosen, role, mapping)
            continue
        columns = [table.columns[name] for name in names]
        label = " + ".join(names)
        table.columns[label] = Column(
            np.sum([column.values for column in columns], axis=0),
            np.all([column.present for column in columns], axis=0),
        )
        chosen[role] = (label, Candidate(role, 0))
        table.notes.append(f"{role} is the sum of {len(names)} parts: no total is logged")


def _one_of_several(table: Table, chosen: Chosen, role: str, mapping: Mapping[str, str]) -> None:
    """Say where the loss that is judged is a part, and no total is logged."""
    if role in mapping or role not in chosen or _is_total(chosen[role][0]):
        return
    name = chosen[role][0]
    others = [
        other
        for other, candidate in candidates_of(table, mapping)
        if candidate.role == role and not candidate.stands_in and other != name
    ]
    if others:
        table.notes.append(
            f"{role} is {name}, one of {len(others) + 1} losses: no total is logged by that name"
        )


def _stem_of(found: Mapping[str, str]) -> str | None:
    """The name that all others go on from: ``heatmap_loss`` beside ``heatmap_loss_k2``."""
    shortest = min(found, key=len, default="")
    alike = all(kind == shortest or kind.startswith(f"{shortest} ") for kind in found)
    return found[shortest] if shortest and alike and len(found) > 1 else None


def _parts_of(
    table: Table, role: str, chosen: Chosen, mapping: Mapping[str, str]
) -> dict[str, str]:
    """The columns that are parts of a loss by what they are of; none where a total is there.

    Beside a known part, a loss of unknown kind is one as well (``FlowLoss`` beside ``MaskLoss``),
    where it is logged as often and is not as large as all others together.
    """
    if role in mapping or role not in chosen or _is_plain(chosen[role][0]):
        return {}
    found: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for name, candidate in candidates_of(table, mapping):
        words = set(tokens(name))
        if candidate.role == role and not candidate.stands_in and not words & _NOT_SUMMED:
            kind = " ".join(without_part(name))
            into = found if words & _PARTS_OF_A_LOSS else unknown
            into.setdefault(kind, name)
    if _are_parts(table, found, unknown):
        return {**found, **unknown}
    return {} if _is_total(chosen[role][0]) else found


def _are_parts(table: Table, found: Mapping[str, str], unknown: Mapping[str, str]) -> bool:
    """Whether losses of unknown kinds may be parts beside the known ones."""
    columns = [table.columns[name] for name in (*found.values(), *unknown.values())]
    if not found or not unknown or "" in unknown:
        return False
    if any(not np.array_equal(one.present, columns[0].present) for one in columns):
        return False
    sums = [float(np.nansum(np.abs(one.values))) for one in columns]
    return all(one < 0.9 * (sum(sums) - one) for one in sums[len(found) :])


def without_part(name: str) -> list[str]:
    """The words of a name but for those of its part and ``loss``."""
    rest = [word for word in tokens(name) if word not in TRAIN and word not in VALIDATION]
    return [word.removesuffix("loss") or word for word in rest if word not in ("loss", "losses")]


def _is_plain(name: str) -> bool:
    """Whether a loss says nothing of a kind: ``loss``, ``total_loss``."""
    return all(word in _PLAIN for word in without_part(name))


def _is_total(name: str) -> bool:
    return not _PARTS_OF_A_LOSS & {word.rstrip("0123456789") for word in without_part(name)}
