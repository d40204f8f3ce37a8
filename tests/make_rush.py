"""A clinic with more people who want times than times: for races and for measuring them. What must be true after."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from threading import Barrier
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, select

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.availability.models import Resource, ResourceFit, ResourceOutage, TimeOff, WorkingHours
from portal.availability.queries import clinic_zone
from portal.availability.rules import ResourceKind, instant
from portal.bookings.models import Appointment, SlotHold, TimeTaken
from portal.bookings.rules import State
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind

T = TypeVar("T")
OPENS, HOURS = 9, 8  # one visit an hour, preparing and tidying included: what is sold out is exactly known


@dataclass(frozen=True)
class Rush:
    """`clients` each want one of every treatment; each day `open_at_once` visits fit into each of eight hours."""

    clients: list[Viewer]
    practitioners: list[Viewer]
    treatments: list[Treatment]
    days: list[date]
    capacity: int


def a_rush(db: Session, clients: int, days: int, open_at_once: int, kinds: int = 4, spare: int = 3) -> Rush:
    """Practitioners, rooms and devices; each day another of the three is short by `spare` and is what decides."""
    zone = clinic_zone(db)
    first = clock.now().astimezone(zone).date() + timedelta(days=3)
    dates = [first + timedelta(days=number) for number in range(days)]
    policy = clinic.stored_policy(db)
    policy.sqlmodel_update({"step_minutes": 60, "most_open": 50, "most_moves": 1000, "waiting_grace_minutes": 0})
    treatments = [_treatment(number) for number in range(kinds)]
    team = [_person("Practitioner", number, is_practitioner=True) for number in range(open_at_once + spare)]
    crowd = [_person("Client", number) for number in range(clients)]
    db.add_all([*treatments, *team, *crowd])
    db.flush()
    db.add_all(
        WorkingHours(practitioner_id=one.id, weekday=weekday, opens=time(OPENS), closes=time(OPENS + HOURS))
        for one in team
        for weekday in range(7)
    )
    things = {kind: _things(db, kind, len(team), treatments) for kind in ResourceKind}
    for number, day in enumerate(dates):
        span: dict[str, Any] = {
            "starts_at": instant(day, time(0), zone),
            "ends_at": instant(day + timedelta(days=1), time(0), zone),
        }
        short = ([one.id for one in team], *things.values())[number % 3][-spare:]
        is_person = number % 3 == 0
        db.add_all(
            TimeOff(practitioner_id=one, **span) if is_person else ResourceOutage(resource_id=one, **span)
            for one in short
        )
    db.flush()
    people = [[one.as_viewer() for one in some] for some in (crowd, team)]
    return Rush(people[0], people[1], treatments, dates, days * HOURS * open_at_once)


def all_at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Each in a thread of its own, beginning together; what one raises is raised here."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        ready.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def wrongs(db: Session, at: datetime | None = None) -> list[str]:
    """What must never be, by questions that know nothing of the code that books: empty when all is well."""
    double = [f"{name} twice at once: {count}" for name in _BLOCKED if (count := _doubles(db, name, at or clock.now()))]
    wanted, there = Counter(_wanted(db)), Counter(_there(db))
    lost = [f"not taken: {row}" for row in wanted - there]
    return double + lost + [f"taken by nobody: {row}" for row in there - wanted]


def booked(db: Session) -> Sequence[Appointment]:
    """Everything that stands."""
    return db.exec(select(Appointment).where(Appointment.state == State.BOOKED)).all()


# The client is there from start to end; the others are busy with preparing and tidying too.
_BLOCKED = {"client_id": ("starts_at", "ends_at")} | dict.fromkeys(
    ("practitioner_id", "room_id", "device_id"), ("blocked_from", "blocked_until")
)
_EXPIRES = SlotHold.__table__.c.expires_at.type  # type: ignore[attr-defined]
_COLUMNS = "id, client_id, practitioner_id, room_id, device_id, starts_at, ends_at, blocked_from, blocked_until"
_DOUBLES = """
    WITH visit AS (
        SELECT {columns} FROM appointment WHERE state IN ('booked', 'attended')
        UNION ALL SELECT {columns} FROM slot_hold WHERE expires_at > :at
    )
    SELECT count(*) FROM visit AS one JOIN visit AS other ON one.{who} = other.{who} AND one.id < other.id
    WHERE one.{begin} < other.{end} AND other.{begin} < one.{end}
"""


def _doubles(db: Session, who: str, at: datetime) -> int:
    begin, end = _BLOCKED[who]
    wanted = sa.text(_DOUBLES.format(columns=_COLUMNS, who=who, begin=begin, end=end))
    moment = sa.bindparam("at", at, type_=_EXPIRES)
    return int(db.connection().execute(wanted.bindparams(moment)).scalar_one())


def _wanted(db: Session) -> list[tuple[Any, ...]]:
    """The rows that must be there: of each appointment that stands and of each time kept that is not over."""
    kept = db.exec(select(SlotHold).where(SlotHold.expires_at > clock.now())).all()
    owners: list[tuple[Appointment | SlotHold, datetime | None]] = [(one, None) for one in booked(db)]
    owners += [(one, one.expires_at) for one in kept]
    return [
        (one.id, getattr(one, who), getattr(one, begin), getattr(one, end), until)
        for one, until in owners
        for who, (begin, end) in _BLOCKED.items()
        if getattr(one, who)
    ]


def _there(db: Session) -> list[tuple[Any, ...]]:
    rows = db.exec(select(TimeTaken)).all()
    living = [one for one in rows if one.expires_at is None or one.expires_at > clock.now()]
    return [(one.owner_id, one.subject_id, one.starts_at, one.ends_at, one.expires_at) for one in living]


def _treatment(number: int) -> Treatment:
    return Treatment(
        slug=f"visit-{number}",
        name=f"Visit {number}",
        summary="Three quarters of an hour.",
        kind=Kind.CONSULTATION,
        minutes=45,
        buffer_before=5,
        buffer_after=10,
        needs_verdict=False,
        needs_room=True,
        needs_device=True,
    )


def _person(name: str, number: int, *, is_practitioner: bool = False) -> Person:
    email = f"{name.lower()}{number}@rush.test"
    return Person(name=f"{name} {number}", email=email, is_practitioner=is_practitioner)


def _things(db: Session, kind: ResourceKind, count: int, treatments: Sequence[Treatment]) -> list[UUID]:
    things = [Resource(kind=kind, name=f"{kind} {number}") for number in range(count)]
    db.add_all(things)
    db.flush()
    db.add_all(ResourceFit(resource_id=one.id, treatment_id=treatment.id) for one in things for treatment in treatments)
    return [one.id for one in things]
