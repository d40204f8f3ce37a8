"""All sessions of a course at once: every date is checked, all are booked or none, and what fails gets other times."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlmodel import Session

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.availability import queries as availability
from portal.availability.queries import Slot
from portal.availability.rules import Span
from portal.bookings import gates, queries, service
from portal.bookings.forms import Chosen
from portal.bookings.models import Appointment
from portal.bookings.rules import State
from portal.clinic import queries as clinic
from portal.courses import queries as courses
from portal.courses.models import Course
from portal.courses.rules import Step
from portal.kit import clock
from portal.kit.db import lock_row
from portal.kit.errors import NotFound, Refused
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment

_PERSON = Person.__table__  # type: ignore[attr-defined]
_LOOK_ON = 21  # days after the window in which other times are sought
_OFFERED = 12
_LATER = "Nothing is free in the target window. The nearest times after it are offered."
_NOTHING = "There is no time for this session now. Why stands below."


@dataclass(frozen=True, slots=True)
class Wish:
    """How the sessions should lie: the first day, the time on the clinic's wall, with whom (None: anybody)."""

    day: date
    at: time = time(10)
    practitioner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One session of the course: its window, what is booked, or the times offered, best first."""

    step: Step
    booked: Appointment | None = None
    offers: Sequence[Slot] = ()
    problem: str = ""

    @property
    def is_open(self) -> bool:
        return self.booked is None


@dataclass(frozen=True, slots=True)
class Proposal:
    """The whole course as it could be booked."""

    course: Course
    treatment: Treatment
    lines: list[Line]
    wish: Wish

    @property
    def open_lines(self) -> list[Line]:
        return [line for line in self.lines if line.is_open]

    @property
    def is_bookable(self) -> bool:
        return bool(self.open_lines) and all(line.offers for line in self.open_lines)


def known_sessions(db: Session, course: Course) -> list[Appointment]:
    """What is done or booked of a course, in order."""
    return list(queries.course_in_order(db, course.client_id, course.id))


def propose(db: Session, client_id: UUID, wish: Wish | None = None) -> Proposal:
    """The course with free times for what is not booked. Each session counts from the best time of the one before, so
    that taking what is offered first works as a whole. Raises NotFound without a running course.
    """
    course, treatment = _running(db, client_id)
    zone = availability.clinic_zone(db)
    wish = wish or Wish(clock.now().astimezone(zone).date() + timedelta(days=1))
    known = known_sessions(db, course)
    days = [one.starts_at.astimezone(zone).date() for one in known]
    lines = [Line(step, one) for step, one in zip(course.steps(days), known, strict=False)]
    ask = gates.gates_of(db, client_id, treatment)
    day = max(wish.day, days[-1] + timedelta(days=course.interval_days)) if days else wish.day
    for number in range(len(known) + 1, course.sessions_planned + 1):
        step = Step(number, day, day + timedelta(days=course.window_days))
        search = _Search(db, client_id, treatment, wish, lambda at: ask(at).is_open)
        line = search.line(step)
        lines.append(line)
        best = line.offers[0].starts_at.astimezone(zone).date() if line.offers else day
        day = best + timedelta(days=max(course.interval_days, treatment.interval_days))
    return Proposal(course, treatment, lines, wish)


def book_all(db: Session, actor: Viewer, client_id: UUID, chosen: Sequence[Chosen]) -> list[Appointment]:
    """Book every chosen time, in order, or none. Refused with the number of the session that fails and why."""
    lock_row(db, _PERSON, client_id)
    course, treatment = _running(db, client_id)
    left = course.sessions_planned - len(known_sessions(db, course))
    if not chosen or len(chosen) > left:
        raise Refused(f"This course has {left} sessions left to book.")
    if len({one.starts_at for one in chosen}) < len(chosen):
        raise Refused("Two of these sessions have the same time. Nothing is booked yet.")
    within = _within(db)
    in_order = sorted(chosen, key=lambda one: one.starts_at)
    with db.begin_nested():
        return [_booked(db, actor, client_id, treatment, one, within) for one in in_order]


def _booked(
    db: Session, actor: Viewer, client_id: UUID, treatment: Treatment, chosen: Chosen, within: Span
) -> Appointment:
    try:
        return service.book(db, actor, client_id, treatment, *chosen, within=within)
    except Refused as error:
        raise SessionFails(chosen, error.sentence) from error


class SessionFails(Refused):
    """One of several times cannot be booked; nothing is."""

    def __init__(self, chosen: Chosen, sentence: str) -> None:
        super().__init__(sentence)
        self.chosen = chosen


def following(db: Session, appointment: Appointment) -> list[Appointment]:
    """The booked sessions of the same course that come after this one."""
    if appointment.course_id is None:
        return []
    in_order = queries.course_in_order(db, appointment.client_id, appointment.course_id)
    return [one for one in in_order if one.state is State.BOOKED and one.starts_at > appointment.starts_at]


def move_with_following(
    db: Session, actor: Viewer, appointment: Appointment, starts_at: datetime, practitioner_id: UUID, reason: str
) -> list[Appointment]:
    """Move a session and every following one by as many days, each to the free time nearest to its own; all or none."""
    zone = availability.clinic_zone(db)
    days = (starts_at.astimezone(zone).date() - appointment.starts_at.astimezone(zone).date()).days
    after = following(db, appointment)
    everyone = [appointment.id, *(one.id for one in after)]
    try:
        with db.begin_nested():
            for one in reversed(after) if days > 0 else after:  # whoever is in the way leaves first
                _shifted(db, actor, one, days, reason, tuple(everyone))
            service.move(db, actor, appointment, starts_at, practitioner_id, reason)
            _require_apart((appointment, *after))
    except Refused as error:
        raise Refused(f"Nothing was moved. {error.sentence}", error.way_out) from error
    return [appointment, *after]


def _require_apart(moved: Iterable[Appointment]) -> None:
    """Each was sought near its own time, by itself; together they were asked about when the last one had moved."""
    if any(one.is_on_hold for one in moved):
        raise Refused("The free times nearest to them lie too close to each other. Please move one by one.")


def _shifted(
    db: Session, actor: Viewer, one: Appointment, days: int, reason: str, leaving: tuple[UUID, ...]
) -> Appointment:
    treatment = treatments.get(db, one.treatment_id)
    local = one.starts_at.astimezone(availability.clinic_zone(db))
    wish = Wish(local.date() + timedelta(days=days), local.time(), one.practitioner_id)
    ask = gates.gates_of(db, one.client_id, treatment, one.id, leaving=leaving)
    search = _Search(db, one.client_id, treatment, wish, lambda at: ask(at).is_open, one.id)
    found = search.line(Step(one.session_number or 0, wish.day, wish.day + timedelta(days=6))).offers
    if not found:
        raise Refused(f"There is no free time near {wish.day.day} {wish.day:%B %Y} for session {one.session_number}.")
    best = found[0]
    return service.move(db, actor, one, best.starts_at, best.practitioner_id, reason, offered=True, leaving=leaving)


@dataclass(frozen=True, slots=True)
class _Search:
    """Looks for the times of one session that the calendar and the gate allow."""

    db: Session
    client_id: UUID
    treatment: Treatment
    wish: Wish
    allowed: Callable[[datetime], bool]
    moving: UUID | None = None

    def line(self, step: Step) -> Line:
        """The free times of the window, nearest to the wish first; those after it only when it has none."""
        if found := self._offers(step.opens, (step.closes - step.opens).days + 1):
            return Line(step, offers=found)
        found = self._offers(step.closes + timedelta(days=1), _LOOK_ON)
        return Line(step, offers=found, problem=_LATER if found else _NOTHING)

    def _offers(self, first: date, days: int) -> list[Slot]:
        zone = availability.clinic_zone(self.db)
        found = queries.slots(
            self.db,
            None,
            self.treatment,
            first,
            days,
            self.wish.practitioner_id,
            self.client_id,
            self.moving,
            _within(self.db),
        )
        free = [slot for day in found for slot in day.slots if self.allowed(slot.starts_at)]
        return sorted(free, key=lambda slot: self._distance(slot.starts_at.astimezone(zone), first))[:_OFFERED]

    def _distance(self, local: datetime, first: date) -> tuple[int, int]:
        """Whole days count first, then how far from the wished time of the day."""
        minutes = abs((local.hour - self.wish.at.hour) * 60 + local.minute - self.wish.at.minute)
        return (local.date() - first).days, minutes


def _within(db: Session) -> Span:
    """A course was agreed on with a practitioner: it may be booked as far ahead as the team books, after the notice."""
    policy, now = clinic.policy(db), clock.now()
    return Span(now + timedelta(hours=policy.notice_hours), now + timedelta(days=policy.staff_horizon_days))


def _running(db: Session, client_id: UUID) -> tuple[Course, Treatment]:
    course = courses.running(db, client_id)
    if course is None:
        raise NotFound("There is no course to book. Your practitioner agrees on one with you first.")
    return course, treatments.get(db, course.treatment_id)
