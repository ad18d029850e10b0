"""Facts of training configs: the same names as a situation, with the place of each value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hpadvisor.facts.configs.derived import derive_training
from hpadvisor.facts.configs.generic import generic_facts, generic_groups
from hpadvisor.facts.configs.roles import optimizer_of
from hpadvisor.facts.configs.subjects import Place, Subject, place_of_entry
from hpadvisor.readers.configs.formats import Format, Recognised, TrainingMap
from hpadvisor.readers.configs.signature import Subject as SignatureSubject
from hpadvisor.readers.configs.tree import Entry, Tree
from hpadvisor.readers.scalars import UNKNOWN, as_number

NUMBERS = frozenset(
    f"training.{name}"
    for name in (
        "learning_rate", "min_learning_rate", "schedule_max_learning_rate", "weight_decay",
        "momentum", "batch_size", "micro_batch_size", "train_batch_size", "gradient_accumulation",
        "epochs", "steps", "warmup_steps", "warmup_epochs", "warmup_ratio", "decay_steps",
        "lr_step", "dropout", "label_smoothing", "gradient_clipping", "lora_rank", "lora_alpha",
        "lora_dropout", "network_dim", "loss_scale", "seed", "trees", "stop_patience",
        "plateau_patience",
    )
)  # fmt: skip
BOOLS = frozenset({"training.fp16", "training.bf16", "training.best_at_end"})
_PRECISIONS = {
    "16": "fp16", "16-mixed": "fp16", "fp16": "fp16", "float16": "fp16", "half": "fp16",
    "amp_fp16": "fp16", "bf16": "bf16", "bf16-mixed": "bf16", "bfloat16": "bf16",
    "amp_bf16": "bf16", "32": "fp32", "fp32": "fp32", "float32": "fp32", "32-true": "fp32",
    "bf16-true": "bf16", "16-true": "fp16",
}  # fmt: skip


def training_subjects(found: Recognised, text: str, path: str, document: Subject) -> list[Subject]:
    """Return a subject for every training that a document describes.

    Args:
        found: The document and its format, which has a training map.
        text: The source.
        path: The file's name.
        document: Facts of the document.
    """
    training = found.format.training
    if training is None:
        return []
    subjects = []
    for tree in _roots(found, training):
        subject = _one(tree, found.format, training, text, path, document)
        if training.generic:
            subjects += generic_groups(tree, subject, _state)
        else:
            subjects.append(subject)
    for subject in subjects:
        derive_training(subject)
    return subjects


def _roots(found: Recognised, training: TrainingMap) -> Iterator[Tree]:
    for path in training.each:
        if not path:
            yield found.tree
            continue
        for entry in found.tree.find_all(path):
            if entry.node.kind == "mapping":
                yield found.tree.under(entry)


def _one(
    tree: Tree, form: Format, training: TrainingMap, text: str, path: str, document: Subject
) -> Subject:
    first = next(iter(tree.keys().values()), (None, tree.root))
    start = Place(first[0] or first[1], ".".join(tree.base))
    subject = Subject("training", start, document)
    own = tuple(training.optimizers.items())
    for name, paths in training.facts.items():
        for dotted in paths:
            entry = tree.find(dotted)
            if entry is not None and _state(subject, name, entry, tree, own):
                break
    if training.generic:
        generic_facts(tree, subject, _state)
    _kind(tree, training, text, path, subject)
    if document.get("config.stands_alone") and "training.learning_rate" in subject.names():
        for name, value in training.defaults.items():
            if name not in subject:
                subject.state(name, value)
                subject.state(f"{name}_assumed", True) if name == "training.optimizer" else None
    return subject


def _kind(tree: Tree, training: TrainingMap, text: str, path: str, subject: Subject) -> None:
    seen = SignatureSubject(tree, text, path)
    for test, kind in training.kinds:
        if test(seen):
            if kind != "other":
                subject.state("training.kind", kind)
            return


def _state(
    subject: Subject, name: str, entry: Entry, tree: Tree, own: tuple[tuple[str, str], ...] = ()
) -> bool:
    """State a fact from an entry where its value has the right type; return whether it had."""
    node = entry.node
    if node.kind != "scalar":
        return False
    value = tree.resolve(node)
    if value is UNKNOWN or value is None or value == "":
        # The key is there, so the framework's default does not hold; the value is not known.
        subject.state(f"{name}_stated", True) if name in _WATCHED else None
        return False
    place = place_of_entry(entry)
    if name in NUMBERS:
        number = as_number(value)
        if number is None:
            return False
        subject.state(name, number, place)
        return True
    if name in BOOLS:
        if isinstance(value, bool):
            subject.state(name, value, place)
        return isinstance(value, bool)
    return _state_word(subject, name, value, place, own)


_WATCHED = frozenset({"training.warmup_steps", "training.warmup_ratio", "training.lr_schedule"})


def _state_word(
    subject: Subject, name: str, value: Any, place: Place, own: tuple[tuple[str, str], ...]
) -> bool:
    word = str(value)
    if name == "training.optimizer":
        subject.state("training.optimizer_name", word, place)
        algorithm = optimizer_of(word, own)
        subject.state(name, algorithm, place)
        subject.state("training.optimizer_is_torch_adam", _is_torch_adam(word, own))
        return algorithm is not None
    if name == "training.precision":
        subject.state("training.precision_name", word, place)
        subject.state(name, _PRECISIONS.get(word.lower()), place)
        return True
    if isinstance(value, bool):
        return False
    subject.state(name, word if name == "model.name" else word.rsplit(".", 1)[-1].lower(), place)
    return True


def _is_torch_adam(word: str, own: tuple[tuple[str, str], ...]) -> bool:
    """Whether a name is surely torch's Adam, whose decay is L2 and not decoupled."""
    if any(key == "adam" for key, _ in own):
        return False
    return word in ("torch.optim.Adam", "torch.optim.adam.Adam", "Adam", "adam", "optim.Adam")
