"""Where things stand on a day's sheet: which hours are shown, what is free, what stands beside what. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.availability.rules import Span, instant

EARLIEST, LATEST = 8, 18  # hours of a day on which nobody works
SHORTEST_FREE = timedelta(minutes=15)
MOST_TRACKS = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Hours and five-minute steps on the wall from which the style sheet makes rows; the end lies after the start."""

    from_hour: int
    from_minute: int
    to_hour: int
    to_minute: int

    @property
    def classes(self) -> str:
        """For the class attribute: `at-9 at-m30 to-10 to-m15`."""
        return f"at-{self.from_hour} at-m{self.from_minute} to-{self.to_hour} to-m{self.to_minute}"

    @property
    def minutes(self) -> int:
        return 60 * (self.to_hour - self.from_hour) + self.to_minute - self.from_minute


def place(stretch: Span, day: date, zone: ZoneInfo) -> Place:
    """Where a stretch stands on the sheet of `day`: by the wall at its start, as long as it lasts, cut at midnight."""
    begin = max(0, _minute(stretch.start, day, zone) // 5 * 5)
    lasts = max(5, round((stretch.end - stretch.start).total_seconds() / 60))
    started_before = stretch.start.astimezone(zone).date() < day
    end = _minute(stretch.end, day, zone) if started_before else begin + lasts
    end = min(max(-(-end // 5) * 5, begin + 5), 24 * 60)
    return Place(*divmod(min(begin, 24 * 60 - 5), 60), *divmod(end, 60))


def hours_shown(places: Iterable[Place]) -> range:
    """The whole hours a sheet needs; a working day where there is nothing."""
    known = list(places)
    first = min((one.from_hour for one in known), default=EARLIEST)
    return range(first, max((one.to_hour + (one.to_minute > 0) for one in known), default=LATEST))


def cut(one: Place, hours: range) -> Place | None:
    """What of a place lies within the hours shown."""
    first, last = (hours[0], 0), (hours[-1] + 1, 0)
    begin, end = max((one.from_hour, one.from_minute), first), min((one.to_hour, one.to_minute), last)
    return Place(*begin, *end) if begin < end else None


def tracks(stretches: Sequence[Span]) -> list[tuple[int, int]]:
    """For each stretch (track, of how many): those that overlap stand beside each other. At most MOST_TRACKS."""
    order = sorted(range(len(stretches)), key=lambda index: (stretches[index].start, stretches[index].end))
    found, group, busy = [(1, 1)] * len(stretches), list[int](), list[datetime]()
    for index in order:
        one = stretches[index]
        if busy and one.start >= max(busy):
            group, busy = [], []
        track = next((number for number, end in enumerate(busy) if end <= one.start), len(busy))
        busy[track : track + 1] = [one.end]
        group.append(index)
        found[index] = (min(track + 1, MOST_TRACKS), 0)
        for member in group:
            found[member] = (found[member][0], min(len(busy), MOST_TRACKS))
    return found


def free(open_: Iterable[Span], taken: Iterable[Span], after: datetime) -> list[Span]:
    """What is left of the open stretches, from `after` on, where nothing is taken; shorter ones than SHORTEST_FREE
    are left out.
    """
    left = [Span(max(one.start, after), one.end) for one in open_]
    for busy in taken:
        left = [part for one in left for part in _without(one, busy)]
    return [one for one in left if one.end - one.start >= SHORTEST_FREE]


def hour_moments(day: date, zone: ZoneInfo) -> list[int]:
    """Seconds since 1970 at which the wall shows each full hour 0 to 24; a skipped one is the moment of the jump."""
    moments = [instant(day, time(hour), zone) for hour in range(24)]
    moments.append(instant(day + timedelta(days=1), time.min, zone))
    return [int(moment.timestamp()) for moment in moments]


def _without(one: Span, busy: Span) -> list[Span]:
    if busy.end <= one.start or one.end <= busy.start:
        return [one]
    parts = Span(one.start, busy.start), Span(busy.end, one.end)
    return [part for part in parts if part.start < part.end]


def _minute(moment: datetime, day: date, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone)
    return (local.date() - day).days * 24 * 60 + local.hour * 60 + local.minute
