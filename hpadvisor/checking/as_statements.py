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
from hpadvisor.readers.documents import MAX_BYTES, Document, read_document
from hpadvisor.readers.files import read_head
from hpadvisor.readers.names import normal
from hpadvisor.readers.scalars import as_number
from hpadvisor.readers.scripts.commands import LINES, SHELL, as_echo, read_flags
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
    if path.suffix.lower() in SHELL | LINES:
        return _said_by_flags(path, vocabulary)
    document = read_document(path)
    recogniser = load_rule_set().recogniser
    found = _said(document, Context(recogniser), vocabulary)
    if document.syntax != "python":
        return found
    script = _said_by_script(document, Context(recogniser, cross_file=False), vocabulary)
    if script is not None and (found is None or len(script.statements) > len(found.statements)):
        return script
    return found


def _said_by_flags(path: Path, vocabulary: Vocabulary) -> Told | None:
    """Read the flags of a shell script, or lines of ``key = value``."""
    text = read_head(path, MAX_BYTES).decode("utf-8", "replace")
    flags = read_flags(text, path)
    if not flags:
        return None
    told = _said_by_settings(as_echo(flags), text, str(path), vocabulary)
    title = "a shell script's commands" if path.suffix.lower() in SHELL else "lines of settings"
    return None if told is None else told._replace(title=title)


def _said_by_settings(echo: str, text: str, path: str, vocabulary: Vocabulary) -> Told | None:
    """Read settings as a program prints them; the whole text tells the kind of training."""
    from hpadvisor.readers.scripts.arguments import read_echo

    root = read_echo(echo, path, least=1)
    if root is None:
        return None
    context = Context(load_rule_set().recogniser, cross_file=False)
    found = _said(Document(path, text, "python", [root]), context, vocabulary)
    if found is None:
        return None
    said = {one.path: one for one in found.statements}
    kind = said.get("training.kind")
    if kind is not None:
        said = _named_for(str(kind.value), root, path, vocabulary, said)
    return found._replace(
        statements=[Statement(one.path, one.value, path) for one in said.values()]
    )


def _said_by_script(document: Document, context: Context, vocabulary: Vocabulary) -> Told | None:
    from hpadvisor.readers.scripts.arguments import code_of, read_arguments

    root = read_arguments(document.text, document.path)
    if root is None:
        return None
    script = Document(document.path, code_of(document.text, document.path), "python", [root])
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
    _believe_rate(said)
    kind = said.get("training.kind")
    name = str(kind.value) if kind is not None else ""
    said = _named_for(name, root, document.path, vocabulary, said)
    return found._replace(statements=list(said.values()))


_PER_GRADIENT: Final = frozenset({"adam", "adamw", "nadam", "radam", "lamb", "lion", "adafactor"})
"""Optimizers whose rates lie far below one."""


def _believe_rate(said: dict[str, Statement]) -> None:
    """Take plain SGD for a rate above one: what the script names stands behind an option."""
    rate, optimizer = said.get("training.learning_rate"), said.get("training.optimizer")
    if rate is None or optimizer is None or not isinstance(rate.value, int | float):
        return
    if optimizer.value in _PER_GRADIENT and rate.value > 1:
        said["training.optimizer"] = Statement(
            "training.optimizer", "sgd", optimizer.source, optimizer.line
        )


def _named_for(
    kind: str, root: Node, path: str, vocabulary: Vocabulary, said: dict[str, Statement]
) -> dict[str, Statement]:
    """Add the settings that only their names tell; which names do, the kind of training says."""
    named = _by_names(root, path, vocabulary)
    epochs = named.get("training.epochs")
    if kind == "ppo" and epochs is not None and root.get("n_epochs") is not None:
        said.pop("training.epochs", None)  # passes over one rollout, in Stable-Baselines
        named["training.ppo_epochs"] = Statement(
            "training.ppo_epochs", epochs.value, path, epochs.line
        )
        del named["training.epochs"]
    if kind in _FIRST_RATES and "training.learning_rate" not in said:
        for name in _FIRST_RATES[kind]:
            rate = root.get(name)
            number = as_number(plain_scalar(rate.text)) if rate is not None else None
            if rate is not None and number is not None:
                said["training.learning_rate"] = Statement(
                    "training.learning_rate", number, path, rate.line
                )
                break
    if kind not in _OWN_NAMES_OF:
        named = {name: one for name, one in named.items() if name in _SURE_BY_NAME}
    return said | {name: one for name, one in named.items() if name not in said}


_FIRST_RATES: Final = {
    "sac": ("policy_lr", "actor_lr", "pi_lr", "lr_actor", "actor_learning_rate"),
    "gan": ("lr_g", "lr_G", "g_lr", "generator_lr"),
}
"""Kinds that train two networks at rates of their own, and the names of the first one's."""
_SURE_BY_NAME: Final = frozenset({
    "training.adam_beta1", "training.adam_beta2", "training.stochastic_depth",
    "training.layerwise_lr_decay",
})  # fmt: skip
"""Settings whose names mean the same in every training."""
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
        if name in _DECOUPLED:
            statements = [_decoupled(one, statements) for one in statements]
        if _TELLING.isdisjoint(one.path for one in statements):
            statements = []  # a batch size alone stands in configs of evaluations, too
        if found is None or (statements and not found.statements):
            found = Told(titles[name], statements, is_search and not statements)
    return found


_DECOUPLED: Final = frozenset({"nemo", "gpt-neox"})
"""Formats of Megatron's kin, whose ``adam`` is fused Adam with decoupled weight decay: AdamW."""


def _decoupled(one: Statement, beside: Sequence[Statement]) -> Statement:
    """Return Megatron's Adam of a language model as what it is."""
    language = any(
        other.path == "training.kind" and str(other.value).startswith("llm-") for other in beside
    )
    if not language or (one.path, one.value) != ("training.optimizer", "adam"):
        return one
    return Statement(one.path, "adamw", one.source, one.line, one.node)


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
