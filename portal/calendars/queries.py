"""Reads of calendar addresses and their appointments, and of who is to be reminded."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.availability.models import Place
from portal.bookings.models import Appointment, AppointmentMove
from portal.bookings.rules import State
from portal.calendars.models import CalendarFeed, ReminderSent
from portal.calendars.rules import CANCELLED_STAYS, FEED_BACK
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.crypto import fingerprint


class Candidate(NamedTuple):
    """An appointment that may have to be reminded of; `chosen_at`: when it got the time it has."""

    id: UUID
    starts_at: datetime
    chosen_at: datetime


def own_feed(db: Session, viewer: Viewer) -> CalendarFeed | None:
    """The viewer's living address."""
    wanted = select(CalendarFeed).where(CalendarFeed.person_id == viewer.id, col(CalendarFeed.revoked_at).is_(None))
    return db.exec(wanted).first()


def feed_behind(db: Session, token: str) -> tuple[CalendarFeed, Person] | None:
    """The living address of this token and whose it is; None for a wrong or revoked one, or a closed account."""
    wanted = select(CalendarFeed, Person).join(Person, col(Person.id) == col(CalendarFeed.person_id))
    wanted = wanted.where(CalendarFeed.token_hash == fingerprint(token), col(CalendarFeed.revoked_at).is_(None))
    return db.exec(wanted.where(col(Person.is_active))).first()


def in_feed(db: Session, person: Person) -> Sequence[Appointment]:
    """What belongs into a person's calendar: as client, and as practitioner for as long as they are one; from some
    weeks back to the clinic's horizon; cancelled ones for some weeks, so that every device learns of it.
    """
    now = clock.now()
    horizon = now + timedelta(days=clinic.policy(db).staff_horizon_days)
    theirs = col(Appointment.client_id) == person.id
    if person.is_practitioner:
        theirs |= col(Appointment.practitioner_id) == person.id
    stands = sa.or_(col(Appointment.state) != State.CANCELLED, col(Appointment.cancelled_at) > now - CANCELLED_STAYS)
    wanted = select(Appointment).where(theirs, stands)
    wanted = wanted.where(Appointment.starts_at > now - FEED_BACK, Appointment.starts_at < horizon)
    return db.exec(wanted.order_by(col(Appointment.starts_at), col(Appointment.id))).all()


def changed_at(db: Session, shown: Collection[Appointment]) -> dict[UUID, datetime]:
    """When each appointment last changed in a way a calendar shows."""
    moved = _last_moves(db, [one.id for one in shown])
    known = {one.id: (one.booked_at, one.cancelled_at, one.on_hold_since, moved.get(one.id)) for one in shown}
    return {key: max(moment for moment in moments if moment) for key, moments in known.items()}


def addresses(db: Session, shown: Collection[Appointment]) -> dict[UUID | None, str]:
    """Where appointments take place: by place, and under None the clinic itself."""
    profile = clinic.profile(db)
    wanted = select(Place).where(col(Place.id).in_({one.place_id for one in shown if one.place_id}))
    found: dict[UUID | None, str] = {None: _in_a_line(profile.name, profile.address)}
    return found | {
        one.id: _in_a_line(profile.name, one.name, one.address or profile.address) for one in db.exec(wanted)
    }


def to_remind(db: Session, hours: int) -> list[Candidate]:
    """Booked, not on hold, and near enough that this reminder may be due; not yet reminded so of the time they have.
    Nothing is locked. A day more than `hours`, because quiet hours can bring a reminder forward.
    """
    now = clock.now()
    reminded = (
        select(ReminderSent.id)
        .where(ReminderSent.appointment_id == Appointment.id, ReminderSent.touch_hours == hours)
        .where(ReminderSent.for_starts_at == Appointment.starts_at)
    )
    moved = (
        sa.select(sa.func.max(col(AppointmentMove.moved_at)))
        .where(col(AppointmentMove.appointment_id) == col(Appointment.id))
        .where(col(AppointmentMove.from_starts_at) != col(AppointmentMove.to_starts_at))
        .scalar_subquery()
    )
    wanted = sa.select(col(Appointment.id), col(Appointment.starts_at), col(Appointment.booked_at), moved).where(
        col(Appointment.state) == State.BOOKED,
        col(Appointment.on_hold_since).is_(None),
        col(Appointment.starts_at) > now,
        col(Appointment.starts_at) <= now + timedelta(hours=hours + 24),
        ~reminded.exists(),
    )
    rows: Sequence[Any] = db.connection().execute(wanted.order_by(col(Appointment.starts_at))).all()
    return [Candidate(key, starts_at, moved_at or booked_at) for key, starts_at, booked_at, moved_at in rows]


def still_to_remind(db: Session, wanted: Collection[UUID]) -> Sequence[Appointment]:
    """Those of them that are booked and not on hold at this very moment; locked, so that nobody cancels meanwhile. What
    somebody else has locked is left for the next minute.
    """
    found = select(Appointment).where(col(Appointment.id).in_(wanted), Appointment.state == State.BOOKED)
    found = found.where(col(Appointment.on_hold_since).is_(None)).execution_options(populate_existing=True)
    return db.exec(found.with_for_update(skip_locked=True)).all()


def _last_moves(db: Session, ids: Collection[UUID]) -> dict[UUID, datetime]:
    if not ids:
        return {}
    last = sa.func.max(col(AppointmentMove.moved_at))
    wanted = sa.select(col(AppointmentMove.appointment_id), last).where(col(AppointmentMove.appointment_id).in_(ids))
    return {row[0]: row[1] for row in db.connection().execute(wanted.group_by(col(AppointmentMove.appointment_id)))}


def _in_a_line(*parts: str) -> str:
    return ", ".join(" ".join(part.split()) for part in parts if part)
