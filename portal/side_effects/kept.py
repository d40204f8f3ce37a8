"""Facts as they are kept with a report, and back: what a later report is judged beside, and an old one judged again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from portal.side_effects.conditions import REMEMBERED, Earlier, Facts
from portal.side_effects.table import RUNNING

_SETS = frozenset({"present", "unsure", "risks", "note_words"})
_FACTS = frozenset(one.name for one in fields(Facts))


def plain(facts: Facts, history: Sequence[Earlier]) -> dict[str, Any]:
    """Facts and history as JSON, as they are kept with a report; equal ones look equal."""
    earlier = sorted((_plain(one) for one in history), key=str)
    return {**_plain(facts), "history": earlier}


def restored(inputs: Mapping[str, Any]) -> tuple[Facts, tuple[Earlier, ...]]:
    """What `plain` has kept: to judge an old report by another table."""
    facts = Facts(**{name: _whole(name, inputs[name]) for name in _FACTS & inputs.keys()})
    history = (
        Earlier(**{name: _whole(name, value) for name, value in one.items()}) for one in inputs.get("history", ())
    )
    return facts, tuple(history)


def earlier(hours: float | None, inputs: Mapping[str, Any]) -> Earlier:
    """What of a kept report counts in later ones. Who ticks a red flag need not tell more: what was not told beside it
    is unknown, not “none”.
    """
    strong = {name: int(inputs.get(name, 0)) for name in REMEMBERED}
    is_short = not RUNNING.flag_ids.isdisjoint(inputs.get("present", ()))
    is_untold = is_short or not (any(strong.values()) or inputs.get("trend"))
    untold = {name for name, value in strong.items() if is_untold and not value}
    return Earlier(hours, **strong, unsure=frozenset({*untold, *inputs.get("unsure", ())}))


def _plain(one: Earlier) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(one).items()}


def _whole(name: str, value: Any) -> Any:
    return frozenset(value) if name in _SETS else value
