"""A client with a history, written as rows: what the benchmark's home page shows. No files lie behind the photos."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlmodel import Session

from portal.accounts.models import Person
from portal.audit.models import AuditEntry
from portal.bookings.models import Appointment
from portal.bookings.rules import State
from portal.clinic.models import BookingPolicy
from portal.consents.models import Consent, ConsentDocument
from portal.consents.rules import Purpose
from portal.courses.models import Course
from portal.kit import clock
from portal.kit.db import Row
from portal.messages.models import Message
from portal.notifications.models import Notice
from portal.photos.models import Photo
from portal.photos.views import VIEWS
from portal.questionnaires.models import HealthAnswers
from portal.questionnaires.starters import STARTERS
from portal.reviews.models import Review
from portal.reviews.rules import Subject
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level
from portal.suitability.models import Verdict
from portal.suitability.rules import Outcome
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind

PHOTOS, REPORTS, SESSIONS, LOOKS = 20, 8, 4, 30
_DAY = timedelta(days=1)


def fill(db: Session) -> UUID:
    """Two people, a course of six with four sessions done, photos, reports and answers; returns the client's id."""
    client, practitioner = _people(db)
    consultation, needling = _catalogue(db)
    course = _course(db, client, practitioner, needling)
    _visit(db, course, consultation, -150, None)
    for number in range(1, SESSIONS + 1):
        _visit(db, course, needling, 28 * (number - SESSIONS) - 9, number)
    _visit(db, course, needling, 19, SESSIONS + 1)
    photos = [_photo(client, number) for number in range(PHOTOS)]
    reports = [_report(client, number) for number in range(REPORTS)]
    _add(db, *photos, *reports)
    _add(db, *(_review(client, practitioner, Subject.PHOTO, photo) for photo in photos[::2]))
    _add(db, *(_review(client, practitioner, Subject.REPORT, report) for report in reports[::2]))
    _around(db, client, practitioner)
    return client.id


def _add(db: Session, *rows: Row) -> None:
    db.add_all(rows)
    db.flush()


def _people(db: Session) -> tuple[Person, Person]:
    client = Person(name="Alice Ash", email="alice@example.test")
    practitioner = Person(name="Bob Birch", email="bob@example.test", is_practitioner=True)
    _add(db, client, practitioner)
    return client, practitioner


def _catalogue(db: Session) -> tuple[Treatment, Treatment]:
    consultation = Treatment(
        slug="consultation",
        name="Consultation",
        summary="Talk",
        kind=Kind.CONSULTATION,
        minutes=30,
        needs_verdict=False,
    )
    needling = Treatment(
        slug="needling",
        name="Scalp micro-needling",
        summary="Session",
        kind=Kind.SESSION,
        minutes=60,
        needs_verdict=True,
        interval_days=28,
    )
    _add(db, consultation, needling)
    return consultation, needling


def _course(db: Session, client: Person, practitioner: Person, treatment: Treatment) -> Course:
    began = clock.now() - 140 * _DAY
    verdict = Verdict(
        client_id=client.id,
        practitioner_id=practitioner.id,
        outcome=Outcome.SUITABLE,
        reasons="Nothing speaks against it.",
        scope_treatment_id=treatment.id,
        scope_sessions=6,
        scope_max_depth_mm=1.5,
        valid_until=(began + 180 * _DAY).date(),
        signed_at=began,
    )
    course = Course(
        client_id=client.id,
        practitioner_id=practitioner.id,
        treatment_id=treatment.id,
        sessions_planned=6,
        interval_days=28,
        agreed_on=began.date(),
        review_on=(began + 180 * _DAY).date(),
        stop_rule="No change after six sessions.",
    )
    answers = {question.key: "no" for question in STARTERS}
    _signed(db, client, treatment, began)
    _add(db, verdict, course, HealthAnswers(client_id=client.id, version=1, answers=answers, submitted_at=began))
    return course


def _signed(db: Session, client: Person, treatment: Treatment, at: datetime) -> None:
    text = ConsentDocument(purpose=Purpose.TREATMENT, treatment_id=treatment.id, title="Consent", body="Fine needles.")
    consent = Consent(
        client_id=client.id,
        document_id=text.id,
        purpose=text.purpose,
        treatment_id=treatment.id,
        version=text.version,
        title=text.title,
        body=text.body,
        sha256="0" * 64,
        signer_name=client.name,
        signed_at=at,
        expires_on=(at + 365 * _DAY).date(),
    )
    _add(db, BookingPolicy(), text)
    _add(db, consent)


def _visit(db: Session, course: Course, treatment: Treatment, in_days: int, number: int | None) -> None:
    starts = clock.now() + in_days * _DAY
    ends = starts + timedelta(minutes=treatment.minutes)
    visit = Appointment(
        client_id=course.client_id,
        practitioner_id=course.practitioner_id,
        booked_by_id=course.client_id,
        treatment_id=treatment.id,
        course_id=course.id if number else None,
        session_number=number,
        starts_at=starts,
        ends_at=ends,
        blocked_from=starts,
        blocked_until=ends,
        state=State.BOOKED if in_days > 0 else State.ATTENDED,
    )
    _add(db, visit)


def _photo(client: Person, number: int) -> Photo:
    at = clock.now() - (5 + 7 * (number // 2)) * _DAY
    name = f"00/{uuid4().hex}"
    return Photo(
        client_id=client.id,
        uploaded_by=client.id,
        view=VIEWS[number % len(VIEWS)].view,
        taken_on=at.date(),
        received_at=at,
        sha256=uuid4().hex * 2,
        dhash="0" * 16,
        width=3024,
        height=4032,
        format="JPEG",
        size=3_000_000,
        original=name,
        large=name,
        medium=name,
        small=name,
    )


def _report(client: Person, number: int) -> SideEffectReport:
    return SideEffectReport(
        client_id=client.id,
        reported_at=clock.now() - (8 + 14 * number) * _DAY,
        symptoms=["redness", "itch"],
        answers={"redness": "mild", "itch": "faint"},
        level=Level.EXPECTED,
        rules_version="benchmark",
    )


def _review(client: Person, practitioner: Person, subject: Subject, about: Row) -> Review:
    return Review(
        client_id=client.id,
        practitioner_id=practitioner.id,
        subject=subject,
        subject_id=about.id,
        reply="This looks as it should. Please keep to the aftercare, and send the next photos in four weeks.",
    )


def _around(db: Session, client: Person, practitioner: Person) -> None:
    _add(db, *(_look(client, practitioner) for _ in range(LOOKS)))
    _add(db, *(Message(client_id=client.id, author_id=practitioner.id, body="See you soon.") for _ in range(5)))
    _add(db, *(Notice(person_id=client.id, key=f"benchmark:{number}", text="An answer.") for number in range(8)))


def _look(client: Person, practitioner: Person) -> AuditEntry:
    return AuditEntry(
        actor_id=practitioner.id, actor_name=practitioner.name, client_id=client.id, action="photos.series-seen"
    )
