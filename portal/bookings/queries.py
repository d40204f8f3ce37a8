"""Reads of free times, appointments, and what was asked for or decided about them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.availability import queries as availability
from portal.availability.models import Resource
from portal.availability.queries import SlotDay
from portal.availability.rules import Span, instant
from portal.availability.shut import Shut
from portal.bookings import claims
from portal.bookings.models import Appointment, AppointmentMove, ChangeRequest, GateOverride, SlotHold
from portal.bookings.rules import NEAR, HoldFor, State, Windows
from portal.clinic import queries as clinic
from portal.courses.models import Course
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind

_COUNTS = (State.BOOKED, State.ATTENDED)
# What limits and the gate look at: as it is now, not as it was when somebody read it before the client was locked.
_AS_IT_IS = {"populate_existing": True}


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment with the names a page shows. `planned`: how many sessions its course has."""

    appointment: Appointment
    treatment: Treatment
    client_name: str
    practitioner_name: str
    planned: int | None
    rooms: str = ""

    @property
    def title(self) -> str:
        """“Scalp micro-needling, session 2 of 6”."""
        number, of = self.appointment.session_number, f" of {self.planned}" if self.planned else ""
        return f"{self.treatment.name}, session {number}{of}" if number else self.treatment.name


def windows(db: Session, viewer: Viewer | None) -> Windows:
    """The clinic's limits as they bind this person."""
    policy = clinic.policy(db)
    if viewer is not None and viewer.is_staff:
        nothing = timedelta(0)
        return Windows(nothing, timedelta(days=policy.staff_horizon_days), nothing, nothing)
    return Windows(
        notice=timedelta(hours=policy.notice_hours),
        horizon=timedelta(days=policy.horizon_days),
        move_until=timedelta(hours=policy.move_until_hours),
        cancel_until=timedelta(hours=policy.cancel_until_hours),
    )


def movable_within(db: Session, viewer: Viewer, one: Appointment) -> Span:
    """When the new time of an appointment may be: as for a new one, and near its old time however far ahead that is."""
    limits = windows(db, viewer).bookable(clock.now())
    return Span(limits.start, max(limits.end, one.starts_at + NEAR))


def slots(
    db: Session,
    viewer: Viewer | None,
    treatment: Treatment,
    first_day: date,
    days: int = 14,
    practitioner_id: UUID | None = None,
    client_id: UUID | None = None,
    moving: UUID | None = None,
    within: Span | None = None,
) -> list[SlotDay]:
    """Free times from `first_day` (clinic's zone) on, with one practitioner or any, in a constant number of queries.

    A client's notice and horizon hold unless the viewer is of the team; times that only they forbid stand under
    `by_call`. `moving`: an appointment that would leave its time. `within`: other limits. The gate is not asked here.
    """
    now = clock.now()
    staff = timedelta(days=clinic.policy(db).staff_horizon_days)
    calendar = availability.calendar(db, treatment, first_day, days, practitioner_id)
    own = [client_id] if client_id else []
    ignoring = [*([moving] if moving else []), *(confirming(db, client_id) if client_id else [])]
    taken = claims.taken(db, [*calendar.subjects, *own], calendar.around, ignoring)
    busy = taken.pop(client_id).spans if client_id else []
    allowed = within or windows(db, viewer).bookable(now)
    return calendar.free(taken, busy, availability.length_of(treatment), allowed, Span(now, now + staff))


def confirming(db: Session, client_id: UUID) -> Sequence[UUID]:
    """What this client holds just now."""
    wanted = select(SlotHold.id).where(SlotHold.client_id == client_id, SlotHold.expires_at > clock.now())
    return db.exec(wanted).all()


def lapsed_holds(db: Session, limit: int = 500) -> Sequence[SlotHold]:
    """Times that are no longer kept; locked, so that one worker sees each."""
    wanted = select(SlotHold).where(SlotHold.expires_at <= clock.now()).limit(limit)
    return db.exec(wanted.with_for_update(skip_locked=True)).all()


def holds_over(db: Session, client_id: UUID, span: Span) -> Sequence[SlotHold]:
    """What this client holds just now that touches a span."""
    wanted = select(SlotHold).where(SlotHold.client_id == client_id, SlotHold.expires_at > clock.now())
    return db.exec(wanted.where(SlotHold.blocked_from < span.end, SlotHold.blocked_until > span.start)).all()


def slot_hold(db: Session, viewer: Viewer, hold_id: UUID) -> SlotHold:
    """A time that is kept for the viewer, or for anybody if the viewer is a practitioner. Raises NotFound."""
    found = db.get(SlotHold, hold_id)
    if found is None or not (viewer.is_practitioner or found.client_id == viewer.id):
        raise NotFound("This time is no longer kept.", ("Find a time", "/appointments/new"))
    return found


def own_hold(db: Session, client: Viewer, hold_id: UUID | None) -> UUID | None:
    """The hold a form names if this client is confirming it; None for any other and for none."""
    found = db.get(SlotHold, hold_id) if hold_id else None
    is_own = found is not None and found.client_id == client.id and found.kind is HoldFor.CONFIRMING
    return found.id if found and is_own else None


def appointments(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[Appointment]:
    """All appointments of a client, newest first."""
    wanted = _visible_to(viewer).where(Appointment.client_id == client_id)
    return db.exec(wanted.order_by(col(Appointment.starts_at).desc())).all()


def upcoming(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[Appointment]:
    """What is booked and not over, soonest first."""
    wanted = _visible_to(viewer).where(Appointment.client_id == client_id, Appointment.state == State.BOOKED)
    return db.exec(wanted.where(Appointment.ends_at > clock.now()).order_by(col(Appointment.starts_at))).all()


def appointment(db: Session, viewer: Viewer, appointment_id: UUID) -> Appointment:
    """One appointment. Raises NotFound."""
    found = db.exec(_visible_to(viewer).where(Appointment.id == appointment_id)).first()
    if found is None:
        raise NotFound("There is no such appointment.")
    return found


def moves_of(db: Session, viewer: Viewer, appointment_id: UUID) -> Sequence[AppointmentMove]:
    """How an appointment was moved, newest first. Raises NotFound."""
    one = appointment(db, viewer, appointment_id)
    wanted = select(AppointmentMove).where(AppointmentMove.appointment_id == one.id)
    return db.exec(wanted.order_by(col(AppointmentMove.moved_at).desc())).all()


def past_sessions(db: Session, client_id: UUID) -> tuple[datetime | None, int]:
    """When the last treatment session was done, and how many there were."""
    done = db.exec(session_rows(client_id).where(Appointment.state == State.ATTENDED)).all()
    return max((one.starts_at for one in done), default=None), len(done)


def between(db: Session, viewer: Viewer, first: date, days: int, *, everyone: bool = True) -> list[Visit]:
    """The appointments of some days in the clinic's zone, everybody's or the viewer's own, without cancelled ones."""
    zone = availability.clinic_zone(db)
    start, end = (instant(one, time.min, zone) for one in (first, first + timedelta(days=days)))
    wanted = _visible_to(viewer).where(Appointment.starts_at >= start, Appointment.starts_at < end)
    wanted = wanted.where(Appointment.state != State.CANCELLED).order_by(col(Appointment.starts_at))
    if not everyone:
        wanted = wanted.where(Appointment.practitioner_id == viewer.id)
    return visits(db, db.exec(wanted).all())


def visits(db: Session, shown: Sequence[Appointment]) -> list[Visit]:
    """Appointments already seen, with names: a constant number of queries, however many."""
    names = accounts.names(db, [person for one in shown for person in (one.client_id, one.practitioner_id)])
    wanted = {one.treatment_id for one in shown}
    treatments = (
        {row.id: row for row in db.exec(select(Treatment).where(col(Treatment.id).in_(wanted)))} if shown else {}
    )
    of = {one.course_id for one in shown if one.course_id}
    planned = (
        dict(db.exec(select(Course.id, Course.sessions_planned).where(col(Course.id).in_(of))).all()) if of else {}
    )
    things = _resource_names(db, {thing for one in shown for thing in (one.room_id, one.device_id) if thing})
    return [
        Visit(
            one,
            treatments[one.treatment_id],
            names[one.client_id],
            names[one.practitioner_id],
            planned.get(one.course_id) if one.course_id else None,
            ", ".join(things[thing] for thing in (one.room_id, one.device_id) if thing),
        )
        for one in shown
    ]


def open_appointments(db: Session, client_id: UUID) -> Sequence[Appointment]:
    """What a client has booked and not yet had; for the limits."""
    wanted = select(Appointment).where(Appointment.client_id == client_id, Appointment.state == State.BOOKED)
    wanted = wanted.where(Appointment.ends_at > clock.now()).execution_options(**_AS_IT_IS)
    return db.exec(wanted).all()


def treatment_in_force(db: Session, treatment_id: UUID) -> Treatment:
    """A treatment as it is now. Until this transaction ends it stays so: whoever changes it waits, and their change
    finds what is booked here.
    """
    wanted = select(Treatment).where(Treatment.id == treatment_id).execution_options(**_AS_IT_IS)
    return db.exec(wanted.with_for_update(read=True)).one()


def course_in_order(db: Session, client_id: UUID, course_id: UUID | None) -> Sequence[Appointment]:
    """The sessions of one course (or those without one) that count, by time."""
    return db.exec(
        session_rows(client_id).where(Appointment.course_id == course_id).order_by(col(Appointment.starts_at))
    ).all()


def ahead(db: Session, client_id: UUID | None = None) -> Sequence[Appointment]:
    """Treatment sessions that are booked and have not begun, of one client or of all, in order; for the gate."""
    wanted = select(Appointment).join(Treatment, col(Treatment.id) == col(Appointment.treatment_id))
    wanted = wanted.where(Treatment.needs_verdict, Appointment.state == State.BOOKED)
    wanted = wanted.where(Appointment.starts_at > clock.now()).order_by(col(Appointment.starts_at))
    wanted = wanted.execution_options(**_AS_IT_IS)
    return db.exec(wanted.where(Appointment.client_id == client_id) if client_id else wanted).all()


def count_touched(db: Session, shut: Shut) -> None:
    """Add how many booked appointments lie in a time in which somebody or something will not be there."""
    wanted = select(sa.func.count()).select_from(Appointment).where(Appointment.state == State.BOOKED)
    wanted = wanted.where(Appointment.blocked_until > shut.span.start, Appointment.blocked_from < shut.span.end)
    if shut.practitioner_id:
        wanted = wanted.where(Appointment.practitioner_id == shut.practitioner_id)
    if shut.place_id:
        wanted = wanted.where(Appointment.place_id == shut.place_id)
    if shut.resource_id:
        wanted = wanted.where((Appointment.room_id == shut.resource_id) | (Appointment.device_id == shut.resource_id))
    shut.booked += db.exec(wanted).one()


def ahead_with(db: Session, practitioner_id: UUID) -> Sequence[Appointment]:
    """What is booked with a practitioner and has not begun."""
    wanted = select(Appointment).where(Appointment.practitioner_id == practitioner_id)
    wanted = wanted.where(Appointment.state == State.BOOKED, Appointment.starts_at > clock.now())
    return db.exec(wanted.order_by(col(Appointment.starts_at))).all()


def out_of_patience(db: Session, limit: int = 100) -> Sequence[Appointment]:
    """On hold for longer than their time is kept; in an order in which any number of workers may lock the clients."""
    wanted = select(Appointment).where(Appointment.state == State.BOOKED, col(Appointment.on_hold_until) <= clock.now())
    return db.exec(wanted.order_by(col(Appointment.client_id)).limit(limit)).all()


def overrides_of(db: Session, viewer: Viewer, appointment_id: UUID) -> Sequence[GateOverride]:
    """Every override of an appointment, newest first; nothing for who may not see the appointment."""
    one = appointment(db, viewer, appointment_id)
    wanted = select(GateOverride).where(GateOverride.appointment_id == one.id)
    return db.exec(wanted.order_by(col(GateOverride.at).desc())).all()


def overrides_in_force(db: Session, appointments: Collection[UUID]) -> Sequence[GateOverride]:
    """Overrides that count: countersigned where that is needed."""
    wanted = select(GateOverride).where(col(GateOverride.appointment_id).in_(appointments))
    return [one for one in db.exec(wanted.execution_options(**_AS_IT_IS)) if one.is_effective]


def placed_at(db: Session, appointments: Sequence[Appointment]) -> dict[UUID, datetime]:
    """Since when each appointment has the time it has."""
    wanted = select(AppointmentMove.appointment_id, sa.func.max(AppointmentMove.moved_at))
    wanted = wanted.where(col(AppointmentMove.appointment_id).in_([one.id for one in appointments]))
    moved = dict(db.exec(wanted.group_by(col(AppointmentMove.appointment_id))).all())
    return {one.id: moved.get(one.id, one.booked_at) for one in appointments}


def override(db: Session, viewer: Viewer, override_id: UUID) -> GateOverride:
    """One override. Raises NotFound."""
    found = db.get(GateOverride, override_id)
    if found is None or not viewer.is_practitioner:
        raise NotFound("There is no such override.")
    return found


def to_countersign(db: Session, viewer: Viewer, limit: int = 100) -> Sequence[GateOverride]:
    """Overrides that wait for a second practitioner, the longest first; not the viewer's own."""
    wanted = (
        select(GateOverride)
        .join(Appointment, col(Appointment.id) == col(GateOverride.appointment_id))
        .where(Appointment.state == State.BOOKED, Appointment.starts_at == GateOverride.for_starts_at)
        .where(GateOverride.needs_countersign, col(GateOverride.countersigned_at).is_(None))
        .where(Appointment.starts_at > clock.now(), GateOverride.by_id != viewer.id)
    )
    return db.exec(wanted.order_by(col(GateOverride.at)).limit(limit)).all() if viewer.is_practitioner else ()


def request_of(db: Session, viewer: Viewer, appointment_id: UUID) -> ChangeRequest | None:
    """What a client asks to be changed about an appointment and has no answer to yet."""
    one = appointment(db, viewer, appointment_id)
    wanted = select(ChangeRequest).where(ChangeRequest.appointment_id == one.id)
    return db.exec(wanted.where(col(ChangeRequest.answered_at).is_(None))).first()


def requests_of(db: Session, viewer: Viewer, appointment_id: UUID) -> Sequence[ChangeRequest]:
    """Everything that was asked for, newest first."""
    one = appointment(db, viewer, appointment_id)
    wanted = select(ChangeRequest).where(ChangeRequest.appointment_id == one.id)
    return db.exec(wanted.order_by(col(ChangeRequest.made_at).desc())).all()


def unanswered(db: Session, appointment_id: UUID) -> Sequence[ChangeRequest]:
    """What was asked about an appointment and has no answer; for the code that answers."""
    wanted = select(ChangeRequest).where(ChangeRequest.appointment_id == appointment_id)
    return db.exec(wanted.where(col(ChangeRequest.answered_at).is_(None))).all()


def open_requests(db: Session, viewer: Viewer, limit: int = 100) -> Sequence[ChangeRequest]:
    """What clients ask to be changed and nobody has answered, the oldest first."""
    wanted = select(ChangeRequest).where(col(ChangeRequest.answered_at).is_(None))
    return db.exec(wanted.order_by(col(ChangeRequest.made_at)).limit(limit)).all() if viewer.is_practitioner else ()


def _visible_to(viewer: Viewer) -> SelectOfScalar[Appointment]:
    """A practitioner sees every appointment, a client their own, an admin none."""
    seen = select(Appointment)
    return seen if viewer.is_practitioner else seen.where(Appointment.client_id == viewer.id)


def session_rows(client_id: UUID) -> SelectOfScalar[Appointment]:
    """Treatment sessions that count: booked or done."""
    joined = select(Appointment).join(Treatment, col(Treatment.id) == col(Appointment.treatment_id))
    return joined.where(
        Appointment.client_id == client_id, Treatment.kind == Kind.SESSION, col(Appointment.state).in_(_COUNTS)
    ).execution_options(**_AS_IT_IS)


def _resource_names(db: Session, wanted: Collection[UUID]) -> dict[UUID, str]:
    if not wanted:
        return {}
    return dict(db.exec(select(Resource.id, Resource.name).where(col(Resource.id).in_(wanted))).all())
