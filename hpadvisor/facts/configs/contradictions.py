"""Entries that contradict another one beside them, or repeat it: directions, data, settings.

Each becomes a subject of its own, as the oddities do. Only what stands beside each other in one
mapping, or in two blocks that surely describe one training, is compared.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from hpadvisor.facts.configs.generic import fact_of
from hpadvisor.facts.configs.oddities import same
from hpadvisor.facts.configs.roles import normal
from hpadvisor.facts.configs.space_settings import direction_by_name
from hpadvisor.facts.configs.subjects import Subject, place_of_entry, place_of_key
from hpadvisor.readers.configs.formats import Recognised
from hpadvisor.readers.configs.tree import Entry, Path, Tree
from hpadvisor.readers.metrics import words_of
from hpadvisor.readers.scalars import as_number
from hpadvisor.readers.yaml_nodes import Node

Children = dict[str, tuple[Node | None, Node]]

_METRICS = ("monitor", "metric_for_best_model", "monitor_metric", "save_best", "best_metric",
            "early_stopping_metric", "checkpoint_metric", "model_selection_metric")  # fmt: skip
_DIRECTIONS = ("mode", "monitor_mode", "metric_mode", "best_mode", "early_stopping_mode",
               "checkpoint_mode", "greater_is_better", "rule", "direction",
               "best_metric_mode")  # fmt: skip
_WAYS = {
    "min": "minimize", "minimize": "minimize", "minimise": "minimize", "less": "minimize",
    "false": "minimize", "max": "maximize", "maximize": "maximize", "maximise": "maximize",
    "greater": "maximize", "true": "maximize",
}  # fmt: skip
_GOES = {"minimize": "falls", "maximize": "rises"}
_LIGHTNING = re.compile(
    r"(?:lightning|pl)(?:\.\w+)*\.(?:EarlyStopping|ModelCheckpoint)\Z|\A(?:EarlyStopping|ModelCheckpoint)\Z"
    r"|\Atorch\.optim\.lr_scheduler\.ReduceLROnPlateau\Z"
)
_DATA_FILE = re.compile(
    r"(?i)\.(?:jsonl?|csv|tsv|txt|parquet|np[yz]|h5|hdf5|pkl|arrow|lmdb|tfrecords?|pt|bin|zip|tar|gz)\Z"
)
_DATA_WORDS = frozenset(
    {"path", "paths", "file", "files", "dir", "data", "set", "dataset", "root", "csv", "json",
     "folder", "prefix", "ann", "annotation", "annotations", "source", "src", "list"}
)  # fmt: skip
_PARTS = re.compile(r"(?i)split|val_?(?:size|ratio|fraction|percent)|fold|validation_size|holdout")
_DATA_LISTS = re.compile(
    r"(?i)(?:^|_)(?:datasets|train_datasets|dataset_list|dataset_mixer?|mixture)\Z"
)
_BLOCKS = frozenset(
    {"", "train", "training", "trainer", "hparams", "hyperparameters", "hyperparams",
     "training_args", "training_arguments", "train_args", "training_params", "train_params",
     "optimizer", "optim", "optimizer_params", "optimizer_args", "optimizer_config", "fit"}
)  # fmt: skip
_SETTINGS = frozenset({"training.learning_rate", "training.weight_decay", "training.epochs"})
_MOST = 50


def contradiction_subjects(found: Recognised, document: Subject) -> list[Subject]:
    """Return a subject for every entry that contradicts or repeats another one.

    Args:
        found: The document and its format.
        document: Facts of the document.
    """
    tree = found.tree
    subjects: list[Subject] = []
    for path, node in _holders(tree):
        if node.kind == "mapping":
            children = tree.children(node)
            names = children.keys()
            if not names.isdisjoint(_METRICS):
                subjects += _directions(path, children, tree, document)
            if "fitted_to" in names:
                subjects += _fitted(path, children, document)
            if any("train" in name.lower() for name in names):
                subjects += _same_data(path, children, tree, document)
        elif path and _DATA_LISTS.search(normal(path[-1])):
            subjects += _repeated(path, node, tree, document)
        if len(subjects) >= _MOST:
            break
    return subjects if found.format.search else [*subjects, *_two_blocks(tree, document)]


def _holders(tree: Tree) -> Iterator[tuple[Path, Node]]:
    """Yield every mapping and sequence once, parents first; scalars cost nothing here."""
    stack: list[tuple[Path, Node]] = [(tree.base, tree.root)]
    seen: set[int] = set()
    while stack:
        path, node = stack.pop()
        if id(node) in seen or node.kind == "scalar":
            continue
        seen.add(id(node))
        yield path, node
        stack += [
            ((*path, name), child)
            for name, (_, child) in reversed(tree.children(node).items())
            if child.kind != "scalar"
        ]


def _subject(kind: str, entry: Entry, document: Subject) -> Subject:
    subject = Subject("entry", place_of_key(entry), document)
    subject.state("entry.oddity", kind, place_of_entry(entry))
    subject.state("entry.key", entry.name)
    subject.state("entry.text", entry.node.text)
    return subject


def _directions(
    path: Path, children: Children, tree: Tree, document: Subject
) -> Iterator[Subject]:
    """A monitored metric beside the direction in which it is monitored."""
    for name in _METRICS:
        metric = _scalar(name, path, children, tree)
        way = None if metric is None else direction_by_name(metric.node.text)
        if metric is None or way is None:
            continue
        told = next(
            (e for key in _DIRECTIONS if (e := _scalar(key, path, children, tree)) is not None),
            None,
        )
        if told is None:
            yield from _default(metric, way, children, document)
            continue
        word = _WAYS.get(told.node.text.lower())
        if word is not None and word != way:
            subject = _subject("metric-direction", told, document)
            subject.state("entry.metric", metric.node.text)
            subject.state("entry.better", _GOES[way])
            subject.state("entry.turned", told.node.text, place_of_entry(told))
            yield subject


def _default(metric: Entry, way: str, children: Children, document: Subject) -> Iterator[Subject]:
    """A metric whose direction is left to a default that goes the other way."""
    if any(key in children for key in (*_DIRECTIONS, "<<")):
        return
    text = metric.node.text
    if metric.name == "metric_for_best_model":
        # Transformers: greater is better unless the name ends with "loss".
        wrong = way == "minimize" and not text.endswith("loss")
        default = "greater_is_better: true"
    elif metric.name == "monitor":
        kind = next((children[k][1].text for k in ("_target_", "class_path") if k in children), "")
        wrong = way == "maximize" and _LIGHTNING.search(kind) is not None
        default = "mode: min"
    else:
        return
    if wrong:
        subject = _subject("metric-default", metric, document)
        subject.state("entry.metric", text)
        subject.state("entry.better", _GOES[way])
        subject.state("entry.reads_as", default)
        yield subject


def _scalar(name: str, path: Path, children: Children, tree: Tree) -> Entry | None:
    """Return the known scalar under a key, or None."""
    key, node = children.get(name, (None, None))
    if node is None or node.kind != "scalar" or not isinstance(tree.resolve(node), str | bool):
        return None
    return Entry((*path, name), key, node)


def _same_data(path: Path, children: Children, tree: Tree, document: Subject) -> Iterator[Subject]:
    """Validation data that is the training data: one file under two keys of one mapping."""
    if any(_PARTS.search(name) for name in children):
        return
    sides: dict[tuple[str, ...], dict[str, Entry]] = defaultdict(dict)
    for name, (key, node) in children.items():
        words = words_of(name)
        side = _side(words)
        if side and node.kind == "scalar" and _names_data(words) and node.text:
            rest = tuple(word for word in words if _side((word,)) == "")
            sides[rest].setdefault(side, Entry((*path, name), key, node))
    for pair in sides.values():
        train, valid = pair.get("train"), pair.get("validation")
        if train is None or valid is None or train.node.text != valid.node.text:
            continue
        text = train.node.text
        resolved = tree.resolve(valid.node)
        if isinstance(resolved, str) and (_DATA_FILE.search(text) or _training_part(text)):
            subject = _subject("same-data", valid, document)
            subject.state("entry.other", train.name)
            yield subject


def _fitted(path: Path, children: Children, document: Subject) -> Iterator[Subject]:
    """A call of ``fit`` whose held-out data is what it is fitted to."""
    given = children["fitted_to"][1]
    for name in ("validation_data", "eval_set"):
        key, node = children.get(name, (None, None))
        if node is not None and node.text == given.text:
            subject = _subject("same-data", Entry((*path, name), key, node), document)
            subject.state("entry.other", "x, y")
            yield subject


def _side(words: tuple[str, ...]) -> str:
    if any(word in ("train", "training") for word in words):
        return "train"
    known = ("val", "valid", "validation", "dev", "eval")
    return "validation" if any(word in known for word in words) else ""


def _names_data(words: tuple[str, ...]) -> bool:
    """Whether a key names data: ``train``, ``val_file``, not ``train_batch``."""
    return all(word in _DATA_WORDS or _side((word,)) for word in words)


def _training_part(text: str) -> bool:
    """Whether a path ends in a folder of training data: ``images/train2017``."""
    last = [step for step in re.split(r"[/\\]", text) if step]
    return len(last) > 1 and last[-1].lower().startswith("train")


def _repeated(path: Path, node: Node, tree: Tree, document: Subject) -> Iterator[Subject]:
    """The same data set twice in a list of them, every setting equal."""
    for index, item in enumerate(node.items[:200]):
        if item.kind == "sequence" or (item.kind == "scalar" and not item.text):
            continue
        if any(same(earlier, item, tree) for earlier in node.items[:index]):
            entry = Entry((*path, f"[{index}]"), None, item)
            subject = _subject("repeated-data", entry, document)
            subject.state("entry.key", path[-1])
            yield subject
            return


def _two_blocks(tree: Tree, document: Subject) -> Iterator[Subject]:
    """One setting with two values, in two blocks that describe one training."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in _near(tree):
        fact = fact_of(entry, tree)
        if fact in _SETTINGS:
            found[fact].append(entry)
    for entries in found.values():
        if len(entries) != 2:
            continue
        one, two = entries
        numbers = [as_number(tree.resolve(entry.node)) for entry in entries]
        blocks = [_block(entry, tree) for entry in entries]
        if None in numbers or numbers[0] == numbers[1] or blocks[0] == blocks[1]:
            continue
        if all(block is not None for block in blocks):
            subject = _subject("two-settings", two, document)
            subject.state("entry.other", one.dotted)
            subject.state("entry.first_text", one.node.text)
            yield subject


def _near(tree: Tree) -> Iterator[Entry]:
    """Yield the scalars at the root and in the blocks of one training."""
    for name, (key, node) in tree.keys().items():
        if node.kind == "scalar":
            yield Entry((*tree.base, name), key, node)
        elif node.kind == "mapping" and normal(name) in _BLOCKS:
            for inner, (inner_key, child) in tree.children(node).items():
                if child.kind == "scalar":
                    yield Entry((*tree.base, name, inner), inner_key, child)


def _block(entry: Entry, tree: Tree) -> str | None:
    """Return the block that holds an entry, where it is one of the whole training."""
    above = entry.path[len(tree.base) : -1]
    block = normal(".".join(above)) if above else ""
    return block if len(above) <= 1 and block in _BLOCKS else None
