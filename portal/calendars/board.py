"""The sheet of a day (a lane for each practitioner or room) or of a week (a lane for each day), ready to be drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.availability.rules import Span, around
from portal.bookings import claims
from portal.bookings import queries as bookings
from portal.bookings.queries import Visit
from portal.calendars import flags, grid
from portal.calendars.flags import Flag
from portal.calendars.grid import Place
from portal.calendars.ground import Ground, ground, rooms
from portal.clinic import queries as clinic
from portal.kit import clock


@dataclass(frozen=True, slots=True)
class Lane:
    """One column. `who`: the practitioner a move into it is for, if it is about one; `subject`: whose ground it shows;
    `moments`: the seconds since 1970 of its full hours, for a browser that knows no zones.
    """

    label: str
    day: date
    who: UUID | None
    subject: UUID | None
    moments: list[int]
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """An appointment on the sheet: `place` and `track` say where, `name` is what may be read of the client."""

    visit: Visit
    lane: int
    place: Place
    track: int
    tracks: int
    name: str
    flags: list[Flag]
    may_change: bool
    has_begun: bool
    is_gap = False

    @property
    def starts_at(self) -> datetime:
        return self.visit.appointment.starts_at


@dataclass(frozen=True, slots=True)
class Gap:
    """Free time of one practitioner."""

    lane: int
    place: Place
    span: Span
    who: UUID
    is_gap = True

    @property
    def starts_at(self) -> datetime:
        return self.span.start


class Patch(NamedTuple):
    """Part of the ground: open, break, off, closed."""

    lane: int
    place: Place
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Board:
    """All of it. `rows` are in the order in which one would read them aloud: by day, then by time."""

    lanes: list[Lane]
    rows: list[Item | Gap]
    patches: list[Patch]
    hours: range
    step: int
    now: Place | None

    @property
    def count(self) -> int:
        return sum(not row.is_gap for row in self.rows)

    def of_lane(self, number: int) -> list[Item | Gap]:
        """What stands in one lane."""
        return [row for row in self.rows if row.lane == number]


def day_board(db: Session, viewer: Viewer, day: date, *, by_room: bool, only_mine: bool, initials: bool) -> Board:
    """One day, by practitioner or by room; `only_mine`: the viewer's lane alone."""
    zone = _zone(db)
    visits = [one for one in bookings.between(db, viewer, day, 1) if not only_mine or _is_with(one, viewer.id)]
    people = {one.id: one.name for one in accounts.practitioners(db) if not only_mine or one.id == viewer.id}
    people |= {one.appointment.practitioner_id: one.practitioner_name for one in visits}
    known = {one.id: one.name for one in rooms(db)} if by_room else people
    subjects: list[tuple[UUID | None, str]] = sorted(known.items(), key=lambda item: item[1])
    if by_room and any(one.appointment.room_id not in known for one in visits):
        subjects.append((None, "No room"))
    order = {subject: number for number, (subject, _) in enumerate(subjects, start=1)}
    moments, today = grid.hour_moments(day, zone), clock.today(zone.key)
    lanes = [Lane(name, day, None if by_room else key, key, moments, day == today) for key, name in subjects]

    def lane_of(one: Visit) -> int:
        key = one.appointment.room_id if by_room else one.appointment.practitioner_id
        return order.get(key, order.get(None, 1))

    below = ground(db, [day], zone, people)
    return _board(db, lanes, visits, [lane_of(one) for one in visits], below, zone, initials=initials)


def week_board(db: Session, viewer: Viewer, monday: date, who: UUID, *, initials: bool) -> Board:
    """Monday to Sunday of one practitioner, or one room."""
    zone, days = _zone(db), [monday + timedelta(days=count) for count in range(7)]
    visits = [one for one in bookings.between(db, viewer, monday, 7) if _is_with(one, who)]
    people = {one.id for one in accounts.practitioners(db)}
    person, today = who if who in people else None, clock.today(zone.key)
    lanes = [
        Lane(f"{day:%a} {day.day} {day:%b}", day, person, who, grid.hour_moments(day, zone), day == today)
        for day in days
    ]
    numbers = [(one.appointment.starts_at.astimezone(zone).date() - monday).days + 1 for one in visits]
    below = ground(db, days, zone, people)
    return _board(db, lanes, visits, numbers, below, zone, initials=initials)


def _board(
    db: Session,
    lanes: list[Lane],
    visits: list[Visit],
    numbers: list[int],
    below: Ground,
    zone: ZoneInfo,
    *,
    initials: bool,
) -> Board:
    marks, at = flags.flags(db, visits, zone), clock.now()
    rows: list[Item | Gap] = [*_gaps(db, lanes, below, zone, at)]
    for number, lane in enumerate(lanes, start=1):
        inside = [one for one, its in zip(visits, numbers, strict=True) if its == number]
        beside = grid.tracks([one.appointment.span for one in inside])
        rows += [
            Item(
                visit=one,
                lane=number,
                place=grid.place(one.appointment.span, lane.day, zone),
                track=track,
                tracks=tracks,
                name=_initials(one.client_name) if initials else one.client_name,
                flags=marks[one.appointment.id],
                may_change=one.appointment.is_booked and one.appointment.starts_at > at,
                has_begun=one.appointment.is_booked and one.appointment.starts_at <= at,
            )
            for one, (track, tracks) in zip(inside, beside, strict=True)
        ]
    patches = [patch for number, lane in enumerate(lanes, start=1) for patch in _patches(number, lane, below, zone)]
    rows.sort(key=lambda row: (row.starts_at, row.is_gap, row.lane))
    shown = grid.hours_shown([row.place for row in rows] + [one.place for one in patches if one.kind == "open"])
    visible = [one._replace(place=place) for one in patches if (place := grid.cut(one.place, shown))]
    now = next((grid.place(Span(at, at), lane.day, zone) for lane in lanes if lane.is_now), None)
    step = clinic.policy(db).step_minutes
    return Board(lanes, rows, visible, shown, step, now if now and now.from_hour in shown else None)


def _gaps(db: Session, lanes: list[Lane], below: Ground, zone: ZoneInfo, at: datetime) -> list[Gap]:
    """Where a practitioner works and nothing is taken, not even for the minutes in which somebody confirms."""
    people = {lane.who for lane in lanes if lane.who}
    if not people:
        return []
    taken = claims.taken(db, people, around([lane.day for lane in lanes], zone))
    found = []
    for number, lane in enumerate(lanes, start=1):
        if lane.who:
            busy = [*taken[lane.who].spans, *(one.span for one in below.away_of(lane.who))]
            free = grid.free(_on(lane.day, below.open_for(lane.who), zone), busy, at)
            found += [Gap(number, grid.place(one, lane.day, zone), one, lane.who) for one in free]
    return found


def _patches(number: int, lane: Lane, below: Ground, zone: ZoneInfo) -> list[Patch]:
    whole = _whole(lane.day, zone)
    named = [(one.span, one.kind, one.name) for one in below.away_of(lane.subject) if one.span.overlaps(whole)]
    open_ = [(span, "open", "") for span in _on(lane.day, below.open_for(lane.subject), zone)]
    cut = [
        (Span(max(span.start, whole.start), min(span.end, whole.end)), kind, name) for span, kind, name in open_ + named
    ]
    return [Patch(number, grid.place(span, lane.day, zone), kind, name) for span, kind, name in cut]


def _on(day: date, spans: Sequence[Span], zone: ZoneInfo) -> list[Span]:
    return [one for one in spans if one.start.astimezone(zone).date() == day]


def _whole(day: date, zone: ZoneInfo) -> Span:
    first, last = grid.hour_moments(day, zone)[0], grid.hour_moments(day, zone)[-1]
    return Span(*(datetime.fromtimestamp(moment, zone) for moment in (first, last)))


def _is_with(one: Visit, who: UUID) -> bool:
    return who in {one.appointment.practitioner_id, one.appointment.room_id}


def _initials(name: str) -> str:
    return "".join(f"{word[0]}." for word in name.split()).upper()


def _zone(db: Session) -> ZoneInfo:
    return ZoneInfo(clinic.profile(db).time_zone)
