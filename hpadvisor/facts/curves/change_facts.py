"""The facts of :mod:`.change`, apart from it: all commands need the names, few need numpy."""

from __future__ import annotations

from hpadvisor.facts.registry import FactDefinition, FactType

_F, _B, _T = FactType.FLOAT, FactType.BOOL, FactType.TEXT
CHANGE_FACTS: tuple[FactDefinition, ...] = (
    FactDefinition("change.share", _F, "share of the first run's length that the second has run"),
    FactDefinition("change.whole", _B, "whether the second run is as long as the first"),
    FactDefinition(
        "change.ahead", _F, "how far below the first run the second is at the same place, as ln"
    ),
    FactDefinition(
        "change.ahead_of_end", _F, "how far the second run is below the first one's end, as ln"
    ),
    FactDefinition("change.noise", _F, "noise of such a distance, from both curves"),
    FactDefinition("change.clear", _B, "whether the distance is above twice its noise"),
    FactDefinition("change.broke", _B, "whether the second run ends as NaN or infinite"),
    FactDefinition("change.loss", _T, "what is compared", choices=("validation", "training")),
    FactDefinition("change.chance", _F, "chance that the change ends clearly better, as measured"),
)
