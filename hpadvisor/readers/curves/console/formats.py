"""Formats that names alone do not explain, each declared by what marks it.

A format that prints names beside its numbers needs no entry. To add one, add an entry here: the
core reads them all alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

COLUMNS: Final = {
    "p": "precision",
    "r": "recall",
    "box": "train/box_loss",
    "obj": "train/obj_loss",
    "cls": "train/cls_loss",
    "dfl": "train/dfl_loss",
    "giou": "train/giou_loss",
    "total": "train/total_loss",
    "lbox": "train/box_loss",
    "lobj": "train/obj_loss",
    "lcls": "train/cls_loss",
    "box_loss": "train/box_loss",
    "cls_loss": "train/cls_loss",
    "dfl_loss": "train/dfl_loss",
    "obj_loss": "train/obj_loss",
    "iou_loss": "train/iou_loss",
    "seg_loss": "train/seg_loss",
    "pose_loss": "train/pose_loss",
    "kobj_loss": "train/kobj_loss",
    "giou_loss": "train/giou_loss",
    "map@.5": "mAP50",
    "map@0.5": "mAP50",
    "map@.5:.95": "mAP50-95",
    "map@0.5:0.95": "mAP50-95",
    "e": "epoch",
    "#": "step",
    "#epoch": "epoch",
    "no.": "epoch",
    "itn": "epoch",
    "itn.": "epoch",
    "ner f.": "ner_f1",
    "ner p.": "precision",
    "ner r.": "recall",
}
"""Names of columns of printed tables (lower case), as the rest of the readers know them."""

PART_OF_TABLE: Final = (
    (frozenset(("class", "images")), "val"),
    (frozenset(("class", "ap")), "val"),
    (frozenset(("ents_f", "score")), "val"),
    (frozenset(("uas", "ner f.")), "val"),
    (frozenset(("e", "#", "score")), "val"),
)
"""Names that stand together in a header, and the part that its rows are of."""

TOTAL_ROWS: Final = frozenset(("all", "total", "mean", "average", "overall", "avg", "macro"))
"""The rows of a table by class that stand for all classes."""


HEADERLESS: Final = {
    15: [
        "epoch",
        "memory",
        "train/box_loss",
        "train/obj_loss",
        "train/cls_loss",
        "train/total_loss",
        "labels",
        "size",
        "val/precision",
        "val/recall",
        "val/mAP50",
        "val/mAP50-95",
        "val/box_loss",
        "val/obj_loss",
        "val/cls_loss",
    ]
}
"""Columns of tables without a header whose first cell is ``3/99`` and whose second is a memory
(``3.97G``): results.txt of YOLOv5 and YOLOv7, by the number of cells."""


@dataclass(slots=True, frozen=True)
class Line:
    """A line that is read by a pattern.

    Attributes:
        contains: Text that every such line holds; looked for first.
        pattern: Named groups become places (``epoch``, ``step``, with ``epoch_of``) and values.
        names: Group to the name of its column.
        part: Of which its scores are.
    """

    contains: str
    pattern: re.Pattern[str]
    names: dict[str, str] = field(default_factory=dict)
    part: str = ""


_N: Final = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|nan|inf)"

_DARKNET: Final = rf"^\s*(?P<step>\d+): +(?P<loss>{_N}), +{_N} +avg(?: loss)?, +(?P<lr>{_N}) rate"
_COCO: Final = r"Average Precision +\(AP\) @\[ ?IoU=0\.50"
_KALDI: Final = (
    rf"ITERATION (?P<epoch>\d+): TRAIN AVG\.LOSS (?P<train>{_N}), \(lrate ?(?P<lr>{_N})\), "
    rf"CROSSVAL AVG\.LOSS (?P<val>{_N})"
)

LINES: Final = (
    # "Loss [1, 100](epoch, minibatch):  9.66"
    Line(
        "(epoch, ",
        re.compile(
            rf"[Ll]oss \[(?P<epoch>\d+), +(?P<step>\d+)\] ?\(epoch, [a-z]+\): +(?P<loss>{_N})"
        ),
        {"loss": "loss"},
    ),
    # Darknet: "12: 806.4, 802.1 avg loss, 0.001 rate, 3.2 seconds, 768 images"
    Line(" avg", re.compile(_DARKNET), {"loss": "loss", "lr": "lr"}),
    # COCO's summary: the first of its twelve lines is the metric of the field.
    Line(
        "Average Precision",
        re.compile(rf"{_COCO}:0\.95 +\| +area= +all +\| +maxDets=100 +\] += +(?P<ap>{_N})"),
        {"ap": "AP"},
        "val",
    ),
    Line(
        "Average Precision",
        re.compile(rf"{_COCO} +\| +area= +all +\| +maxDets=\d+ +\] += +(?P<ap>{_N})"),
        {"ap": "AP50"},
        "val",
    ),
    # BigDL's validation: "Loss is (Loss: 134.8, count: 128, Average Loss: 1.05)"
    Line(
        "Average Loss:",
        re.compile(rf"Loss is \(.*?count: \d+, Average Loss: (?P<loss>{_N})"),
        {"loss": "loss"},
        "val",
    ),
    Line(
        "Accuracy is Accuracy(",
        re.compile(rf"Accuracy is Accuracy\(.*?count: \d+, accuracy: (?P<accuracy>{_N})"),
        {"accuracy": "accuracy"},
        "val",
    ),
    # Deeplearning4j: "Score at iteration 10 is 0.52"
    Line(
        "Score at iteration",
        re.compile(rf"Score at iteration (?P<step>\d+) is (?P<loss>{_N})"),
        {"loss": "loss"},
    ),
    # Kaldi nnet1: "ITERATION 01: TRAIN AVG.LOSS 1.98, (lrate0.008), CROSSVAL AVG.LOSS 1.54, …"
    Line(
        "CROSSVAL AVG.LOSS",
        re.compile(_KALDI),
        {"train": "train_loss", "val": "val_loss", "lr": "lr"},
    ),
)
"""Lines whose names do not stand beside their numbers; the first that fits reads a line."""

PARTS: Final = (
    ("Saving dict for global step", "eval"),
    ("cur metric, ", "val"),
    ("copypaste: ", "val"),
)
"""Text of a line, and the part that all of its scores are of."""

AVERAGED: Final = "veraged stats"
"""Of ``Averaged stats: loss: 0.41 (0.45)`` the mean over the epoch stands in brackets."""

STARRED: Final = re.compile(r"\s+\* \w")
"""`` * Average accuracy 0.7; Average Loss 0.7`` sums up a pass of validation."""

LEFT_OUT: Final = (
    ("train_runtime", "the closing summary of the trainer"),
    ("best metric, ", "the best so far"),
    ("Best until now", "the best so far"),
    ("Epoch N-1", "the values of the epoch before"),
)
"""Text of lines that hold no record of their own, and why."""

DROPPED: Final = frozenset(("tot_loss/loss",))
"""Columns that are running means (``tot_loss[loss=…]`` of icefall)."""
