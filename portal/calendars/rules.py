"""What a calendar feed may say and how far it reaches, and when a reminder is due. Wall times are the clinic's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

FEED_BACK = timedelta(days=60)
CANCELLED_STAYS = timedelta(weeks=4)  # as long as a device may be offline and still learn that something is off
FEED_READS_AN_HOUR = 120
NOT_LATER_THAN = timedelta(minutes=30)  # before the start; a reminder after that helps nobody
LATE = timedelta(hours=12)  # what could not go out for so long, for instance because nothing ran, is left out
WELL_BEFORE = timedelta(hours=3)
BEFORE_QUIET = timedelta(minutes=15)


class Detail(StrEnum):
    """What a feed says of each appointment: nothing but that there is one; the treatment; the client's name too."""

    PLAIN = "plain"
    TREATMENT = "treatment"
    NAMES = "names"


def details_for(*, is_practitioner: bool) -> tuple[Detail, ...]:
    """What somebody may choose: names are for those who see them in the portal anyway."""
    return tuple(Detail) if is_practitioner else (Detail.PLAIN, Detail.TREATMENT)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begins` up to `ends` on the clinic's wall nobody is written to; over midnight too; alike means never."""

    begins: time
    ends: time

    def hold_at(self, moment: datetime, zone: ZoneInfo) -> bool:
        """True when the clock on the wall shows a quiet time at this moment."""
        wall = moment.astimezone(zone).time()
        if self.begins <= self.ends:
            return self.begins <= wall < self.ends
        return wall >= self.begins or wall < self.ends


@dataclass(frozen=True, slots=True)
class Touch:
    """One reminder of one time: `hours` names its kind; it may go out from `at` up to, not including, `until`."""

    hours: int
    at: datetime
    until: datetime


def touches(starts_at: datetime, hours: Iterable[int], zone: ZoneInfo, quiet: QuietHours) -> list[Touch]:
    """When to remind of an appointment, earliest first. 24 hours before means the same time on the wall a day before,
    whatever the clocks do in between. One that would coincide with the next is left out.
    """
    wanted = sorted({count for count in hours if count > 0}, reverse=True)
    last = starts_at - NOT_LATER_THAN
    planned = sorted((_outside(_before(starts_at, count, zone), starts_at, zone, quiet), -count) for count in wanted)
    ends = [min(at, last) for at, _ in planned[1:]] + [last]
    found = [Touch(-count, at, min(end, at + LATE)) for (at, count), end in zip(planned, ends, strict=True)]
    return [one for one in found if one.at < one.until]


def due(
    starts_at: datetime, chosen_at: datetime, at: datetime, hours: Iterable[int], zone: ZoneInfo, quiet: QuietHours
) -> Touch | None:
    """The reminder to send at `at`, if there is one. Whoever chose the time (`chosen_at`) after a reminder would have
    gone out is not sent it.
    """
    if quiet.hold_at(at, zone):
        return None
    for touch in touches(starts_at, hours, zone, quiet):
        asked_for = min(touch.at, _before(starts_at, touch.hours, zone))
        if touch.at <= at < touch.until and chosen_at <= asked_for:
            return touch
    return None


def _before(starts_at: datetime, hours: int, zone: ZoneInfo) -> datetime:
    """So many hours earlier on the wall. A wall time that the clocks skip is as much later as they skip."""
    local = starts_at.astimezone(zone)
    wall = local.replace(tzinfo=None) - timedelta(hours=hours)
    return min(_moments(wall, zone, local.fold), starts_at - NOT_LATER_THAN)


def _moments(wall: datetime, zone: ZoneInfo, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _outside(moment: datetime, starts_at: datetime, zone: ZoneInfo, quiet: QuietHours) -> datetime:
    """The moment; inside quiet hours their end where that is well before the appointment, else just before them."""
    if not quiet.hold_at(moment, zone):
        return moment
    over = _next(moment, quiet.ends, zone)
    return over if over <= starts_at - WELL_BEFORE else _last(moment, quiet.begins, zone) - BEFORE_QUIET


def _next(moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The first time after `moment` at which the wall shows `at`; where it comes twice, the second."""
    day = moment.astimezone(zone).date()
    found = [max(_both(datetime.combine(day + timedelta(days=more), at), zone)) for more in (0, 1)]
    return next(one for one in found if one > moment)


def _last(moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The last time up to `moment` at which the wall showed `at`; where it came twice, the first."""
    day = moment.astimezone(zone).date()
    found = [min(_both(datetime.combine(day - timedelta(days=less), at), zone)) for less in (0, 1)]
    return next(one for one in found if one <= moment)


def _both(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return _moments(wall, zone, 0), _moments(wall, zone, 1)
