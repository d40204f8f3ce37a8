"""Facts for tests of the rules, in the fewest words."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from portal.side_effects.conditions import NUMBERS, WORDS, Earlier, Facts
from portal.side_effects.rules import Level
from portal.side_effects.table import RUNNING

EXPECTED, WATCH, DAY, URGENT = Level.EXPECTED, Level.WATCH, Level.DAY, Level.URGENT
KNOWN = NUMBERS | WORDS | {"began_hours"}


class Given(NamedTuple):
    """What a rule is given."""

    facts: Facts
    history: tuple[Earlier, ...] = ()


def facts(
    hours: float | None = 1.0, *, history: Sequence[Earlier] = (), risks: Any = (), words: Any = (), **said: Any
) -> Given:
    """Signs are given as `pus=True` or `pus="unsure"`; numbers and words as they are."""
    known = {name: said.pop(name) for name in list(said) if name in KNOWN and said[name] != "unsure"}
    present = frozenset(name for name, value in said.items() if value is True)
    unsure = frozenset(name for name, value in said.items() if value == "unsure")
    sets = {"present": present, "unsure": unsure, "risks": frozenset(risks), "note_words": frozenset(words)}
    return Given(Facts(hours=hours, **sets, **known), tuple(history))


def earlier(hours: float | None, **strengths: Any) -> Earlier:
    return Earlier(hours, **strengths)


def judged(given: Given) -> tuple[Level, list[str]]:
    found = RUNNING.triage(*given)
    return found.level, [rule.id for rule in found.fired]
