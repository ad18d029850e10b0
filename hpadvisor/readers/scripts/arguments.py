"""A training script's own settings by its syntax: defaults of arguments, keywords, constants.

Nothing is run. What a command line would set is taken from its declaration (argparse, click,
absl), then from the fields of dataclasses, from keywords of calls, and from plain assignments; of
a hyperparameter that stands in several of these, the first of that order counts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from hpadvisor.readers.names import normal, role
from hpadvisor.readers.scripts.folding import UNKNOWN, Names, dotted, fold
from hpadvisor.readers.scripts.source import Source, parse_script, parse_source
from hpadvisor.readers.yaml_nodes import Node

MARK: Final = "script_settings"
"""The key that tells the format of the mapping that :func:`read_arguments` makes."""
_MOST_NODES: Final = 200_000
_OPTIMIZER = re.compile(
    r"(?:^|\.)(?:optim|optimizers|bnb\.optim|torch_optimizer|transformers)\.[A-Z]\w+$"
    r"|^(?:Fused|Paged)?(?:Adam\w*|SGD\w*|RMSprop|RMSProp|Adagrad|Adadelta|Adafactor|NAdam|RAdam"
    r"|LAMB|Lamb|LARS|Lion|Muon|Prodigy)$"
    r"|^optax\.(?:adam\w*|sgd|lion|lamb|rmsprop|adafactor|adagrad)$"
)
_TORCH = re.compile(r"\.(?:Adam\w*|SGD|RMSprop|Adagrad|Adadelta|Adafactor|NAdam|RAdam|Lion)$")
OPTIMIZER: Final = "optimizer_class"
"""The name under which the class of an optimizer that is made stands."""
_HELD = frozenset({"add_argument", "add_option", "option", "argument"})
_ABSL = re.compile(r"^(?:flags\.)?DEFINE_(?:float|integer|string|enum)$")
_TIERS: Final = 4


class _Setting(NamedTuple):
    tier: int
    name: str
    at: ast.expr
    value: ast.expr


def read_arguments(text: str, path: str | Path) -> Node | None:
    """Return the settings of a script or notebook as one flat mapping, or None without any.

    Args:
        text: The source.
        path: Its name; ``.ipynb`` is read as a notebook.

    Raises:
        UserError: it is no Python.
    """
    source = parse_source(text, path)
    return None if source is None else _mapping(source, _settings(source.module))


def read_echo(text: str, path: str | Path, least: int = 3) -> Node | None:
    """Return the settings that a log repeats as ``Namespace(lr=0.1, …)`` or as a dictionary.

    Args:
        text: The beginning of the log.
        path: Its name.
        least: Settings that must be there; a program prints other things of that form, too.
    """
    for found in _ECHO.finditer(text):
        try:
            parsed = ast.parse(found[0], mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        settings = list(_echoed(parsed))
        if len(settings) >= least:
            source = parse_script(found[0], path)
            return _mapping(source, settings)
    return None


_ECHO = re.compile(r"\bNamespace\([^\n]*\)|\{['\"]\w+['\"]\s*:[^\n]*\}")


def _echoed(parsed: ast.expr) -> Iterator[_Setting]:
    if isinstance(parsed, ast.Call):
        for word in parsed.keywords:
            if word.arg is not None:
                yield _Setting(0, word.arg, word.value, word.value)
    elif isinstance(parsed, ast.Dict):
        for key, value in zip(parsed.keys, parsed.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield _Setting(0, key.value, key, value)


def _settings(module: ast.Module) -> list[_Setting]:
    found: list[_Setting] = []
    for number, item in enumerate(ast.walk(module)):
        if number > _MOST_NODES:
            break
        if isinstance(item, ast.Call):
            found += _call(item)
        elif isinstance(item, ast.ClassDef):
            found += _fields(item)
        elif isinstance(item, ast.FunctionDef) and item.name in _ENTRIES:
            found += _parameters(item)
        elif isinstance(item, ast.Assign) and len(item.targets) == 1:
            target = item.targets[0]
            if isinstance(target, ast.Name):
                found.append(_Setting(3, target.id, target, item.value))
        elif isinstance(item, ast.Dict):
            found += (setting._replace(tier=3) for setting in _echoed(item))
    return found


def _call(item: ast.Call) -> Iterator[_Setting]:
    name = dotted(item.func)
    last = name.rsplit(".", 1)[-1]
    if last in _HELD:
        yield from _declared(item)
        return
    if _ABSL.match(name) and len(item.args) >= 2:
        text = _text(item.args[0])
        if text:
            yield _Setting(0, text, item.args[0], item.args[1])
        return
    if _OPTIMIZER.search(name) or _TORCH.search(name):
        yield _Setting(2, OPTIMIZER, item, ast.copy_location(ast.Constant(last), item))
    for word in item.keywords:
        if word.arg is not None:
            yield _Setting(2, word.arg, word.value, word.value)


def _declared(item: ast.Call) -> Iterator[_Setting]:
    """Yield the default of an argument, under its longest name."""
    said = {word.arg: word.value for word in item.keywords if word.arg}
    texts = [(text, argument) for argument in item.args if (text := _text(argument))]
    default = said.get("default")
    if default is None or not texts:
        return
    name, at = max(texts, key=lambda pair: len(pair[0]))
    yield _Setting(0, name.lstrip("-"), at, default)


def _fields(item: ast.ClassDef) -> Iterator[_Setting]:
    for statement in item.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            value = _default(statement.value)
            if value is not None:
                yield _Setting(1, statement.target.id, statement.target, value)
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            target = statement.targets[0]
            yield _Setting(1, target.id, target, statement.value)


_ENTRIES: Final = frozenset({"train", "main", "run", "finetune", "fine_tune", "training", "fit"})
"""Functions whose defaults a command line sets (fire, typer), by what they are called."""


def _parameters(item: ast.FunctionDef) -> Iterator[_Setting]:
    """Yield the defaults of a function's parameters."""
    named = item.args.args[len(item.args.args) - len(item.args.defaults) :]
    pairs = list(zip(named, item.args.defaults, strict=True))
    pairs += [
        (at, d) for at, d in zip(item.args.kwonlyargs, item.args.kw_defaults, strict=True) if d
    ]
    for at, value in pairs:
        yield _Setting(1, at.arg, value, value)


def code_of(text: str, path: str | Path) -> str:
    """Return the code of a script or notebook without comments and without the notebook's texts.

    Args:
        text: The source.
        path: Its name.

    Raises:
        UserError: it is no Python.
    """
    source = parse_source(text, path)
    try:
        return text if source is None else ast.unparse(source.module)
    except (RecursionError, ValueError):
        return text


def _default(value: ast.expr | None) -> ast.expr | None:
    """Return the default that a field has: its value, or what ``field(default=…)`` says."""
    if isinstance(value, ast.Call):
        return next((word.value for word in value.keywords if word.arg == "default"), None)
    return value


def _text(item: ast.expr) -> str:
    return item.value if isinstance(item, ast.Constant) and isinstance(item.value, str) else ""


def _mapping(source: Source, settings: Sequence[_Setting]) -> Node | None:
    """Put the settings into one mapping: per meaning those of the first tier that has it."""
    names = Names(source.module)
    best: dict[str, int] = {}
    known: list[tuple[_Setting, str, object]] = []
    for setting in settings:
        value = fold(setting.value, names)
        if value is UNKNOWN or value is None or isinstance(value, list | tuple):
            continue
        meaning = _meaning(setting.name)
        if meaning is None:
            continue
        best[meaning] = min(best.get(meaning, _TIERS), setting.tier)
        known.append((setting, meaning, value))
    kept = [item for item in known if item[0].tier == best[item[1]]]
    root = source.whole()
    first = kept[0][0].at if kept else next(_expressions(source.module), None)
    if first is None:
        return None
    root.pairs.append((source.word(first, MARK), source.scalar(first, value=True)))
    for number, (setting, _, value) in enumerate(kept):
        key = source.word(setting.at, setting.name)
        if root.key_node(setting.name) is not None:
            # The same name twice: a place of its own, so that unlike values are seen.
            holder = source.node("mapping", setting.at)
            holder.pairs.append((key, source.scalar(setting.at, value)))
            root.pairs.append((source.word(setting.at, f"part_{number}"), holder))
            continue
        root.pairs.append((key, source.scalar(setting.at, value)))
    return root


def _expressions(module: ast.Module) -> Iterator[ast.expr]:
    """Yield expressions: of a script without any setting, what it calls tells the kind."""
    return (item for item in ast.walk(module) if isinstance(item, ast.expr))


def _meaning(name: str) -> str | None:
    """Return what a name means, or None where it names no hyperparameter and no model."""
    word = normal(name)
    if word in (OPTIMIZER, "optimizer", "optim", "opt"):
        return "optimizer"
    if word in _OTHERS:
        return word
    found = role(name)
    return None if found is None else found.name


_OTHERS: Final = frozenset({
    "model_name_or_path", "base_model", "model_name", "pretrained_model_name_or_path", "arch",
    "max_steps", "train_steps", "total_steps", "num_classes", "num_labels", "total_timesteps",
    "use_peft", "use_lora", "lora_enable", "use_qlora",
})  # fmt: skip


class Default(NamedTuple):
    """A value that a script has for a flag where nobody gives it.

    Attributes:
        value: A number, a switch or a word.
        line: Where it stands.
    """

    value: bool | int | float | str
    line: int


def defaults_of(text: str, path: str | Path) -> dict[str, Default]:
    """Return what a script has for its flags, by their names with underscores.

    Declared arguments count before fields of dataclasses, those before constants of the module. A
    name that stands twice with unlike values is left out. The one class of an optimizer that it
    makes stands under :data:`OPTIMIZER`.

    Args:
        text: The source.
        path: Its name.

    Raises:
        UserError: it is no Python.
    """
    module = parse_script(text, path).module
    names = Names(module)
    found: dict[str, tuple[int, set[Default]]] = {}
    for setting in [*_settings(module), *_other_names(module)]:
        value = fold(setting.value, names)
        keyword = setting.tier == 2 and setting.name != OPTIMIZER
        if keyword or not isinstance(value, bool | int | float | str):
            continue
        name = setting.name.lstrip("-").replace("-", "_")
        tier, known = found.get(name, (_TIERS, set()))
        if setting.tier <= tier:
            kept = known if setting.tier == tier else set()
            found[name] = (setting.tier, kept | {Default(value, setting.at.lineno)})
    return {
        name: min(known, key=lambda one: one.line)
        for name, (_, known) in found.items()
        if len({repr(one.value) for one in known}) == 1
    }


def _other_names(module: ast.Module) -> Iterator[_Setting]:
    """Yield the defaults of declared arguments under their other names, such as ``-b``."""
    for item in ast.walk(module):
        if not isinstance(item, ast.Call) or dotted(item.func).rsplit(".", 1)[-1] not in _HELD:
            continue
        default = next((word.value for word in item.keywords if word.arg == "default"), None)
        for argument in item.args if default is not None else []:
            if default is not None and _text(argument).startswith("-"):
                yield _Setting(0, _text(argument).lstrip("-"), argument, default)
