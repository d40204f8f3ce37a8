"""Reads of free times, appointments and hours, and the gate filled with what was done and booked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.bookings import availability, rules
from portal.bookings.availability import SlotDay
from portal.bookings.models import Appointment, AppointmentMove, TimeOff, WorkingHours
from portal.bookings.rules import State
from portal.clinic import queries as clinic
from portal.courses import queries as courses
from portal.courses.models import Course
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.suitability import queries as suitability
from portal.suitability.rules import Code, GateAnswer, Reason
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind

_COUNTS = (State.BOOKED, State.ATTENDED)


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment with the names a page shows. `planned`: how many sessions its course has."""

    appointment: Appointment
    treatment: Treatment
    client_name: str
    practitioner_name: str
    planned: int | None

    @property
    def title(self) -> str:
        """“Scalp micro-needling, session 2 of 6”."""
        number, of = self.appointment.session_number, f" of {self.planned}" if self.planned else ""
        return f"{self.treatment.name}, session {number}{of}" if number else self.treatment.name


def slots(
    db: Session,
    viewer: Viewer | None,
    treatment: Treatment,
    first_day: date,
    days: int = 14,
    practitioner_id: UUID | None = None,
    client_id: UUID | None = None,
    moving: UUID | None = None,
) -> list[SlotDay]:
    """Free times from `first_day` (clinic's zone) on, with one practitioner or any. A client's notice and horizon hold
    unless the viewer is of the team. Days without a free time are there and empty. The gate is not asked here.
    """
    people = [one for one in accounts.practitioners(db) if practitioner_id in {None, one.id}]
    zone, wanted = clinic_zone(db), [first_day + timedelta(days=count) for count in range(days)]
    within = rules.bookable(clock.now(), by_client=viewer is None or viewer.is_client)
    diaries = availability.diaries(db, people, availability.around(wanted, zone), client_id, moving)
    return diaries.free(availability.length_of(treatment), zone, wanted, within)


def gate_of(db: Session, client_id: UUID, treatment: Treatment, at: datetime, moving: UUID | None = None) -> GateAnswer:
    """Ask the gate about one treatment at `at`. Sessions before it, done or booked, give the interval; so do sessions
    booked after it. `moving`: an appointment that does not count, because it is the one in question.
    """
    return gates_of(db, client_id, treatment, moving)(at)


def gates_of(
    db: Session, client_id: UUID, treatment: Treatment, moving: UUID | None = None
) -> Callable[[datetime], GateAnswer]:
    """The same for many moments: what was done and booked is read once."""
    known = _starts_of_sessions(db, client_id, moving) if treatment.needs_verdict else []
    counted, course = suitability.counted_from(db, client_id), courses.running(db, client_id)
    interval = course.interval_days if course and course.treatment_id == treatment.id else 0
    zone = clinic_zone(db)

    def ask(at: datetime) -> GateAnswer:
        answer = suitability.gate_for(
            db,
            client_id,
            treatment,
            at,
            last_session_at=max((start for start in known if start <= at), default=None),
            sessions_done=sum(counted is None or start >= counted for start in known),
            interval_days=interval,
        )
        crowded = _too_close(at, known, max(treatment.interval_days, interval), zone)
        return replace(answer, reasons=(*answer.reasons, crowded)) if crowded else answer

    return ask


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
    done = db.exec(_treatment_session_rows(client_id).where(Appointment.state == State.ATTENDED)).all()
    return max((one.starts_at for one in done), default=None), len(done)


def agenda(db: Session, viewer: Viewer, day: date, *, everyone: bool = False) -> list[Visit]:
    """The appointments of one day in the clinic's zone, the viewer's own or everybody's, without cancelled ones."""
    zone = clinic_zone(db)
    start, end = (rules.instant(one, time.min, zone) for one in (day, day + timedelta(days=1)))
    wanted = _visible_to(viewer).where(Appointment.starts_at >= start, Appointment.starts_at < end)
    wanted = wanted.where(Appointment.state != State.CANCELLED).order_by(col(Appointment.starts_at))
    if not everyone:
        wanted = wanted.where(Appointment.practitioner_id == viewer.id)
    return visits(db, db.exec(wanted).all())


def visits(db: Session, shown: Sequence[Appointment]) -> list[Visit]:
    """Appointments already seen, with names: three queries, however many."""
    names = accounts.names(db, [person for one in shown for person in (one.client_id, one.practitioner_id)])
    wanted = {one.treatment_id for one in shown}
    treatments = (
        {row.id: row for row in db.exec(select(Treatment).where(col(Treatment.id).in_(wanted)))} if shown else {}
    )
    of = {one.course_id for one in shown if one.course_id}
    planned = (
        dict(db.exec(select(Course.id, Course.sessions_planned).where(col(Course.id).in_(of))).all()) if of else {}
    )
    return [
        Visit(
            one,
            treatments[one.treatment_id],
            names[one.client_id],
            names[one.practitioner_id],
            planned.get(one.course_id) if one.course_id else None,
        )
        for one in shown
    ]


def open_appointments(db: Session, client_id: UUID, treatment_id: UUID | None = None) -> Sequence[Appointment]:
    """What a client has booked and not yet had; for the limits."""
    wanted = select(Appointment).where(Appointment.client_id == client_id, Appointment.state == State.BOOKED)
    wanted = wanted.where(Appointment.ends_at > clock.now())
    return db.exec(wanted.where(Appointment.treatment_id == treatment_id) if treatment_id else wanted).all()


def due_for_reminder(db: Session, limit: int = 200) -> Sequence[Appointment]:
    """Booked, soon, and not yet reminded of the time they have now; locked, so that nobody cancels meanwhile."""
    at = clock.now()
    wanted = select(Appointment).where(
        Appointment.state == State.BOOKED,
        Appointment.starts_at > at,
        Appointment.starts_at <= at + rules.REMIND_BEFORE,
        col(Appointment.reminded_for).is_distinct_from(col(Appointment.starts_at)),
    )
    return db.exec(wanted.order_by(col(Appointment.starts_at)).limit(limit).with_for_update(skip_locked=True)).all()


def course_in_order(db: Session, client_id: UUID, course_id: UUID | None) -> Sequence[Appointment]:
    """The sessions of one course (or those without one) that count, by time."""
    return db.exec(
        _treatment_session_rows(client_id)
        .where(Appointment.course_id == course_id)
        .order_by(col(Appointment.starts_at))
    ).all()


def hours_of(db: Session, practitioner_id: UUID) -> Sequence[WorkingHours]:
    """One practitioner's week, in order."""
    wanted = select(WorkingHours).where(WorkingHours.practitioner_id == practitioner_id)
    return db.exec(wanted.order_by(col(WorkingHours.weekday), col(WorkingHours.opens))).all()


def time_off_of(db: Session, practitioner_id: UUID) -> Sequence[TimeOff]:
    """When one practitioner is away, from now on."""
    wanted = select(TimeOff).where(TimeOff.practitioner_id == practitioner_id, TimeOff.ends_at > clock.now())
    return db.exec(wanted.order_by(col(TimeOff.starts_at))).all()


def booked_within(db: Session, practitioner_id: UUID, span: rules.Span) -> Sequence[Appointment]:
    """A practitioner's booked appointments that touch a span."""
    wanted = select(Appointment).where(
        Appointment.practitioner_id == practitioner_id, Appointment.state == State.BOOKED
    )
    return db.exec(wanted.where(Appointment.blocked_until > span.start, Appointment.blocked_from < span.end)).all()


def clinic_zone(db: Session) -> ZoneInfo:
    return ZoneInfo(clinic.profile(db).time_zone)


def _visible_to(viewer: Viewer) -> SelectOfScalar[Appointment]:
    """A practitioner sees every appointment, a client their own, an admin none."""
    seen = select(Appointment)
    return seen if viewer.is_practitioner else seen.where(Appointment.client_id == viewer.id)


def _treatment_session_rows(client_id: UUID) -> SelectOfScalar[Appointment]:
    joined = select(Appointment).join(Treatment, col(Treatment.id) == col(Appointment.treatment_id))
    return joined.where(
        Appointment.client_id == client_id, Treatment.kind == Kind.SESSION, col(Appointment.state).in_(_COUNTS)
    )


def _starts_of_sessions(db: Session, client_id: UUID, moving: UUID | None) -> list[datetime]:
    return [one.starts_at for one in db.exec(_treatment_session_rows(client_id)) if one.id != moving]


def _too_close(at: datetime, known: Sequence[datetime], days: int, zone: ZoneInfo) -> Reason | None:
    """The interval also holds towards a session that is booked already and comes after."""
    day, others = at.astimezone(zone).date(), sorted(start.astimezone(zone).date() for start in known)
    following = next((start.astimezone(zone).date() for start in sorted(known) if start > at), None)
    if following is None or (following - day).days >= days:
        return None
    when = f"{following.day} {following:%B %Y}"
    return Reason(
        Code.TOO_SOON,
        f"The scalp rests for {days} days between sessions, and the next one is booked for {when}.",
        "Please choose another day, or move that session first.",
        "Offer another day, or move that session first.",
        rules.first_rested(following, others, days),
    )
