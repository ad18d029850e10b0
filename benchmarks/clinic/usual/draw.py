"""Tasks of a usual size, their parts, and settings drawn at random.

Whole data sets are apart: within texts, pictures and tables they alternate between the parts in
the order of the SHA-256 of their names, so that no text or picture set is in both.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from benchmarks.clinic.draw import Setting as _SmallSetting
from benchmarks.clinic.draw import changed as _changed

TEXTS = ("python", "torch", "sklearn", "scipy", "skimage", "headers", "python_docs", "fortunes",
         "man_en", "man_de", "man_fr", "man_es", "gcide", "jargon", "words",
         "unicode")  # fmt: skip
PIECED = ("python", "gcide", "python_docs", "man_en", "man_de", "torch", "fortunes", "headers")
READ = {"languages": ("man_en", "man_de", "man_fr", "man_es"),
        "libraries": ("python", "torch", "sklearn", "scipy", "skimage", "headers")}  # fmt: skip
PICTURES = ("letters", "numerals", "styles", "textures", "scenes", "icons", "digits")
TABLES = ("airfares", "panel_wages", "county_murders", "pixel_lines")
LATER = ("handwritten", "stamps", "segments", "diamonds", "movies", "computers", "flights",
         "airports")  # fmt: skip
"""Sets that came later, all of the development part."""
FURTHER_TEXTS = ("man_pl", "man_ru", "fortunes_it", "fortunes_de", "foldoc", "wordnet", "git_docs",
                 "pandas", "sympy", "networkx", "statsmodels")  # fmt: skip
FURTHER_PIECED = ("pandas", "sympy", "foldoc", "wordnet", "fortunes_de", "git_docs")
FURTHER_READ = {"sources": ("man_pl", "fortunes_it", "fortunes_de", "foldoc"),
                "packages": ("pandas", "sympy", "networkx", "statsmodels")}  # fmt: skip
FURTHER_TABLES = ("food_shares", "nitrogen", "wages", "males", "star")
"""Sets that came last, mostly texts: of the development part, too."""
_BELONGS = {"turned": "letters", "textures_hidden": "textures", "scenes_hidden": "scenes"}
LANGUAGE_MODELS = ("gpt", "gpt_pieces", "gru")


@dataclass(frozen=True)
class Task:
    """A data set with a kind of net; ``before`` is the data set that it was pretrained on."""

    data: str
    kind: str
    before: str = ""

    @property
    def name(self) -> str:
        """Such as ``gcide-gpt``, or ``man_es-gpt-tuned``."""
        return f"{self.data}-{self.kind}" + ("-tuned" if self.before else "")

    @property
    def part(self) -> str:
        """``development`` or ``test``."""
        return _PART[_BELONGS.get(self.data, self.data)]


def _parts() -> dict[str, str]:
    parts: dict[str, str] = {}
    for names in (TEXTS, tuple(READ), PICTURES, TABLES):
        ordered = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
        for place, name in enumerate(ordered):
            parts[name] = ("development", "test")[place % 2]
    later = (*LATER, *FURTHER_TEXTS, *FURTHER_READ, *FURTHER_TABLES)
    return parts | dict.fromkeys(later, "development")


_PART = _parts()

TASKS: tuple[Task, ...] = (
    *(Task(text, "gpt") for text in TEXTS),
    *(Task(text, "gpt_pieces") for text in PIECED),
    *(Task(text, "gru") for text in ("jargon", "headers", "man_fr", "words", "gcide")),
    *(Task(data, kind) for data in READ for kind in ("encoder", "gru_reader")),
    *(Task(data, "resnet") for data in PICTURES),
    *(Task(data, "vit") for data in PICTURES if data not in ("digits", "numerals")),
    *(Task(data, "convnet") for data in ("letters", "textures", "icons", "styles")),
    Task("turned", "resnet"), Task("turned", "vit"),
    Task("textures_hidden", "convnet"), Task("scenes_hidden", "resnet"),
    Task("pixel_lines", "series_gru"), Task("pixel_lines", "series_transformer"),
    *(Task(data, "mlp") for data in TABLES[:3]),
    Task("skimage", "gpt", "python"), Task("man_es", "gpt", "man_fr"),
    Task("jargon", "gpt", "gcide"), Task("scipy", "gpt", "sklearn"),
    Task("numerals", "resnet", "letters"), Task("styles", "vit", "letters"),
    Task("scenes", "resnet", "textures"), Task("numerals", "convnet", "letters"),
)  # fmt: skip

LATER_TASKS: tuple[Task, ...] = (
    *(Task(data, kind) for data in ("handwritten", "stamps")
      for kind in ("resnet", "convnet", "vit")),
    *(Task(data, "mlp") for data in LATER[2:7]),
    Task("airports", "series_gru"), Task("airports", "series_transformer"),
    Task("handwritten", "resnet", "digits"), Task("stamps", "vit", "icons"),
    Task("stamps", "convnet", "icons"), Task("digits", "convnet"), Task("digits", "resnet"),
    Task("icons", "resnet"), Task("icons", "convnet"), Task("icons", "vit"),
    Task("styles", "resnet"), Task("styles", "vit"), Task("styles", "convnet"),
    Task("scenes", "resnet"), Task("scenes", "vit"), Task("scenes_hidden", "resnet"),
    Task("libraries", "encoder"), Task("libraries", "gru_reader"),
    Task("airfares", "mlp"), Task("panel_wages", "mlp"),
)  # fmt: skip
"""Development tasks of the groups from ``FIRST_LATER`` on, none of them a language model."""
FIRST_LATER = 1000

FURTHER_TASKS: tuple[Task, ...] = (
    *(Task(text, "gpt") for text in FURTHER_TEXTS),
    *(Task(text, "gpt_pieces") for text in FURTHER_PIECED),
    *(Task(text, "gru") for text in ("man_pl", "foldoc", "fortunes_it", "networkx", "git_docs")),
    *(Task(data, kind) for data in FURTHER_READ for kind in ("encoder", "gru_reader")),
    Task("foldoc", "gpt", "wordnet"), Task("statsmodels", "gpt", "pandas"),
    Task("fortunes_it", "gpt", "fortunes_de"),
    *(Task(data, "mlp") for data in FURTHER_TABLES),
    *(Task(data, kind) for data in ("handwritten", "stamps")
      for kind in ("resnet", "convnet", "vit")),
    Task("airports", "series_gru"), Task("airports", "series_transformer"),
)  # fmt: skip
"""Development tasks of the groups from ``FIRST_FURTHER`` on."""
FIRST_FURTHER = 3000


@dataclass(frozen=True)
class Setting:
    """The hyperparameters in which the members of a group differ.

    ``weight_decay`` is L2 for sgd, momentum and adam, else decoupled; ``warmup`` a share of the
    steps; ``clipping`` a limit of the gradient norm, 0 for none; ``size`` of the training part in
    symbols (texts) or examples; ``subset`` a number that says which.
    """

    optimizer: str
    learning_rate: float
    schedule: str
    warmup: float
    weight_decay: float
    dropout: float
    clipping: float
    label_noise: float
    size: int
    subset: int


@dataclass(frozen=True)
class Group:
    """Settings that are trained as one stack.

    ``fresh`` and ``fixed`` are the examples (texts: windows) of an evaluation on random ones and
    on a fixed subset; ``interval`` the steps between evaluations.
    """

    number: int
    task: Task
    width: int
    depth: int
    length: int
    batch_size: int
    steps: int
    interval: int
    augmented: bool
    fresh: int
    fixed: int
    settings: list[Setting] = field(default_factory=list)


SETTINGS_PER_GROUP = 4

_TRANSFORMERS = {"sgd": 0.2, "momentum": 0.03, "adam": 1.5e-3, "adamw": 1.5e-3, "lion": 2e-4,
                 "muon": 1e-2}  # fmt: skip
_CONVOLUTIONS = {"sgd": 0.1, "momentum": 0.03, "adam": 2e-3, "adamw": 2e-3, "lion": 3e-4,
                 "muon": 1e-2}  # fmt: skip
_OTHERS = {"sgd": 0.3, "momentum": 0.05, "adam": 3e-3, "adamw": 3e-3, "lion": 5e-4, "muon": 1e-2}
CENTRES = {
    **dict.fromkeys(("gpt", "gpt_pieces", "encoder", "vit", "series_transformer"), _TRANSFORMERS),
    **dict.fromkeys(("resnet", "convnet"), _CONVOLUTIONS),
    **dict.fromkeys(("gru", "gru_reader", "series_gru", "mlp"), _OTHERS),
}
"""Rates around which draws are centred, by kind and optimizer."""

_CHOICE = {
    "transformers": (0.05, 0.08, 0.15, 0.5, 0.1, 0.12),
    "convolutions": (0.1, 0.38, 0.17, 0.2, 0.08, 0.07),
    "others": (0.05, 0.15, 0.35, 0.33, 0.06, 0.06),
}
_SCHEDULES = ("constant", "cosine", "linear", "step", "one-cycle", "cosine-to-tenth")
_SHARES = (0.27, 0.27, 0.12, 0.12, 0.1, 0.12)


def draw_group(number: int) -> Group:
    """Draw group ``number``; the same number always gives the same group."""
    rng = np.random.default_rng([113, number])
    if number >= FIRST_FURTHER:
        task = FURTHER_TASKS[(number - FIRST_FURTHER) % len(FURTHER_TASKS)]
    elif number >= FIRST_LATER:
        task = LATER_TASKS[(number - FIRST_LATER) % len(LATER_TASKS)]
    else:
        order = np.random.default_rng([7, number // len(TASKS)]).permutation(len(TASKS))
        task = TASKS[order[number % len(TASKS)]]
    shape = _language(rng, task) if task.kind in LANGUAGE_MODELS else _examples(rng, task)
    sizes = shape.pop("sizes")
    settings = [_setting(rng, task, sizes) for _ in range(SETTINGS_PER_GROUP)]
    return Group(number=number, task=task, settings=settings, **shape)


def _pick(rng: np.random.Generator, *values: Any) -> Any:
    return values[int(rng.integers(len(values)))]


def _language(rng: np.random.Generator, task: Task) -> dict[str, Any]:
    steps = _pick(rng, 400, 500, 600, 800, 1000)
    shape = {"width": _pick(rng, 48, 64, 64, 96, 128), "depth": _pick(rng, 2, 3, 4),
             "length": _pick(rng, 32, 64, 64), "batch_size": _pick(rng, 8, 16, 24)}  # fmt: skip
    if task.kind == "gru":
        shape = {"width": _pick(rng, 64, 96, 128), "depth": 1, "length": 24,
                 "batch_size": _pick(rng, 16, 32)}  # fmt: skip
        steps = _pick(rng, 400, 600)
    evaluations = _pick(rng, 8, 10, 16, 20, 25, 40)
    while steps % evaluations:
        evaluations = _pick(rng, 8, 10, 16, 20, 25, 40)
    sizes = (2_000, 6_000, 25_000) if task.before else (12_000, 40_000, 150_000, 900_000)
    return {**shape, "steps": steps, "interval": steps // evaluations, "augmented": False,
            "fresh": _pick(rng, 16, 40, 100), "fixed": 32, "sizes": sizes}  # fmt: skip


def _examples(rng: np.random.Generator, task: Task) -> dict[str, Any]:
    pictures = task.kind in ("resnet", "convnet", "vit")
    small = task.data in ("digits", "numerals", "segments") or bool(task.before)
    size = _pick(rng, 150, 300, 600) if small else _pick(rng, 400, 800, 1600, 3000)
    while True:
        batch, epochs = _pick(rng, 16, 32, 64, 128), _pick(rng, 8, 12, 16, 20, 30, 40)
        interval = -(-size // batch)
        if 300 <= epochs * interval <= (1000 if pictures else 1500):
            break
    widths = {"resnet": (8, 12, 16), "convnet": (12, 16, 24), "vit": (32, 48, 64),
              "mlp": (32, 64, 128)}.get(task.kind, (32, 64))  # fmt: skip
    depth = {"resnet": (1, 1, 2), "convnet": (1, 2), "gru_reader": (1,),
             "series_gru": (1,)}.get(task.kind, (2, 3, 4))  # fmt: skip
    length = {"encoder": 32, "gru_reader": 24}.get(task.kind, 16 if pictures else 28)
    return {"width": _pick(rng, *widths), "depth": _pick(rng, *depth), "length": length,
            "batch_size": batch, "steps": epochs * interval, "interval": interval,
            "augmented": pictures and bool(rng.random() < 0.5),
            "fresh": _pick(rng, 64, 128, 256), "fixed": 100, "sizes": (size,)}  # fmt: skip


def _setting(rng: np.random.Generator, task: Task, sizes: tuple[int, ...]) -> Setting:
    centres = CENTRES[task.kind]
    kind = ("transformers" if centres is _TRANSFORMERS else
            "convolutions" if centres is _CONVOLUTIONS else "others")  # fmt: skip
    shares = np.asarray(_CHOICE[kind])
    optimizer = str(rng.choice(list(centres), p=shares / shares.sum()))
    decades = rng.normal(0, 0.35) if rng.random() < 0.55 else rng.uniform(-2.0, 1.6)
    centre = centres[optimizer] * (0.3 if task.before else 1.0)
    if optimizer in ("sgd", "momentum", "adam"):
        decay = _pick(rng, 0.0, 0.0, 1e-4, 5e-4, 5e-3)
    else:
        decay = _pick(rng, 0.0, 0.0, 0.01, 0.1, 0.1, 0.5, 1.0)
    classes = task.kind in ("resnet", "convnet", "vit", "encoder", "gru_reader")
    warm = kind == "transformers" or rng.random() < 0.2
    schedule = str(rng.choice(_SCHEDULES, p=_SHARES))
    return Setting(
        optimizer=optimizer,
        learning_rate=float(f"{centre * 10**decades:.3g}"),
        schedule=schedule,
        warmup=_pick(rng, 0.0, 0.02, 0.05, 0.1) if warm and schedule != "one-cycle" else 0.0,
        weight_decay=float(decay),
        dropout=_pick(rng, 0.0, 0.0, 0.1, 0.2, 0.4),
        clipping=1.0 if rng.random() < (0.7 if kind == "transformers" else 0.15) else 0.0,
        label_noise=_pick(rng, 0.0, 0.0, 0.0, 0.1, 0.3) if classes else 0.0,
        size=_pick(rng, *sizes),
        subset=int(rng.integers(1 << 30)),
    )


def changed(setting: Setting, change: str) -> Setting:
    """The setting with one change of rate or regularisation, as in the clinic of small nets."""
    decoupled = setting.optimizer in ("adamw", "lion", "muon")
    small = _SmallSetting("adamw" if decoupled else "sgd", setting.learning_rate, "",
                          setting.weight_decay, setting.dropout, 0.0, 0)  # fmt: skip
    new = _changed(small, change)
    return replace(
        setting, learning_rate=new.learning_rate, weight_decay=new.weight_decay,
        dropout=new.dropout,
    )  # fmt: skip


def rate_factor(schedule: str, warmup: float, share: float) -> float:
    """Rate over its peak when ``share`` of the steps are done."""
    if schedule == "one-cycle":
        if share < 0.3:
            return 0.04 + 0.96 * share / 0.3
        return float(0.5 + 0.5 * np.cos(np.pi * (share - 0.3) / 0.7)) + 1e-3
    rising = min(1.0, (share + 1e-3) / warmup) if warmup else 1.0
    left = max(0.0, (share - warmup) / (1 - warmup))
    falling = {
        "constant": 1.0,
        "cosine": 0.5 + 0.5 * float(np.cos(np.pi * left)),
        "cosine-to-tenth": 0.55 + 0.45 * float(np.cos(np.pi * left)),
        "linear": 1 - left,
        "step": 0.1 ** sum(left >= place for place in (0.5, 0.8)),
    }[schedule]
    return rising * falling
