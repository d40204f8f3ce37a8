"""Reads of when and where somebody could treat: the calendar of some days with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.accounts.models import Person
from portal.availability import rules
from portal.availability.models import (
    Closure,
    Opening,
    Place,
    Resource,
    ResourceFit,
    ResourceOutage,
    TimeOff,
    WorkingHours,
)
from portal.availability.rules import Hours, Length, ResourceKind, Span, Window
from portal.availability.slots import Calendar, Closed, Slot, SlotDay, Stretches, Thing, Worker
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment

R = TypeVar("R")
__all__ = ["Calendar", "Slot", "SlotDay", "Stretches", "calendar", "clinic_zone", "length_of", "team"]


def calendar(
    db: Session, treatment: Treatment, first_day: date, days: int, practitioner_id: UUID | None = None
) -> Calendar:
    """All that is known of some days besides what is booked; with one practitioner, or all who are active."""
    known = team(db, first_day, days, practitioner_id)
    needs = {ResourceKind.ROOM: treatment.needs_room, ResourceKind.DEVICE: treatment.needs_device}
    things = _things(db, treatment.id, known.around) if any(needs.values()) else []
    rooms, devices = ([one for found, one in things if found is kind] if needs[kind] else None for kind in ResourceKind)
    return replace(known, rooms=rooms, devices=devices)


def team(db: Session, first_day: date, days: int, practitioner_id: UUID | None = None) -> Calendar:
    """Who works when, and what is closed, for whatever it is: a calendar that asks for no room and no device."""
    zone, wanted = clinic_zone(db), [first_day + timedelta(days=count) for count in range(days)]
    span = rules.around(wanted, zone)
    workers = _workers(db, _practitioners(db, practitioner_id), wanted, zone, span)
    closed = [Closed(*row) for row in _touching(db, span, Closure, Closure.place_id)]
    return Calendar(zone, wanted, workers, clinic.policy(db).step_minutes, closed)


def length_of(treatment: Treatment) -> Length:
    """What one appointment of this treatment takes."""
    return Length(treatment.minutes, treatment.buffer_before, treatment.buffer_after)


def hours_of(db: Session, practitioner_id: UUID) -> Sequence[WorkingHours]:
    """One practitioner's week, in order."""
    wanted = select(WorkingHours).where(WorkingHours.practitioner_id == practitioner_id)
    return db.exec(wanted.order_by(col(WorkingHours.weekday), col(WorkingHours.opens))).all()


def time_off_of(db: Session, practitioner_id: UUID) -> Sequence[TimeOff]:
    """When one practitioner is away, from now on."""
    wanted = select(TimeOff).where(TimeOff.practitioner_id == practitioner_id, TimeOff.ends_at > clock.now())
    return db.exec(wanted.order_by(col(TimeOff.starts_at))).all()


def openings_of(db: Session, practitioner_id: UUID) -> Sequence[Opening]:
    """When one practitioner works outside the week, from now on."""
    wanted = select(Opening).where(Opening.practitioner_id == practitioner_id, Opening.ends_at > clock.now())
    return db.exec(wanted.order_by(col(Opening.starts_at))).all()


def closures(db: Session, place_id: UUID | None = None) -> Sequence[Closure]:
    """When the clinic or one of its places is shut, from now on; with a place, only what shuts that place."""
    wanted = select(Closure).where(Closure.ends_at > clock.now()).order_by(col(Closure.starts_at))
    if place_id:
        wanted = wanted.where(col(Closure.place_id).is_(None) | (col(Closure.place_id) == place_id))
    return db.exec(wanted).all()


def places(db: Session) -> Sequence[Place]:
    """Every place, also those no longer used, by name."""
    return db.exec(select(Place).order_by(col(Place.name))).all()


def place(db: Session, place_id: UUID) -> Place:
    """One place. Raises NotFound."""
    return _found(db.get(Place, place_id), "There is no such place.")


def resources(db: Session) -> Sequence[Resource]:
    """Every room, then every device, also those no longer used, by name."""
    return db.exec(select(Resource).order_by(col(Resource.kind).desc(), col(Resource.name))).all()


def resource(db: Session, resource_id: UUID) -> Resource:
    """One room or device. Raises NotFound."""
    return _found(db.get(Resource, resource_id), "There is no such room or device.")


def served_by(db: Session) -> dict[UUID, list[UUID]]:
    """Which treatments each room and device serves."""
    served: dict[UUID, list[UUID]] = defaultdict(list)
    for one in db.exec(select(ResourceFit)):
        served[one.resource_id].append(one.treatment_id)
    return served


def outages_of(db: Session, resource_id: UUID) -> Sequence[ResourceOutage]:
    """When a room or device cannot be used, from now on."""
    wanted = select(ResourceOutage).where(ResourceOutage.resource_id == resource_id)
    return db.exec(wanted.where(ResourceOutage.ends_at > clock.now()).order_by(col(ResourceOutage.starts_at))).all()


def unserved(db: Session) -> list[tuple[Treatment, ResourceKind]]:
    """Offered treatments that need a room or device of which none serves them: nobody can book those."""
    open_places = {one.id for one in places(db) if one.is_active} | {None}
    usable = {one.id: one.kind for one in resources(db) if one.is_active and one.place_id in open_places}
    has = {(usable[one], treatment) for one, served in served_by(db).items() if one in usable for treatment in served}
    return [
        (treatment, kind)
        for treatment in treatments.offered(db)
        for kind, needed in ((ResourceKind.ROOM, treatment.needs_room), (ResourceKind.DEVICE, treatment.needs_device))
        if needed and (kind, treatment.id) not in has
    ]


def clinic_zone(db: Session) -> ZoneInfo:
    return ZoneInfo(clinic.profile(db).time_zone)


def _practitioners(db: Session, practitioner_id: UUID | None) -> Sequence[tuple[UUID, str]]:
    wanted = sa.select(col(Person.id), col(Person.name)).where(col(Person.is_practitioner), col(Person.is_active))
    wanted = wanted.where(col(Person.id) == practitioner_id) if practitioner_id else wanted
    return [(row[0], row[1]) for row in _rows(db, wanted.order_by(col(Person.name), col(Person.id)))]


def _workers(
    db: Session, people: Sequence[tuple[UUID, str]], days: Sequence[date], zone: ZoneInfo, span: Span
) -> list[Worker]:
    open_places = {row[0] for row in _rows(db, sa.select(col(Place.id)).where(col(Place.is_active)))} | {None}
    hours = _hours(db, people)
    once = _by_owner(_touching(db, span, Opening, Opening.place_id, Opening.practitioner_id), Window)
    off = _by_owner(_touching(db, span, TimeOff, TimeOff.practitioner_id), Span)
    workers = []
    for person_id, name in people:
        week = hours[person_id]
        windows = [one for one in rules.at_work(week, once[person_id], days, zone) if one.place_id in open_places]
        pauses = [pause for day in days for pause in rules.breaks(week, day, zone)]
        workers.append(Worker(person_id, name, windows, [*pauses, *off[person_id]]))
    return workers


_WEEK = (
    col(WorkingHours.practitioner_id),
    col(WorkingHours.weekday),
    col(WorkingHours.opens),
    col(WorkingHours.closes),
    col(WorkingHours.valid_from),
    col(WorkingHours.valid_until),
    col(WorkingHours.place_id),
    col(WorkingHours.is_break),
)


def _hours(db: Session, people: Sequence[tuple[UUID, str]]) -> dict[UUID, list[Hours]]:
    ids = [person_id for person_id, _ in people]
    found: dict[UUID, list[Hours]] = defaultdict(list)
    for row in _rows(db, sa.select(*_WEEK).where(col(WorkingHours.practitioner_id).in_(ids))):
        found[row[0]].append(Hours(*row[1:]))
    return found


def _things(db: Session, treatment_id: UUID, span: Span) -> list[tuple[ResourceKind, Thing]]:
    """The rooms and devices that serve a treatment; those that serve the fewest others come first."""
    fits = (
        sa.select(sa.func.count())
        .where(col(ResourceFit.resource_id) == col(Resource.id))
        .correlate(Resource)
        .scalar_subquery()
    )
    wanted = (
        sa.select(col(Resource.kind), col(Resource.id), col(Resource.place_id))
        .join(ResourceFit, col(ResourceFit.resource_id) == col(Resource.id))
        .where(col(ResourceFit.treatment_id) == treatment_id, col(Resource.is_active))
        .order_by(fits, col(Resource.name))
    )
    away = _by_owner(_touching(db, span, ResourceOutage, ResourceOutage.resource_id), Span)
    return [(kind, Thing(one, place_id, away[one])) for kind, one, place_id in _rows(db, wanted)]


def _found(row: R | None, sentence: str) -> R:
    if row is None:
        raise NotFound(sentence)
    return row


def _touching(db: Session, span: Span, table: type[Any], *more: Any) -> Sequence[Any]:
    """Beginning, end and more columns of the rows that touch a span."""
    wanted = sa.select(col(table.starts_at), col(table.ends_at), *more)
    return _rows(db, wanted.where(col(table.ends_at) > span.start, col(table.starts_at) < span.end))


def _rows(db: Session, wanted: "sa.Select[*tuple[Any, ...]]") -> Sequence[Any]:
    return db.connection().execute(wanted).all()


def _by_owner(rows: Iterable[Sequence[Any]], shape: type[Any]) -> dict[UUID, list[Any]]:
    """Rows whose last column says whose they are."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row[-1]].append(shape(*row[:-1]))
    return found
