"""Settings that stand in the calls of a script: optimizers, arguments, boosting, callbacks, fits.

Each call becomes a mapping whose key ``script_call`` tells what it is; declared formats read it.
A name counts only where the script imports it from a library that has it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from hpadvisor.readers.scripts.finding import argument
from hpadvisor.readers.scripts.fits import fit_nodes
from hpadvisor.readers.scripts.folding import UNKNOWN, Names, dotted, fold, is_number, walked
from hpadvisor.readers.scripts.schedules import schedule_nodes
from hpadvisor.readers.scripts.source import Source, parse_source
from hpadvisor.readers.yaml_nodes import Node

_HINTS = (
    "Adam(", "AdamW(", "Adam8bit(", "AdamW8bit(", "SGD(", "RMSprop(", "TrainingArguments(",
    "EarlyStopping(", "ModelCheckpoint(", "ReduceLROnPlateau(", "SFTConfig(", "POConfig(",
    "KTOConfig(", "RLOOConfig(", "RewardConfig(", "XGB", "LGBM", "CatBoost", "GradientBoosting",
    "eval_set", "validation_data",
)  # fmt: skip
"""Texts of which one stands in every script with such a call; others are not parsed."""
_OPTIMIZERS = re.compile(r"(?:Fused|Paged)?(?:Adam\w{0,8}|SGD|RMSprop|RMSProp|NAdam|RAdam)")
_OPTIMIZER_HOMES = re.compile(
    r"(?:^|\.)(?:optim|optimizers|optimization|bitsandbytes|transformers)\b"
)
_OWN_SCALE = re.compile(
    r"\b(?:LambdaLR|MultiplicativeLR|OneCycleLR|CyclicLR|Noam\w*|noam\w*|rsqrt)\b"
)
_ARGUMENTS = re.compile(
    r"\w*TrainingArguments|(?:SFT|DPO|ORPO|KTO|CPO|GRPO|RLOO|Reward)Config"
)  # fmt: skip
_ARGUMENT_HOMES = re.compile(r"^(?:transformers|trl|unsloth|optimum|sentence_transformers)\b")
_PREFERENCES = re.compile(r"(?:DPO|ORPO|KTO|CPO)Config")
_BOOSTING = re.compile(r"(?:XGB|LGBM|CatBoost|GradientBoosting|HistGradientBoosting)\w+")
_BOOSTING_HOMES = re.compile(r"^(?:xgboost|lightgbm|catboost|sklearn)\b")
_BOOSTING_NAMES = {
    "learning_rate": "learning_rate", "eta": "learning_rate", "n_estimators": "trees",
    "iterations": "trees", "num_boost_round": "trees", "num_iterations": "trees",
    "max_iter": "trees", "num_trees": "trees",
}  # fmt: skip
_MOST = 200


class Imported:
    """What the names of a module stand for: ``Adam`` is ``torch.optim.Adam``.

    Args:
        nodes: Every node of the module.
    """

    def __init__(self, nodes: list[ast.AST]) -> None:
        self._homes: dict[str, str] = {}
        for item in nodes:
            if isinstance(item, ast.ImportFrom) and item.module and not item.level:
                for name in item.names:
                    self._homes[name.asname or name.name] = f"{item.module}.{name.name}"
            elif isinstance(item, ast.Import):
                for name in item.names:
                    own = name.asname or name.name.split(".")[0]
                    self._homes[own] = name.name if name.asname else own

    def full(self, item: ast.expr) -> str:
        """Return the dotted name with its import written out; empty where nothing imports it."""
        first, _, rest = dotted(item).partition(".")
        home = self._homes.get(first)
        if home is None:
            return ""
        return f"{home}.{rest}" if rest else home


def read_calls(text: str, path: str | Path) -> list[Node]:
    """Return a mapping for every call of a script or notebook that states how it trains.

    Raises:
        UserError: it cannot be parsed.
    """
    if not any(hint in text for hint in _HINTS):
        return []
    source = parse_source(text, path)
    if source is None:
        return []
    nodes = walked(source.module)
    imported, names = Imported(nodes), Names(source.module, nodes)
    calls = [item for item in nodes if isinstance(item, ast.Call)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    known = [(call, full) for call in calls if (full := imported.full(call.func))]
    kind = _kind(known)
    found: list[Node] = []
    for call, full in known:
        found += _one(call, full, kind, source, names)
    found += schedule_nodes(known, calls, source, names)
    found += fit_nodes(calls, source, names)
    return found[:_MOST]


def _one(call: ast.Call, full: str, kind: str, source: Source, names: Names) -> Iterator[Node]:
    home, _, word = full.rpartition(".")
    if _OPTIMIZERS.fullmatch(word) and _OPTIMIZER_HOMES.search(home):
        rate = _rate(call, home, names)
        if rate is not None:
            yield _optimizer(call, full, rate, source, names)
    elif _ARGUMENTS.fullmatch(word) and _ARGUMENT_HOMES.search(home):
        node = call_node(call, "arguments", source, names)
        said = "preference-tuning" if _PREFERENCES.fullmatch(word) and kind != "lora" else kind
        if word in ("GRPOConfig", "RLOOConfig", "RewardConfig"):
            said = ""
        node.pairs.append((source.word(call, "script_kind"), source.scalar(call, said)))
        yield node
    elif _BOOSTING.fullmatch(word) and _BOOSTING_HOMES.search(home):
        yield _boosting(call, source, names)


def call_node(call: ast.Call, what: str, source: Source, names: Names) -> Node:
    """Return a mapping of a call's keywords; what is unpacked into it counts as an include."""
    node = source.marked(call, what)
    for keyword in call.keywords:
        if keyword.arg is None:
            unknown = source.scalar(call, "", known=False)
            node.pairs.append((source.word(call, "__include__"), unknown))
        else:
            key = source.word(keyword, keyword.arg, len(keyword.arg))
            node.pairs.append((key, value_node(keyword.value, source, names)))
    return node


def value_node(item: ast.expr, source: Source, names: Names) -> Node:
    """Return the scalar of an expression; an enumeration's member is its last name."""
    value = fold(item, names)
    if value is UNKNOWN and isinstance(item, ast.Attribute) and item.attr.isupper():
        value = item.attr.lower()
    known = value is not UNKNOWN and not isinstance(value, list)
    return source.scalar(item, value if known else "", known=known)


def _rate(call: ast.Call, home: str, names: Names) -> ast.expr | None:
    """Return the rate of an optimizer that trains a whole model; None for a few loose tensors."""
    if "optimizers" in home or "keras" in home:
        # TensorFlow Addons puts the weight decay before the rate.
        first = 99 if home.startswith("tensorflow_addons") else 0
        return argument(call, first, "learning_rate", "lr")
    weights = argument(call, 0, "params")
    if weights is None or not re.search(r"param", ast.unparse(weights)):
        return None
    return argument(call, 1, "lr")


def _optimizer(call: ast.Call, full: str, rate: ast.expr, source: Source, names: Names) -> Node:
    node = source.marked(call, "optimizer")
    node.pairs.append((source.word(call, "optimizer"), source.scalar(call.func, full)))
    node.pairs.append((source.word(rate, "learning_rate"), value_node(rate, source, names)))
    for keyword in call.keywords:
        if keyword.arg in ("weight_decay", "momentum"):
            key = source.word(keyword, keyword.arg, len(keyword.arg))
            node.pairs.append((key, value_node(keyword.value, source, names)))
    if _OWN_SCALE.search(source.text):
        # A schedule that sets or multiplies the rate makes the optimizer's own one a factor.
        node.pairs.append((source.word(call, "schedule"), source.scalar(call, "noam")))
    return node


def _boosting(call: ast.Call, source: Source, names: Names) -> Node:
    node = source.marked(call, "boosting")
    for keyword in call.keywords:
        name = _BOOSTING_NAMES.get(keyword.arg or "")
        if name and is_number(fold(keyword.value, names)):
            key = source.word(keyword, name, len(keyword.arg or ""))
            node.pairs.append((key, value_node(keyword.value, source, names)))
    return node


def _kind(known: list[tuple[ast.Call, str]]) -> str:
    """Return what the script fine-tunes, by the calls that load a model and its adapters."""
    words = {full.rsplit(".", 1)[-1] for _, full in known}
    loaded = {full.rsplit(".", 2)[-2] for _, full in known if full.endswith(".from_pretrained")}
    if words & {"LoraConfig", "get_peft_model", "prepare_model_for_kbit_training"} or (
        "FastLanguageModel" in loaded
    ):
        return "lora"
    if "AutoModelForCausalLM" in loaded:
        return "llm-fine-tuning"
    if any(re.fullmatch(r"\w*For(?:Sequence|Token)Classification", name) for name in loaded):
        return "encoder-fine-tuning"
    return ""
