"""Which phase of healing it is, what is usual today and tomorrow, and whom to look at first. Pure."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from math import sqrt
from pathlib import Path
from typing import Final

from portal.escalations.rules import Week
from portal.side_effects.layout import Stage
from portal.side_effects.rules import Level

IN_RECOVERY: Final = timedelta(days=14)
"""So long after a session a client is shown as in recovery: the longest band (crusts) ends then, and it is the last
moment at which we ask by ourselves. Who has an open report stays, however long ago the session was.
"""
YEAR: Final = 365
_DAY_HOURS: Final = 24
_TWO_WEEKS: Final = 14
_TICKS: Final = ((5, "day 6"), (56, "week 8"), (YEAR, "a year"))


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of healing, in whole days since the session: it may begin on `from_day`, has begun on `sure_from_day`
    and is shown until `to_day`, that day included.
    """

    name: str
    from_day: int
    sure_from_day: int
    to_day: int
    says: str
    source: tuple[str, ...]

    @property
    def span(self) -> str:
        """“Day 4–6 to week 8”, day 1 being the first; of two numbers the first is where it may begin."""
        first, sure = _named(self.from_day), _named(self.sure_from_day)
        start = first if first == sure else f"{first}–{sure.split()[-1]}"
        return f"{start.capitalize()} to {_named(self.to_day)}"

    @property
    def bar(self) -> tuple[float, float, float]:
        """Percent from the left where it may begin, has begun, and ends; later days lie closer together."""
        first, sure, last = (along(day) for day in (self.from_day, self.sure_from_day, self.to_day))
        return first, sure, last


@dataclass(frozen=True, slots=True)
class Active:
    """A phase that a day lies in; not `is_sure` where sources differ whether it has begun."""

    phase: Phase
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """The recovery band in words. `day`: 1 is the first 24 hours; `tomorrow` is empty where it stays as it is."""

    day: int
    today: str
    tell_us: str
    tomorrow: str
    tell_us_tomorrow: str


class Rank(IntEnum):
    """Who comes first among the clients in recovery."""

    URGENT = 0
    DAY = 1
    WATCHED = 2
    ABOVE = 3
    ORDINARY = 4


def read(text: str) -> tuple[Phase, ...]:
    """Phases from TOML. Raises ValueError for days out of order, or a source nobody names."""
    data = tomllib.loads(text)
    found = tuple(Phase(**{**row, "source": tuple(row["source"])}) for row in data["phases"])
    for one in found:
        if not 0 <= one.from_day <= one.sure_from_day <= one.to_day <= YEAR:
            raise ValueError(f"{one.name}: its days are out of order")
        if missing := set(one.source) - data["sources"].keys():
            raise ValueError(f"{one.name}: no source {', '.join(sorted(missing))}")
    return found


PHASES = read((Path(__file__).parent / "phases.toml").read_text("utf-8"))


def phases(days: int) -> list[Active]:
    """The phases that a day lies in, the earliest first; none after a year. `days`: whole days since the session."""
    return [Active(one, days >= one.sure_from_day) for one in PHASES if one.from_day <= days <= one.to_day]


def along(days: float) -> float:
    """Percent from the left for a day in the drawing of the phases (square root of a year)."""
    return round(100 * sqrt(min(max(days, 0) / YEAR, 1)), 2)


def ticks() -> list[tuple[float, str]]:
    """The days that the drawing of the phases names, with their places."""
    return [(along(days), label) for days, label in _TICKS]


def days_since(ended_at: datetime, at: datetime) -> int:
    """Whole days since the session ended; 0 within the first 24 hours."""
    return max((at - ended_at) // timedelta(days=1), 0)


def expected(course: Sequence[Stage], hours: float) -> Expected:
    """What is usual `hours` after the session and a day later. The expected course: clinical.md, section 1."""
    now, later = _stage(course, hours), _stage(course, hours + _DAY_HOURS)
    is_same = now is later
    return Expected(
        day=int(hours // _DAY_HOURS) + 1,
        today=now.normal,
        tell_us=now.not_normal,
        tomorrow="" if is_same else later.normal,
        tell_us_tomorrow="" if is_same else later.not_normal,
    )


def rank(levels: Sequence[Level], latest: Level | None, *, is_above: bool) -> Rank:
    """How soon to look at a client. `levels`: of the reports that wait for a person; `latest`: of the newest report;
    `is_above`: something in the newest report lies above its band.
    """
    if Level.URGENT in levels:
        return Rank.URGENT
    if Level.DAY in levels:
        return Rank.DAY
    if levels or latest is Level.WATCH:
        return Rank.WATCHED
    return Rank.ABOVE if is_above else Rank.ORDINARY


def share(weeks: Sequence[Week]) -> tuple[int, int]:
    """(alarms, reports) of all the weeks together."""
    return sum(week.alarms for week in weeks), sum(week.reports for week in weeks)


def _stage(course: Sequence[Stage], hours: float) -> Stage:
    return next((stage for stage in course if hours < stage.until), course[-1])


def _named(days: int) -> str:
    """“day 6”, “week 8”, “a year”: people count the first day as day 1."""
    if days >= YEAR:
        return "a year"
    return f"day {days + 1}" if days < _TWO_WEEKS else f"week {days // 7}"
