"""The same search told minute by minute: slow, without intervals, sorting or arithmetic on ends; to compare with."""

import functools
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.availability.rules import Hours, Length, Window

Minutes = set[int]


def minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def covered(span: tuple[datetime, datetime]) -> Minutes:
    return set(range(minute(span[0]), minute(span[1])))


@functools.lru_cache(maxsize=512)
def minutes_of(day: date, zone: ZoneInfo) -> tuple[tuple[int, time], ...]:
    """Every minute at which the wall shows this date, with the time it shows."""
    noon = minute(datetime.combine(day, time(12), UTC))
    around = range(noon - 36 * 60, noon + 36 * 60)
    seen = ((one, datetime.fromtimestamp(one * 60, UTC).astimezone(zone)) for one in around)
    return tuple((one, local.time()) for one, local in seen if local.date() == day)


def open_minutes(row: Hours, day: date, zone: ZoneInfo) -> Minutes:
    """From the last time the wall shows the opening (or the first time after a jump over it) to the first closing."""
    shown = minutes_of(day, zone)
    exactly = [one for one, wall in shown if wall == row.opens]
    begins = exactly[-1] if exactly else min((one for one, wall in shown if wall >= row.opens), default=None)
    ends = min((one for one, wall in shown if wall >= row.closes), default=shown[-1][0] + 1 if shown else None)
    return set() if begins is None or ends is None else set(range(begins, ends))


def work_minutes(
    hours: Iterable[Hours], once: Iterable[Window], day: date, zone: ZoneInfo
) -> dict[UUID | None, Minutes]:
    """When somebody works on a day, for each place."""
    hours, once = list(hours), list(once)
    found: dict[UUID | None, Minutes] = {}
    for row in hours:
        if not row.is_break and _holds(row, day):
            elsewhere = set[int]().union(*(covered(one[:2]) for one in once if one.place_id != row.place_id))
            found.setdefault(row.place_id, set()).update(open_minutes(row, day, zone) - elsewhere)
    for one in once:
        found.setdefault(one.place_id, set()).update(covered(one[:2]))
    return found


def break_minutes(hours: Iterable[Hours], day: date, zone: ZoneInfo) -> Minutes:
    """Every minute at which the wall shows a time inside a break."""
    rows = [row for row in hours if row.is_break and _holds(row, day)]
    return {one for one, wall in minutes_of(day, zone) for row in rows if row.opens <= wall < row.closes}


def starts(work: Minutes, step: int, length: Length) -> list[int]:
    """Where an appointment could begin: a step apart from where each unbroken stretch of work begins."""
    found = []
    for begins in sorted(one for one in work if one - 1 not in work):
        ends = next(one for one in range(begins, begins + len(work) + 1) if one not in work)
        found += range(begins, ends - length.minutes + 1, step)
    return found


def blocked(at: int, length: Length) -> Minutes:
    """What an appointment takes of people and things."""
    return set(range(at - length.before, at + length.minutes + length.after))


def _holds(row: Hours, day: date) -> bool:
    first, last = row.valid_from or date.min, row.valid_until or date.max
    return row.weekday == day.weekday() and first <= day <= last
