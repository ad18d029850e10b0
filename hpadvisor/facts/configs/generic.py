"""Facts by the names of keys, for files whose format tells no paths.

Only what is unmistakable counts: a name that stands once in the file, or, where several learning
rates stand in it, the keys beside each of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable

from hpadvisor.facts.configs.roles import normal, optimizer_of, role_of
from hpadvisor.facts.configs.subjects import Place, Subject
from hpadvisor.readers.configs.tree import Entry, Path, Tree

State = Callable[[Subject, str, Entry, Tree], bool]

_NAMES: dict[str, str] = {
    "learning_rate": "learning_rate", "lr": "learning_rate", "base_lr": "learning_rate",
    "init_lr": "learning_rate", "initial_lr": "learning_rate", "lr0": "learning_rate",
    "learning_rate_init": "learning_rate", "max_lr": "learning_rate", "peak_lr": "learning_rate",
    "min_lr": "min_learning_rate", "weight_decay": "weight_decay", "wd": "weight_decay",
    "momentum": "momentum", "batch_size": "batch_size", "train_batch_size": "batch_size",
    "per_device_train_batch_size": "micro_batch_size", "micro_batch_size": "micro_batch_size",
    "per_gpu_train_batch_size": "micro_batch_size", "device_batch_size": "micro_batch_size",
    "gradient_accumulation_steps": "gradient_accumulation",
    "accumulate_grad_batches": "gradient_accumulation", "epochs": "epochs",
    "num_epochs": "epochs", "max_epochs": "epochs", "n_epochs": "epochs",
    "num_train_epochs": "epochs", "max_steps": "steps", "train_steps": "steps",
    "total_steps": "steps", "warmup_steps": "warmup_steps", "num_warmup_steps": "warmup_steps",
    "warmup_epochs": "warmup_epochs", "warmup_ratio": "warmup_ratio", "dropout": "dropout",
    "label_smoothing": "label_smoothing", "gradient_clip_val": "gradient_clipping",
    "max_grad_norm": "gradient_clipping", "clip_grad_norm": "gradient_clipping",
    "grad_clip": "gradient_clipping", "lora_r": "lora_rank", "lora_rank": "lora_rank",
    "lora_alpha": "lora_alpha", "lora_dropout": "lora_dropout", "seed": "seed",
    "fp16": "fp16", "bf16": "bf16", "precision": "precision", "lr_scheduler_type": "lr_schedule",
    "lr_scheduler": "lr_schedule", "scheduler": "lr_schedule", "lr_schedule": "lr_schedule",
}  # fmt: skip
_OPTIMIZER_KEYS = frozenset(
    {
        "optimizer",
        "optim",
        "opt",
        "optimizer_type",
        "optimizer_name",
        "optim_type",
        "optimizer_class",
    }
)
_NAME_KEYS = frozenset({"target", "type", "name", "class_path", "algo", "class_name"})
_OPTIMIZER_BLOCK = re.compile(r"(?:^|_)optim(?:i[sz]er)?s?(?:_|$)")
_SKIP = re.compile(
    r"(?:^|_)(?:sched\w*|lr_scheduler|warmup_scheduler|callbacks?|profiler|wandb|logger|test|eval|val|validation)(?:_|$)"
)
_SCHEDULE_BLOCK = re.compile(r"(?:lr_?)?sched(?:uler|ule)?(?:_config|_params|_args|_kwargs)?")
_SCHEDULE_NAMES = {
    "name": "lr_schedule", "type": "lr_schedule", "target": "lr_schedule",
    "class_path": "lr_schedule", "eta_min": "min_learning_rate", "min_lr": "min_learning_rate",
    "lr_min": "min_learning_rate", "step_size": "lr_step",
}  # fmt: skip
_BATCH_SKIP = re.compile(r"(?:^|_)(?:test|eval|val|valid|dev|infer\w*|predict\w*)(?:_|$)")


def generic_facts(tree: Tree, subject: Subject, state: State) -> None:
    """State the facts whose names stand exactly once in a document.

    Args:
        tree: The document, or the part that describes a training.
        subject: Takes the facts; what it has already is kept.
        state: Turns an entry into a fact where its type fits.
    """
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in tree.entries():
        name = fact_of(entry, tree)
        if name is not None:
            found[name].append(entry)
    for name, entries in found.items():
        values = {entry.node.text for entry in entries}
        if name not in subject and len(values) == 1:
            state(subject, name, entries[0], tree)


def generic_groups(tree: Tree, whole: Subject, state: State) -> list[Subject]:
    """Return the trainings of a document: itself, or one per optimizer that it names.

    Args:
        tree: The document.
        whole: Its facts, as :func:`generic_facts` left them.
        state: Turns an entry into a fact where its type fits.
    """
    if "training.learning_rate" in whole:
        return [whole]
    rates = [e for e in tree.entries() if fact_of(e, tree) == "training.learning_rate"]
    if not rates:
        return [whole]
    subjects = []
    for entry in rates[:50]:
        subject = Subject("training", Place(entry.key or entry.node, entry.dotted), whole.parent)
        subject.state("training.one_of_many", True)
        for sibling in _beside(entry, tree):
            name = fact_of(sibling, tree)
            if name is not None and name not in subject:
                state(subject, name, sibling, tree)
        if "training.learning_rate" in subject:
            subjects.append(subject)
    return subjects or [whole]


def fact_of(entry: Entry, tree: Tree) -> str | None:
    """Return the fact that a key states by its name alone, or None."""
    if entry.node.kind != "scalar" or not entry.path or entry.path[0] == "defaults":
        return None
    leaf = normal(entry.name)
    above = entry.path[:-1]
    if leaf in _SCHEDULE_NAMES and any(_SCHEDULE_BLOCK.fullmatch(normal(step)) for step in above):
        return f"training.{_SCHEDULE_NAMES[leaf]}"
    if any(_SKIP.search(normal(step)) for step in above):
        return None
    if leaf in _OPTIMIZER_KEYS or (leaf in _NAME_KEYS and _in_optimizer(above)):
        return "training.optimizer" if optimizer_of(entry.node.text) else None
    fact = _NAMES.get(leaf)
    if fact == "batch_size" and any(_BATCH_SKIP.search(normal(step)) for step in entry.path):
        return None
    if fact == "learning_rate" and role_of(".".join(entry.path)) != "learning_rate":
        return None
    return f"training.{fact}" if fact else None


def _in_optimizer(above: Path) -> bool:
    return bool(above) and any(_OPTIMIZER_BLOCK.search(normal(step)) for step in above[-2:])


def _beside(entry: Entry, tree: Tree) -> list[Entry]:
    """Return the scalars of the mapping that holds an entry, and names just above it."""
    steps = entry.path[len(tree.base) :]
    node, siblings = tree.root, []
    trail = [(tree.base, node)]
    for step in steps[:-1]:
        node = tree.children(node)[step][1]
        trail.append(((*trail[-1][0], step), node))
    for depth, (path, holder) in enumerate(reversed(trail)):
        for name, (key, child) in tree.children(holder).items():
            if child.kind == "scalar" and (depth == 0 or normal(name) in _NAME_KEYS):
                siblings.append(Entry((*path, name), key, child))
        if depth == 1 or not _OPTIMIZER_BLOCK.search(normal(path[-1] if path else "")):
            break
    return siblings
