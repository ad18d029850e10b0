"""The tasks (data set × architecture) and the part that each belongs to.

The parts were fixed before any training: within each data set, tasks alternate between the parts
in the order of the SHA-256 of their names, beginning with the part that is smaller so far.
The tasks of the third round came later and are all ``development``.
``development`` may be looked at and fitted to; ``test`` is for the report alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """A data set with an architecture.

    Attributes:
        data: Name of the data set.
        kind: Architecture of ``models.Shape``.
        widths: Widths that are drawn.
        depths: Depths that are drawn.
        sizes: Sizes of the training split that are drawn.
        weight: How often the task is drawn.
    """

    data: str
    kind: str
    widths: tuple[int, ...]
    depths: tuple[int, ...]
    sizes: tuple[int, ...]
    weight: float = 1.0

    @property
    def name(self) -> str:
        """Such as ``digits-cnn``."""
        return f"{self.data}-{self.kind}"


_SMALL, _MIDDLE = (8, 16, 32, 64), (12, 24, 48)
TASKS: tuple[Task, ...] = (
    Task("digits", "mlp", _SMALL, (1, 2, 3), (100, 250, 500, 900)),
    Task("digits", "resmlp", _SMALL, (1, 2, 3), (100, 250, 500, 900)),
    Task("digits", "cnn", (16, 32, 64), (2,), (100, 250, 500), 0.7),
    Task("digits", "gru", (8, 16, 32), (1,), (100, 250, 500), 0.6),
    Task("digits", "transformer", (8, 16, 24), (1, 2), (100, 250, 500), 0.5),
    Task("digits_pixels", "mlp", (8, 16, 32), (1, 3), (100, 250, 500, 900)),
    Task("digits_pixels", "resmlp", (8, 16, 24), (1, 2), (100, 250, 500, 900)),
    Task("cancer", "mlp", _SMALL, (1, 2), (60, 120, 250)),
    Task("cancer", "resmlp", _SMALL, (1, 2), (60, 120, 250)),
    Task("wine", "mlp", _SMALL, (1, 2), (40, 80), 0.6),
    Task("diabetes", "mlp", _SMALL, (1, 2, 3), (60, 120, 220)),
    Task("diabetes", "resmlp", _SMALL, (1, 2), (60, 120, 220)),
    Task("patches", "mlp", _MIDDLE, (1, 2, 3), (150, 500, 1500)),
    Task("patches", "resmlp", _MIDDLE, (1, 2), (150, 500, 1500)),
    Task("modules", "mlp", _MIDDLE, (1, 2), (250, 600, 1500)),
    Task("modules", "resmlp", _MIDDLE, (1, 2), (250, 600, 1500)),
    Task("characters", "chars_mlp", _MIDDLE, (1, 2), (300, 800, 2000)),
    Task("characters", "chars_gru", (12, 24), (1,), (300, 800), 0.6),
    Task("characters", "chars_transformer", (12, 24), (1, 2), (300, 800), 0.5),
)

MORE_TASKS: tuple[Task, ...] = (
    Task("digits_parity", "mlp", _SMALL, (1, 2, 3), (100, 250, 500, 900)),
    Task("digits_parity", "resmlp", _SMALL, (1, 2, 3), (100, 250, 500, 900)),
    Task("digits_low", "mlp", _SMALL, (1, 2, 3), (100, 200, 400)),
    Task("digits_low", "resmlp", _SMALL, (1, 2, 3), (100, 200, 400)),
    Task("digits_halves", "mlp", _SMALL, (1, 2), (100, 250, 500, 900)),
    Task("digits_halves", "resmlp", _SMALL, (1, 2), (100, 250, 500, 900)),
    Task("cancer_texture", "mlp", _SMALL, (1, 2), (60, 120, 250), 0.5),
    Task("cancer_texture", "resmlp", _SMALL, (1, 2), (60, 120, 250), 0.5),
    Task("wine_alcohol", "mlp", _SMALL, (1, 2), (40, 80), 0.5),
    Task("wine_alcohol", "resmlp", _SMALL, (1, 2), (40, 80), 0.5),
    Task("diabetes_high", "mlp", _SMALL, (1, 2), (60, 120, 220), 0.5),
    Task("diabetes_high", "resmlp", _SMALL, (1, 2), (60, 120, 220), 0.5),
    Task("photographs", "mlp", _MIDDLE, (1, 2, 3), (150, 500, 1500)),
    Task("photographs", "resmlp", _MIDDLE, (1, 2, 3), (150, 500, 1500)),
    Task("patch_pixels", "mlp", _SMALL, (1, 2), (150, 500, 1500)),
    Task("patch_pixels", "resmlp", _SMALL, (1, 2), (150, 500, 1500)),
    Task("modules_two", "mlp", _MIDDLE, (1, 2), (150, 400, 1000)),
    Task("modules_two", "resmlp", _MIDDLE, (1, 2), (150, 400, 1000)),
    Task("modules_four", "mlp", _MIDDLE, (1, 2), (150, 400, 1000)),
    Task("modules_four", "resmlp", _MIDDLE, (1, 2), (150, 400, 1000)),
    Task("line_lengths", "mlp", _MIDDLE, (1, 2, 3), (150, 500, 1200)),
    Task("line_lengths", "resmlp", _MIDDLE, (1, 2, 3), (150, 500, 1200)),
    Task("scripts", "mlp", _MIDDLE, (1, 2), (200, 500, 1500)),
    Task("scripts", "resmlp", _MIDDLE, (1, 2), (200, 500, 1500)),
    Task("vowels", "mlp", _MIDDLE, (1, 2), (200, 600, 2000)),
    Task("vowels", "resmlp", _MIDDLE, (1, 2), (200, 600, 2000)),
    Task("word_lengths", "mlp", _MIDDLE, (1, 2), (200, 600, 2000)),
    Task("word_lengths", "resmlp", _MIDDLE, (1, 2), (200, 600, 2000)),
    Task("digits_low", "cnn", (16, 32, 64), (2,), (100, 200), 0.4),
    Task("digits_parity", "gru", (8, 16, 32), (1,), (100, 250), 0.3),
    Task("digits_parity", "transformer", (8, 16, 24), (1, 2), (100, 250), 0.3),
    Task("prose", "chars_mlp", _MIDDLE, (1, 2), (300, 800, 2000)),
    Task("prose", "chars_gru", (12, 24), (1,), (300, 800), 0.2),
    Task("prose", "chars_transformer", (12, 24), (1, 2), (300, 800), 0.2),
)
"""Added from group ``SECOND_ROUND`` on, when advice was seen not to carry over from few tasks."""

SECOND_ROUND = 110

ALL_TASKS = (*TASKS, *MORE_TASKS)

_TABLE = (60, 150, 400)
THIRD_TASKS: tuple[Task, ...] = (
    Task("house_prices", "mlp", _SMALL, (1, 2), (60, 150)),
    Task("house_prices", "resmlp", _SMALL, (1, 2), (60, 150), 0.5),
    Task("road_deaths", "resmlp", _SMALL, (1, 2), _TABLE),
    Task("road_deaths", "mlp", _SMALL, (1, 2), _TABLE, 0.5),
    Task("baseball", "mlp", _SMALL, (1, 2, 3), (60, 150)),
    Task("fares", "resmlp", _SMALL, (1, 2), (150, 500, 1500)),
    Task("reading", "mlp", _SMALL, (1, 2), _TABLE),
    Task("county_crime", "resmlp", _SMALL, (1, 2), (60, 150, 300)),
    Task("pensions", "mlp", _SMALL, (1, 2), (150, 500, 1500)),
    Task("loans", "mlp", _SMALL, (1, 2, 3), _TABLE),
    Task("college_grades", "resmlp", _SMALL, (1, 2), (150, 500, 1500)),
    Task("wages", "mlp", _SMALL, (1, 2), (150, 500, 1500)),
    Task("earnings", "mlp", _SMALL, (1, 2, 3), (150, 500, 1000)),
    Task("prison_terms", "resmlp", _SMALL, (1, 2), _TABLE, 0.7),
    Task("employment", "resmlp", _SMALL, (1, 2), (150, 500, 1500), 0.7),
    Task("injuries", "mlp", _SMALL, (1, 2), (150, 500, 1500)),
    Task("favourites", "mlp", _SMALL, (1, 2), (60, 120, 250), 0.7),
    Task("schools", "mlp", _SMALL, (1, 2), (150, 500, 1500)),
    Task("food", "resmlp", _SMALL, (1, 2), _TABLE),
    Task("looks", "resmlp", _SMALL, (1, 2), _TABLE),
    Task("professors", "mlp", _SMALL, (1, 2), (60, 150, 300)),
    Task("births", "mlp", _SMALL, (1, 2), _TABLE, 0.7),
    Task("regions", "resmlp", _SMALL, (1, 2), (150, 500, 1200)),
    Task("prisons", "resmlp", _SMALL, (1, 2), (60, 150, 300)),
    Task("prisons", "mlp", _SMALL, (1, 2, 3), (60, 150, 300)),
    Task("turned_patches", "mlp", _MIDDLE, (1, 2, 3), (150, 500, 1500)),
    Task("turned_patches", "cnn", (16, 32, 64), (2,), (150, 400), 0.4),
    Task("turned_patches", "transformer", (8, 16, 24), (1, 2), (150, 300), 0.3),
    Task("rows_below", "resmlp", _MIDDLE, (1, 2), (150, 500, 1500)),
    Task("rows_below", "gru", (8, 16, 32), (1,), (150, 400), 0.4),
    Task("channels", "mlp", _MIDDLE, (1, 2), (150, 500, 1500)),
    Task("channels", "cnn", (16, 32, 64), (2,), (150, 400), 0.3),
    Task("turned_digits", "mlp", _SMALL, (1, 2, 3), (100, 250, 500, 800)),
    Task("turned_digits", "resmlp", _SMALL, (1, 2), (100, 250, 500), 0.7),
    Task("turned_digits", "transformer", (8, 16, 24), (1, 2), (100, 250), 0.3),
    Task("digit_places", "resmlp", _SMALL, (1, 2), (100, 250, 500, 800)),
    Task("digit_places", "mlp", _SMALL, (1, 2), (100, 250, 500, 800)),
    Task("digit_places", "gru", (8, 16, 32), (1,), (100, 250), 0.3),
    Task("iris", "mlp", _SMALL, (1, 2), (40, 70), 0.7),
    Task("categories", "mlp", _MIDDLE, (1, 2), (200, 500, 1500)),
    Task("categories", "resmlp", _MIDDLE, (1, 2), (200, 500, 1500), 0.7),
    Task("numerals", "resmlp", _MIDDLE, (1, 2), (150, 400)),
    Task("numerals", "mlp", _MIDDLE, (1, 2), (150, 400)),
    Task("indents", "mlp", _MIDDLE, (1, 2), (200, 600, 1500)),
    Task("authors", "resmlp", _MIDDLE, (1, 2), (200, 600, 1200)),
    Task("name_letters", "chars_mlp", _MIDDLE, (1, 2), (300, 800, 2000)),
    Task("name_letters", "chars_gru", (12, 24), (1,), (300, 800), 0.3),
    Task("snippets", "chars_mlp", _MIDDLE, (1, 2), (200, 600, 1500)),
    Task("snippets", "chars_transformer", (12, 24), (1,), (200, 500), 0.3),
    Task("word_ends", "chars_mlp", _MIDDLE, (1, 2), (200, 600, 1500)),
    Task("word_ends", "chars_gru", (12, 24), (1,), (200, 500), 0.3),
)
"""Added to the development part alone, from group ``THIRD_ROUND`` on."""

THIRD_ROUND = 300


def _assign() -> dict[str, str]:
    parts: dict[str, str] = {}
    for data in dict.fromkeys(task.data for task in ALL_TASKS):
        names = [task.name for task in ALL_TASKS if task.data == data]
        names.sort(key=lambda name: hashlib.sha256(name.encode()).hexdigest())
        for name in names:
            counts = {part: list(parts.values()).count(part) for part in ("development", "test")}
            smaller = "test" if counts["test"] < counts["development"] else "development"
            parts[name] = smaller
    return parts


PART: dict[str, str] = {**_assign(), **{task.name: "development" for task in THIRD_TASKS}}
"""Task name to ``development`` or ``test``."""
