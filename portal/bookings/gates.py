"""The gate filled with what bookings and courses know: for a new time, and for what is booked already."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from portal.bookings import queries
from portal.bookings.models import Appointment, GateOverride
from portal.bookings.rules import State
from portal.courses import queries as courses
from portal.courses.models import Course
from portal.kit import clock
from portal.suitability import queries as suitability
from portal.suitability.answer import Code, GateAnswer
from portal.suitability.rules import GateFacts, SessionFacts, gate
from portal.treatments.models import Treatment


def gate_of(db: Session, client_id: UUID, treatment: Treatment, at: datetime, moving: UUID | None = None) -> GateAnswer:
    """Ask the gate about a new treatment at `at`. All other sessions count, also those booked after it."""
    return gates_of(db, client_id, treatment, moving)(at)


def gates_of(
    db: Session,
    client_id: UUID,
    treatment: Treatment,
    moving: UUID | None = None,
    *,
    leaving: Sequence[UUID] = (),
) -> Callable[[datetime], GateAnswer]:
    """The same for many moments: what is known is read once. `moving`: the appointment in question, `leaving`: others
    that would leave their times too; they do not count.
    """
    if not treatment.needs_verdict:
        return lambda _: GateAnswer()
    course = courses.running(db, client_id)
    known = [one for one in _sessions(db, client_id) if one.id not in {moving, *leaving}]
    filled = _with(_facts(db, client_id, treatment, course), known, course)
    return lambda at: gate(filled, at)


def standing_gates(db: Session, client_id: UUID, treatment: Treatment) -> Callable[[Appointment], GateAnswer]:
    """Ask about sessions that are booked already: each is judged by those before it, so that of two too close the later
    one is wrong; less what a practitioner has let pass for that very time, knowing what is known now.
    """
    known, course = _sessions(db, client_id), courses.running(db, client_id)
    facts = _facts(db, client_id, treatment, course)
    passed = queries.overrides_in_force(db, [one.id for one in known])
    newest = suitability.newest_facts(db, client_id, treatment) if passed else {}
    placed = queries.placed_at(db, known) if passed else {}

    def ask(appointment: Appointment) -> GateAnswer:
        before = [one for one in known if one.starts_at < appointment.starts_at and one.id != appointment.id]
        answer = gate(_with(facts, before, course), appointment.starts_at)
        others = [placed[one.id] for one in before] if passed else []
        behind = {**newest, Code.TOO_SOON: max(others, default=clock.EVER)}
        return answer.without(*_let_pass(passed, appointment, placed, behind))

    return ask


def _facts(db: Session, client_id: UUID, treatment: Treatment, course: Course | None) -> GateFacts:
    facts = suitability.facts_for(db, client_id, treatment)
    if course is None or course.treatment_id != treatment.id:
        return facts
    interval = max(facts.interval_days, course.interval_days)
    return replace(facts, interval_days=interval, zones=frozenset(course.zones), depth_mm=course.depth_mm)


def _with(facts: GateFacts, known: Iterable[Appointment], course: Course | None) -> GateFacts:
    known = list(known)
    signed = facts.verdict.signed_at if facts.verdict else None
    return replace(
        facts,
        sessions=tuple(SessionFacts(one.starts_at, _zones(one, course)) for one in known),
        sessions_counted=sum(signed is None or one.starts_at >= signed for one in known),
        has_begun=any(one.state is State.ATTENDED for one in known),
    )


def _zones(one: Appointment, course: Course | None) -> frozenset[str]:
    """What was treated; of a session still to come, what its course plans."""
    if one.state is State.ATTENDED or course is None or one.course_id != course.id:
        return frozenset(one.zones_done)
    return frozenset(course.zones)


def _sessions(db: Session, client_id: UUID) -> Sequence[Appointment]:
    return db.exec(queries.session_rows(client_id)).all()


def _let_pass(
    passed: Iterable[GateOverride],
    appointment: Appointment,
    placed: Mapping[UUID, datetime],
    behind: Mapping[Code, datetime],
) -> list[Code]:
    """An override is about one time, and about what was known when it was made: `placed` says since when each
    appointment has its time, `behind` how old the newest fact behind each reason is. What came later is asked about.
    """
    mine = [one for one in passed if one.appointment_id == appointment.id and placed[appointment.id] <= one.at]
    return [
        Code(code)
        for one in mine
        if one.for_starts_at == appointment.starts_at
        for code in one.codes
        if behind.get(Code(code), clock.EVER) <= one.at
    ]
