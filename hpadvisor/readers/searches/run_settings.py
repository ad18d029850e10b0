"""The settings of one past run: files beside its log, the log's own words, folder names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hpadvisor.readers.curves.tables import flattened
from hpadvisor.readers.plain_yaml import load_plain_yaml
from hpadvisor.readers.searches.columns import is_about
from hpadvisor.readers.searches.values import parse

SETTINGS_FILES = (
    "hparams.yaml", "hparams.json", "hyperparameters.json", "hyperparameters.yaml", "hps.json",
    "args.yaml", "args.json", "arguments.json", "opt.yaml", "opts.yaml", "params.json",
    "params.yaml", ".hydra/config.yaml", "config.yaml", "config.yml", "cfg.yaml", "config.json",
    "settings.json", "settings.yaml", "flags.json", "train_config.json", "training_config.json",
    "run_config.json", "train_args.json", "training_args.json", "conf.yaml", "config.toml",
)  # fmt: skip
"""Where frameworks and people keep what a run was given, the surest first."""

RESULT_FILES = (
    "results.json", "result.json", "metrics.json", "summary.json", "best.json", "final.json",
    "best_metrics.json", "final_metrics.json", "eval_results.json", "all_results.json",
    "test_results.json", "scores.json", "final_results.json", "eval_metrics.json",
)  # fmt: skip
_CARD = re.compile(r"^\s*[-*]\s+([a-z][\w ]+?):\s*(\S.*?)\s*$", re.MULTILINE)
_CARD_HEAD = "hyperparameters were used"
_PAIR = re.compile(
    r"(?:^|[,_\s/+-])([A-Za-z][A-Za-z0-9.]*(?:_[A-Za-z][A-Za-z0-9.]*)*)="
    # The value ends where the next name begins: lr=0.1_seed=3 is two settings.
    r"([^,=/\s]+?)(?=$|[,/\s]|[_+-][A-Za-z][A-Za-z0-9.]*(?:_[A-Za-z][A-Za-z0-9.]*)*=)"
)
_GLUED = re.compile(r"(?:^|[_,-])([A-Za-z]{2,}?)[_-]?(\d+(?:\.\d+)?(?:e[-+]?\d+)?)(?=$|[_,-])")
_NAMESPACE = re.compile(r"Namespace\((.{10,20000}?)\)\s*$", re.MULTILINE)
_ITEM = re.compile(r"(\w+)=('(?:[^'\\]|\\.)*'|\[[^\]]*\]|\([^)]*\)|[^,]+)(?:,\s*|$)")
_MOST_BYTES, _MOST_KEYS, _LONGEST = 400_000, 400, 60


def folder_of(place: Path) -> Path:
    """Return the folder of a run, which is known by its folder or by its log."""
    return place if place.is_dir() else place.parent


def settings_near(log: Path, root: Path) -> dict[str, Any]:
    """The settings in files beside a log and above it, up to the folder that was given.

    A file nearer to the log counts before one farther away. The folder that was given itself
    counts only where the log lies in it.

    Args:
        log: The log, or the folder that is the run.
        root: The folder that the user gave.
    """
    found: dict[str, Any] = {}
    for place in _places(log, root):
        for name in SETTINGS_FILES:
            file = place / name
            if file.is_file():
                _fill(found, read_settings(file))
        card = place / "README.md"
        if card.is_file():
            _fill(found, _card(card))
    return found


def _fill(found: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        found.setdefault(key, value)


def _places(log: Path, root: Path) -> Iterator[Path]:
    place = folder_of(log)
    first = place
    for _ in range(4):
        if place != root or place == first:
            yield place
        if place in (root, place.parent):
            return
        place = place.parent


def read_settings(file: Path) -> dict[str, Any]:
    """Read a YAML, JSON or TOML config as flat scalars; nothing where it cannot be read."""
    import tomllib

    try:
        if file.stat().st_size > _MOST_BYTES:
            return {}
        text = file.read_text(encoding="utf-8", errors="replace")
        if file.suffix == ".json":
            raw = json.loads(text)
        elif file.suffix == ".toml":
            raw = tomllib.loads(text)
        else:
            raw = load_plain_yaml(_without_tags(text))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(raw, dict):
        return {}
    if _is_wandb(raw):
        raw = {key: entry["value"] for key, entry in raw.items() if not key.startswith("_")}
    return plain(flattened(raw))


def _without_tags(text: str) -> str:
    """YAML without the tags of Python objects, which no safe loader takes."""
    return re.sub(r"!!python/[\w:.,/]+", "", text)


def _is_wandb(raw: dict[Any, Any]) -> bool:
    """Whether each entry is ``{value: …}``, as W&B writes its configs."""
    entries = [v for key, v in raw.items() if isinstance(key, str) and not key.startswith("_")]
    return bool(entries) and all(isinstance(v, dict) and "value" in v for v in entries)


def plain(values: Mapping[Any, Any]) -> dict[str, Any]:
    """Scalars only: numbers, switches, short words; numbers that YAML takes for text are such."""
    found: dict[str, Any] = {}
    for key, given in list(values.items())[:_MOST_KEYS]:
        value = parse(given)
        if isinstance(value, list | tuple):
            value = json.dumps(list(given), default=str)
        if value is None or (isinstance(value, str) and len(value) > _LONGEST):
            continue
        if isinstance(value, bool | int | float | str):
            found[str(key)] = value
    return found


def _card(file: Path) -> dict[str, Any]:
    """The hyperparameters that a model card of the Hugging Face Trainer lists."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")[:_MOST_BYTES]
    except OSError:
        return {}
    _, head, rest = text.partition(_CARD_HEAD)
    if not head:
        return {}
    listed = rest.split("\n#", 1)[0]
    return plain({key.replace(" ", "_"): value for key, value in _CARD.findall(listed)})


def settings_in_text(log: Path) -> dict[str, Any]:
    """Settings that a script prints before it trains: ``Namespace(lr=0.1, …)``."""
    if log.is_dir():
        return {}
    try:
        with log.open("r", encoding="utf-8", errors="replace") as stream:
            head = stream.read(65536)
    except OSError:
        return {}
    match = _NAMESPACE.search(head)
    if match is None:
        return {}
    return plain({k: v.strip().strip("'\"") for k, v in _ITEM.findall(match[1])})


def settings_in_name(path: Path, root: Path, known: Any) -> dict[str, Any]:
    """Settings in the names of folders and of the log: ``lr=0.1,wd=0``, ``lr0.1_bs64``.

    Args:
        path: The log or the run's folder.
        root: The folder that the user gave; names above it do not count.
        known: Tells the hyperparameter of a name; glued names count only if it knows them.
    """
    try:
        parts = path.relative_to(root).parts
    except ValueError:
        parts = path.parts[-1:]
    found: dict[str, Any] = {}
    for part in parts:
        stem = re.sub(r"\.(?:csv|tsv|json|jsonl|log|txt|out|ndjson)$", "", part)
        for key, value in _PAIR.findall(stem):
            found[key] = parse(value)
        if "=" not in stem:
            for key, value in _GLUED.findall(stem):
                if known(key) is not None:
                    found.setdefault(key, parse(value))
    return found


def tidy(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without what only names or places a run, and the seed apart (as ``seed``)."""
    found: dict[str, Any] = {}
    leaves = [key.rsplit(".", 1)[-1] for key in settings]
    for key, value in settings.items():
        leaf = key.rsplit(".", 1)[-1]
        lowered = leaf.lower()
        if lowered in ("seed", "random_seed", "random_state", "manual_seed", "rng_seed"):
            found.setdefault("seed", value)
        elif is_about(leaf) or _is_place(value) or lowered.endswith(("_dir", "_path", "_file")):
            continue
        else:
            found[leaf if leaves.count(leaf) == 1 else key] = value
    return found


def _is_place(value: Any) -> bool:
    """Whether it is a path, or points at another setting as Hydra's ``${...}`` do."""
    return isinstance(value, str) and any(sign in value for sign in ("/", "\\", "${"))
