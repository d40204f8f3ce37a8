"""Recovery bands: how strong a symptom may be, by hours since the session. Numbers, sources and limits are data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, TypeVar

T = TypeVar("T")
_KINDS: Mapping[Any, Any] = {int: int, float: int | float, str: str, bool: bool}
ENDLESS = -1  # `until` of the last row
LATEST = 10_000  # no row may end later: more than a year


@dataclass(frozen=True, slots=True)
class Row:
    """Until so many hours after the session (not including them): what is usual, and the highest still normal value.

    At or below `usual` is expected, up to `highest` is watched, above is off course.
    """

    until: float
    usual: int
    highest: int
    source: tuple[str, ...] = ()

    def covers(self, hours: float) -> bool:
        return self.until == ENDLESS or hours < self.until


@dataclass(frozen=True, slots=True)
class Band:
    """The rows of one symptom, in order of time; they never rise, so the last is the strictest."""

    symptom: str
    rows: tuple[Row, ...]

    def expected(self, hours: float | None) -> Row:
        """The row for so many hours; the strictest when they are unknown. Before the session counts as just after."""
        if hours is None:
            return self.rows[-1]
        return next(row for row in self.rows if row.covers(hours))

    @property
    def over_after(self) -> float | None:
        """From how many hours on nothing is usual any more; None when something always is."""
        return next((start for start, row in zip(_starts(self.rows), self.rows, strict=True) if not row.usual), None)


@dataclass(frozen=True, slots=True)
class Limit:
    """Until so many hours: how low and how high a clinic, or its own cases, may set `highest`."""

    until: float
    lowest: int
    highest: int


def typed(kind: type[T], row: Mapping[str, Any]) -> T:
    """A row as its dataclass. Raises TypeError where a number, a text or a yes/no is something else."""
    made = kind(**row)
    for one in fields(made):  # type: ignore[arg-type]
        value = getattr(made, one.name)
        if one.type in _KINDS and (not isinstance(value, _KINDS[one.type]) or (one.type is not bool and value is True)):
            raise TypeError(f"{one.name} = {value!r} is of the wrong kind")
    return made


def limit_at(limits: Sequence[Limit], hours: float) -> Limit:
    """The hard limit for so many hours."""
    return next(limit for limit in limits if limit.until == ENDLESS or hours < limit.until)


def problems(band: Band, limits: Sequence[Limit]) -> list[tuple[int, str]]:
    """What is wrong with a band, as (number of its row from 1, reason)."""
    if not band.rows or band.rows[-1].until != ENDLESS:
        return [(max(len(band.rows), 1), "the last row must run without end (until = -1)")]
    found = _out_of_order(band.rows)
    return found or [*_crooked(band.rows), *_beyond(band.rows, limits)]


def _out_of_order(rows: Sequence[Row]) -> list[tuple[int, str]]:
    starts = _starts(rows)
    beyond = f"until must be a number of hours from 0 to {LATEST}"
    if far := [number for number, row in enumerate(rows, 1) if not 0 < row.until <= LATEST and row.until != ENDLESS]:
        return [(number, beyond) for number in far]
    return [
        (number, "the hours must grow from row to row")
        for number, (start, row) in enumerate(zip(starts, rows, strict=True), 1)
        if not (start < row.until if row.until != ENDLESS else number == len(rows))
    ]


def _crooked(rows: Sequence[Row]) -> list[tuple[int, str]]:
    found = [
        (number, f"usual {row.usual} must lie between 0 and highest {row.highest}")
        for number, row in enumerate(rows, 1)
        if not 0 <= row.usual <= row.highest
    ]
    for number, (before, row) in enumerate(pairwise(rows), 2):
        if row.highest > before.highest or row.usual > before.usual:
            found.append((number, "a band must not rise with time"))
    return found


def _beyond(rows: Sequence[Row], limits: Sequence[Limit]) -> list[tuple[int, str]]:
    """Compared wherever the row or the limit changes, inside each row."""
    found = []
    for number, (start, row) in enumerate(zip(_starts(rows), rows, strict=True), 1):
        moments = [start, *(one.until for one in limits if one.until > start and row.covers(one.until))]
        for at in moments:
            limit = limit_at(limits, at)
            if not limit.lowest <= row.highest <= limit.highest:
                reason = f"highest {row.highest} at {at:g} hours must lie between {limit.lowest} and {limit.highest}"
                found.append((number, reason))
                break
    return found


def _starts(rows: Sequence[Row]) -> list[float]:
    return [0.0, *(row.until for row in rows[:-1])]
