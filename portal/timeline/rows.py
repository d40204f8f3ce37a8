"""The rows of one client's story. The home page is opened most of all pages, so these are plain columns, and the
statements are built once; none of them can name a private note. PASSED alone is not for the client.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Executable, bindparam, select
from sqlmodel import col

from portal.accounts.models import Person
from portal.bookings.models import Appointment, GateOverride
from portal.bookings.rules import State
from portal.courses.models import Course
from portal.photos.models import Photo
from portal.photos.views import NAMES, View
from portal.reviews.models import Review
from portal.reviews.rules import Subject
from portal.side_effects.models import SideEffectReport, title_of
from portal.side_effects.rules import Level
from portal.suitability.models import Verdict
from portal.suitability.rules import Outcome
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind

T = TypeVar("T")
_CLIENT: BindParameter[UUID] = bindparam("client")


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment. `planned`: how many sessions its course has."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    on_hold_until: datetime | None
    confirmed_at: datetime | None
    state: State
    number: int | None
    course_id: UUID | None
    treatment: str
    kind: Kind
    practitioner: str
    planned: int | None

    @property
    def title(self) -> str:
        """“Scalp micro-needling, session 2 of 6”."""
        of = f" of {self.planned}" if self.planned else ""
        return f"{self.treatment}, session {self.number}{of}" if self.number else self.treatment

    @property
    def is_on_hold(self) -> bool:
        return self.state is State.BOOKED and self.on_hold_until is not None


@dataclass(frozen=True, slots=True)
class Plan:
    """The course that runs."""

    id: UUID
    sessions_planned: int
    review_on: date


@dataclass(frozen=True, slots=True)
class Decision:
    """A signed verdict: what the client reads of it, and which treatment it is about."""

    outcome: Outcome
    reasons: str
    signed_at: datetime
    treatment_id: UUID


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo of the series."""

    id: UUID
    view: View
    taken_on: date | None
    received_at: datetime

    @property
    def view_name(self) -> str:
        return NAMES[self.view]


@dataclass(frozen=True, slots=True)
class Report:
    """A side effect."""

    id: UUID
    reported_at: datetime
    level: Level
    needs_person: bool
    closed_at: datetime | None
    symptoms: list[str]
    answers: dict[str, Any]

    @property
    def title(self) -> str:
        return title_of(self.symptoms, self.answers, is_calm=self.level is Level.EXPECTED and not self.needs_person)

    @property
    def is_open(self) -> bool:
        return self.needs_person and self.closed_at is None


@dataclass(frozen=True, slots=True)
class Words:
    """A reply of a practitioner."""

    subject: Subject
    subject_id: UUID
    reply: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Passed:
    """An appointment may stand although the gate is shut. For practitioners: `reason` is written for them."""

    at: datetime
    appointment_id: UUID
    reason: str
    needs_countersign: bool
    countersigned_at: datetime | None
    by: str

    @property
    def is_waiting(self) -> bool:
        return self.needs_countersign and self.countersigned_at is None


def read(connection: Connection, statement: Executable, kind: type[T], client_id: UUID, **also: UUID | None) -> list[T]:
    """Run one of the statements for a client and make `kind` of each row."""
    return [kind(*row) for row in connection.execute(statement, {"client": client_id, **also})]


VISITS = (
    select(
        col(Appointment.id),
        col(Appointment.starts_at),
        col(Appointment.ends_at),
        col(Appointment.on_hold_until),
        col(Appointment.confirmed_at),
        col(Appointment.state),
        col(Appointment.session_number),
        col(Appointment.course_id),
        col(Treatment.name),
        col(Treatment.kind),
        col(Person.name),
        col(Course.sessions_planned),
    )
    .join(Treatment, col(Treatment.id) == col(Appointment.treatment_id))
    .join(Person, col(Person.id) == col(Appointment.practitioner_id))
    .join(Course, col(Course.id) == col(Appointment.course_id), isouter=True)
    .where(col(Appointment.client_id) == _CLIENT)
)
PLANS = select(col(Course.id), col(Course.sessions_planned), col(Course.review_on)).where(
    col(Course.client_id) == _CLIENT, col(Course.ended_on).is_(None)
)
DECISIONS = (
    select(col(Verdict.outcome), col(Verdict.reasons), col(Verdict.signed_at), col(Verdict.scope_treatment_id))
    .where(col(Verdict.client_id) == _CLIENT)
    .order_by(col(Verdict.signed_at).desc())
)
PICTURES = (
    select(col(Photo.id), col(Photo.view), col(Photo.taken_on), col(Photo.received_at))
    .where(col(Photo.client_id) == _CLIENT, col(Photo.view) != View.SIDE_EFFECT)
    .where(col(Photo.withdrawn_at).is_(None), col(Photo.apart_since).is_(None))
    .order_by(col(Photo.received_at))
)
REPORTS = select(
    col(SideEffectReport.id),
    col(SideEffectReport.reported_at),
    col(SideEffectReport.level),
    col(SideEffectReport.needs_person),
    col(SideEffectReport.closed_at),
    col(SideEffectReport.symptoms),
    col(SideEffectReport.answers),
).where(col(SideEffectReport.client_id) == _CLIENT)
REPLIES = (
    select(col(Review.subject), col(Review.subject_id), col(Review.reply), col(Review.written_at), col(Person.name))
    .join(Person, col(Person.id) == col(Review.practitioner_id))
    .where(col(Review.client_id) == _CLIENT, col(Review.reply) != "")
)
PASSED = (
    select(
        col(GateOverride.at),
        col(GateOverride.appointment_id),
        col(GateOverride.reason),
        col(GateOverride.needs_countersign),
        col(GateOverride.countersigned_at),
        col(Person.name),
    )
    .join(Person, col(Person.id) == col(GateOverride.by_id))
    .where(col(GateOverride.client_id) == _CLIENT)
)
