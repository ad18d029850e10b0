"""What a training config, a script or a log's echo says of a training, as statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from hpadvisor.checking.rules import load_rule_set
from hpadvisor.checking.subjects import Context, subjects_of
from hpadvisor.errors import UserError
from hpadvisor.facts.configs.subjects import Subject
from hpadvisor.facts.situation.reading import holds
from hpadvisor.facts.situation.statements import Statement
from hpadvisor.facts.vocabulary import Vocabulary
from hpadvisor.readers.documents import Document, read_document
from hpadvisor.readers.files import read_head
from hpadvisor.readers.names import normal
from hpadvisor.readers.scalars import as_number
from hpadvisor.readers.yaml_nodes import Node, plain_scalar

_TAKEN: Final = (
    ("training.kind", "training.kind"),
    ("training.optimizer", "training.optimizer"),
    ("training.learning_rate", "training.learning_rate"),
    ("training.weight_decay", "training.weight_decay"),
    ("training.momentum", "training.momentum"),
    ("training.effective_batch_size", "training.batch_size"),
    ("training.micro_batch_size", "training.batch_size"),
    ("training.epochs", "training.epochs"),
    ("training.steps", "training.steps"),
    ("training.warmup_ratio", "training.warmup"),
    ("training.warmup_share", "training.warmup"),
    ("training.lr_schedule", "training.lr_schedule"),
    ("training.dropout", "training.dropout"),
    ("training.label_smoothing", "training.label_smoothing"),
    ("training.gradient_clipping", "training.gradient_clipping"),
    ("training.lora_rank", "training.lora_rank"),
    ("training.lora_alpha", "training.lora_alpha"),
    ("training.lora_dropout", "training.lora_dropout"),
    ("training.precision", "training.precision"),
    ("model.name", "model.name"),
)
"""Facts of a config, and their places in a situation; of two for one place the first counts."""
_SCHEDULES: Final = (
    ("restart", "cosine_restarts"), ("wsd", "warmup_stable_decay"),
    ("stable", "warmup_stable_decay"),
    ("cosine", "cosine"), ("plateau", "reduce_on_plateau"), ("onecycle", "one_cycle"),
    ("inverse", "inverse_sqrt"), ("rsqrt", "inverse_sqrt"), ("noam", "inverse_sqrt"),
    ("multistep", "multistep"), ("polynomial", "polynomial"), ("poly", "polynomial"),
    ("exponential", "exponential"), ("constant", "constant"), ("linear", "linear"),
    ("step", "step"),
)  # fmt: skip
"""Parts of a schedule's name in a file, and the schedule that they mean; the first part counts."""
_TELLING: Final = frozenset({
    "training.kind", "training.learning_rate", "training.optimizer", "training.epochs",
    "training.steps", "training.lora_rank",
})  # fmt: skip
"""What only trainings have; a file without any of these tells of none."""
HEAD: Final = 64_000
"""Characters of a log in which its settings may be repeated."""


class Told(NamedTuple):
    """What a file says of a training.

    Attributes:
        title: What the file is: ``Axolotl``, ``Training script``.
        statements: What it says, each with its line.
        is_search: Whether it is a search space, and tells of no single training.
    """

    title: str
    statements: list[Statement]
    is_search: bool = False


def said_by_config(path: Path, vocabulary: Vocabulary) -> Told | None:
    """Read a training config or a training script as a situation.

    Args:
        path: YAML, JSON, TOML, Python or a notebook; a script is read by its syntax, never run.
        vocabulary: Names that come with the rules; what it does not know is left out.

    Returns:
        What was understood; None where the file is no config that is known.

    Raises:
        UserError: missing, unreadable, or not what its ending says.
    """
    document = read_document(path)
    recogniser = load_rule_set().recogniser
    found = _said(document, Context(recogniser), vocabulary)
    if document.syntax != "python":
        return found
    script = _said_by_script(document, Context(recogniser, cross_file=False), vocabulary)
    if script is not None and (found is None or len(script.statements) > len(found.statements)):
        return script
    return found


def _said_by_script(document: Document, context: Context, vocabulary: Vocabulary) -> Told | None:
    from hpadvisor.readers.scripts.arguments import read_arguments

    root = read_arguments(document.text, document.path)
    if root is None:
        return None
    script = Document(document.path, document.text, "python", [root])
    found = _said(script, context, vocabulary)
    if found is None or not found.statements:
        return None
    said = {one.path: one for one in found.statements}
    optimizer = root.get("optimizer_class")
    if optimizer is not None and "training.optimizer" not in said:
        # L-BFGS, say: rates of another optimizer mean nothing to it.
        said["training.optimizer"] = Statement(
            "training.optimizer", "other", document.path, optimizer.line
        )
    kind = said.get("training.kind")
    if kind is not None and kind.value in _OWN_NAMES_OF:
        said = _by_names(root, document.path, vocabulary) | said
    return found._replace(statements=list(said.values()))


_NOT_BY_NAME: Final = frozenset({"seed", "temperature"})
_OWN_NAMES_OF: Final = frozenset({"ppo", "sac", "dqn", "gradient-boosting"})
"""Kinds whose hyperparameters have names of their own, which mean nothing else in a script."""


def _by_names(root: Node, path: str, vocabulary: Vocabulary) -> dict[str, Statement]:
    """Return the settings whose names the vocabulary has: discount, entropy weight, leaves."""
    found: dict[str, Statement] = {}
    for key, value in root.pairs:
        canonical = vocabulary.hyperparameters.get(normal(key.text))
        if canonical is None or canonical in _NOT_BY_NAME or value.kind != "scalar":
            continue
        number = as_number(plain_scalar(value.text))
        one = Statement(f"training.{canonical}", number, path, key.line)
        if number is not None and holds(one, vocabulary):
            found[one.path] = one
    return found


def said_by_echo(path: Path, vocabulary: Vocabulary) -> Told | None:
    """Return what a log repeats of its settings, as training scripts print them at the start.

    Args:
        path: A text log.
        vocabulary: Names that come with the rules.
    """
    from hpadvisor.readers.scripts.arguments import read_echo

    text = read_head(path, HEAD).decode("utf-8", "replace")
    root = read_echo(text, str(path))
    if root is None:
        return None
    document = Document(str(path), text, "python", [root])
    context = Context(load_rule_set().recogniser, cross_file=False)
    found = _said(document, context, vocabulary)
    if found is None:
        return None
    source = f"{path} (its echo)"
    return Told(
        "settings at its beginning",
        [Statement(one.path, one.value, source) for one in found.statements],
    )


CONFIGS: Final = (
    ".hydra/config.yaml", "training_args.json", "args.yaml", "args.json", "hparams.yaml",
    "hparams.json", "config.yaml", "config.yml", "opts.yaml", "opt.yaml", "params.json",
    "config.json", "cfg.yaml", "arguments.json", "exp.yaml", "flags.json",
)  # fmt: skip
"""Files in which runs keep their settings, by how sure they are to hold them."""


def said_by_folder(folder: Path, vocabulary: Vocabulary) -> Told | None:
    """Return what the config of a run's folder says, of several files the first that says it.

    Args:
        folder: The folder of a run.
        vocabulary: Names that come with the rules.
    """
    for name in CONFIGS:
        path = folder / name
        if not path.is_file():
            continue
        try:
            found = said_by_config(path, vocabulary)
        except UserError:
            continue
        if found is not None and found.statements:
            return found._replace(title=f"{found.title} ({name})")
    return None


def _said(document: Document, context: Context, vocabulary: Vocabulary) -> Told | None:
    titles = {item.id: item.title for item in context.recogniser.formats}
    found: Told | None = None
    for name, subjects in subjects_of(document, context):
        trainings = [subject for subject in subjects if subject.each == "training"]
        is_search = any(subject.each == "parameter" for subject in subjects)
        statements = _statements(trainings, document.path, vocabulary)
        if _TELLING.isdisjoint(one.path for one in statements):
            statements = []  # a batch size alone stands in configs of evaluations, too
        if found is None or (statements and not found.statements):
            found = Told(titles[name], statements, is_search and not statements)
    return found


def _statements(
    trainings: Sequence[Subject], path: str, vocabulary: Vocabulary
) -> list[Statement]:
    """Return what the trainings of a file agree on; unlike values are nobody's."""
    said: dict[str, list[Statement]] = {}
    for subject in trainings:
        own: dict[str, Statement] = {}
        for one in _of_training(subject, path):
            if one.path not in own and holds(one, vocabulary):
                own[one.path] = one
        for name, one in own.items():
            said.setdefault(name, []).append(one)
    return [
        members[0]
        for members in said.values()
        if all(member.value == members[0].value for member in members)
    ]


def _of_training(subject: Subject, path: str) -> Iterator[Statement]:
    for name, place in _TAKEN:
        value = subject.get(name)
        if value is None or (name == "training.steps" and value <= 0):
            continue
        if name == "training.learning_rate" and subject.get("training.rate_is_factor"):
            continue  # Noam's schedule: the number multiplies a rate of its own
        if name == "training.lr_schedule":
            value = _schedule(str(value))
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            value = int(value)
        where = subject.place_of(name)
        line = where.node.line if where is not None and where.path is None else None
        yield Statement(place, value, path, line)


def _schedule(name: str) -> str:
    word = name.casefold().replace("_", "").replace("-", "")
    return next((known for part, known in _SCHEDULES if part in word), "")
