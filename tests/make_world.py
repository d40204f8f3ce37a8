"""One row of every kind, all of them Alice's (working time: Bob's), with marks in every text."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from fastapi import FastAPI
from sqlmodel import Session, select

from portal.accounts import service as accounts
from portal.accounts.models import SignIn
from portal.availability import service as availability
from portal.availability.forms import OpeningForm, TimeOffForm
from portal.availability.models import Closure, Opening, Place, Resource, ResourceOutage, TimeOff, WorkingHours
from portal.bookings.models import GateOverride, SlotHold
from portal.bookings.rules import OverrideKind
from portal.consents import service as consents
from portal.consents.rules import Purpose
from portal.derivations.models import WithdrawalStatement
from portal.enquiries import service as enquiries
from portal.enquiries.forms import EnquiryForm
from portal.kit import clock
from portal.kit.forms import checked
from portal.kit.jobs import Job, JobState
from portal.messages import service as messages
from portal.messages.forms import MessageForm
from portal.notifications import service as notifications
from portal.notifications.models import Notice
from portal.photos import service as photos
from portal.photos.service import Upload
from portal.photos.vault import Vault
from portal.photos.views import View
from portal.questionnaires import service as questionnaires
from portal.questionnaires.forms import AcceptForm
from portal.reviews import service as reviews
from portal.reviews.forms import ReviewForm
from portal.side_effects.models import SideEffectReport
from portal.suitability import service as suitability
from portal.suitability.forms import VerdictForm
from portal.suitability.rules import HoldKind
from portal.treatments import queries as treatments
from tests.make import a_jpeg
from tests.make_availability import a_closure, a_place, a_room, an_outage
from tests.make_cases import a_signed_case
from tests.make_checkins import all_of
from tests.make_consents import a_signed_consent
from tests.make_derivations import a_derivation
from tests.make_questionnaires import health_answers, unsent_answers
from tests.make_records import a_signed_record
from tests.make_side_effects import a_report
from tests.make_suitability import a_course, a_needling, verdict_fields
from tests.make_triage import a_version
from tests.make_waiting import an_offer, waits
from tests.people import Cast

MARK = "marigold"  # in every clinical text of Alice's that she may read
PRIVATE = "monkshood"  # in every note that is for practitioners only
ASKED = "mandrake"  # in the enquiry, which the whole team reads


@dataclass(frozen=True)
class World:
    """What an address may name: the parameters of every route, as they are called there."""

    ids: dict[str, object]

    def path(self, template: str, **other: object) -> str:
        """A route's path with the ids of Alice's things in it, or `other` ones."""
        for name, value in {**self.ids, **other}.items():
            template = template.replace(f"{{{name}}}", str(value))
        assert "{" not in template, f"tell tests/make_world.py what {template} names"
        return template


def make_world(db: Session, app: FastAPI, cast: Cast) -> World:
    """Everything once, in the order in which it happens in a clinic."""
    alice, bob = cast.alice, cast.bob
    answers = health_answers(db, alice, note=MARK)
    questionnaires.accept(db, bob, answers.id, checked(AcceptForm, note=PRIVATE).value)
    unsent_answers(db, alice)
    with clock.travelled(timedelta(days=-5)):
        record = a_signed_record(db, bob, alice, notes=PRIVATE)
    suitability.sign_verdict(db, bob, alice.id, _verdict(db))
    course = a_course(db, bob, alice, stop_rule=MARK)
    report = _reported(db, cast)
    hold = suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, MARK)
    photo = photos.take_in(
        db, _vault(app), alice, alice.id, Upload(a_jpeg(), f"{MARK}.jpg", View.CROWN, clock.now().date())
    ).photo
    crop = a_derivation(db, _vault(app), alice, [photo.id])
    words = checked(ReviewForm, reply=MARK, private_note=PRIVATE).value
    reviews.review_report(db, bob, report.id, words)
    reviews.review_photo(db, bob, photo.id, words)
    messages.send(db, alice, alice.id, checked(MessageForm, body=MARK).value)
    messages.send(db, bob, alice.id, checked(MessageForm, body=MARK).value)
    ids = {
        "record_id": record.id,
        "appointment_id": record.appointment_id,
        "course_id": course.id,
        "report_id": report.id,
        "check_in_id": all_of(db, alice)[0].id,
    }
    ids |= {
        "hold_id": hold.id,
        "photo_id": photo.id,
        "derivation_id": crop.id,
        "treatment_id": a_needling(db).id,
        "client_id": alice.id,
        "person_id": cast.erin.id,
    }
    ids |= {"answers_id": answers.id, "page": 1, "key": "pregnancy", "symptom": "redness", "rule_id": "D03"}
    ids |= _papers(db, cast)
    ids |= _around_the_gate(db, cast, ids["appointment_id"])
    db.flush()
    return World({**ids, **_not_clinical(db, cast), "size": "small", "view": "crown", "token": "no-such-token"})


def _reported(db: Session, cast: Cast) -> SideEffectReport:
    """A report with its case file."""
    report = a_report(db, cast.alice, note=MARK)
    a_signed_case(db, cast.bob, report, assessment=PRIVATE)
    return report


def _papers(db: Session, cast: Cast) -> dict[str, UUID]:
    """A consent that stands, one that was withdrawn, and an offer from the waiting list."""
    consent = a_signed_consent(db, cast.alice, a_needling(db))
    consents.withdraw(db, cast.alice, a_signed_consent(db, cast.alice, None, Purpose.PHOTO_TEACHING).id, MARK)
    offer = an_offer(db, waits(db, cast.alice, a_needling(db)), cast.bob)
    found = {"consent_id": consent.id, "document_id": consent.document_id}
    found["statement_id"] = db.exec(select(WithdrawalStatement)).one().id
    return found | {"entry_id": offer.entry_id, "offer_id": offer.id}


def _not_clinical(db: Session, cast: Cast) -> dict[str, UUID]:
    fields = {"name": "Eve Elder", "email": "eve@example.test", "question": ASKED, "way": "email", "consent": "yes"}
    enquiry = enquiries.send(db, checked(EnquiryForm, **fields).value)
    notifications.tell(db, cast.alice.id, "a-notice", "There is something new.", "/home", by_mail=None)
    accounts.start_sign_in(db, cast.alice.id, "another device")
    away = clock.now().date() + timedelta(days=50)
    availability.add_time_off(db, cast.bob, checked(TimeOffForm, first_day=away, last_day=away).value)
    once = checked(OpeningForm, day=away + timedelta(days=7), starts="18:00", ends="20:00").value
    availability.add_opening(db, cast.bob, once)
    job = Job(key="failed", kind="mail.send", state=JobState.FAILED)
    db.add(job)
    db.flush()
    assert enquiry
    return {
        "enquiry_id": enquiry.id,
        "job_id": job.id,
        "sign_in_id": db.exec(select(SignIn).where(SignIn.device == "another device")).one().id,
        "notice_id": db.exec(select(Notice).where(Notice.text == "There is something new.")).one().id,
        "hours_id": db.exec(select(WorkingHours).where(WorkingHours.practitioner_id == cast.bob.id)).all()[0].id,
        "time_off_id": db.exec(select(TimeOff)).one().id,
        "opening_id": db.exec(select(Opening)).one().id,
        "version_id": a_version(db, cast.dana).id,
        **_premises(db, cast),
    }


def _around_the_gate(db: Session, cast: Cast, appointment_id: UUID) -> dict[str, UUID]:
    """A time that Alice is about to confirm, and a decision of Erin's that Bob may countersign."""
    at = clock.now() + timedelta(days=20)
    end = at + timedelta(hours=1)
    times = {"starts_at": at, "ends_at": end, "blocked_from": at, "blocked_until": end}
    treatment_id = treatments.consultation(db).id
    kept = SlotHold(
        client_id=cast.alice.id,
        practitioner_id=cast.bob.id,
        treatment_id=treatment_id,
        expires_at=clock.now() + timedelta(minutes=10),
        **times,
    )
    passed = GateOverride(
        appointment_id=appointment_id,
        client_id=cast.alice.id,
        codes=["hold"],
        for_starts_at=at,
        kind=OverrideKind.CLINICAL,
        reason=PRIVATE,
        by_id=cast.erin.id,
        needs_countersign=True,
    )
    db.add_all([kept, passed])
    return {"kept_id": kept.id, "override_id": passed.id}


def _premises(db: Session, cast: Cast) -> dict[str, UUID]:
    a_place(db, "The second floor")
    a_closure(db, clock.now().date() + timedelta(days=51))
    room = a_room(db, a_needling(db), "Room 1")
    an_outage(db, room, clock.now().date() + timedelta(days=52))
    tables = {"place_id": Place, "resource_id": Resource, "outage_id": ResourceOutage, "closure_id": Closure}
    return {name: db.exec(select(table)).one().id for name, table in tables.items()}


def _verdict(db: Session) -> VerdictForm:
    return checked(VerdictForm, **verdict_fields(a_needling(db).id, reasons=MARK, note_private=PRIVATE)).value


def _vault(app: FastAPI) -> Vault:
    return Vault(app.state.storage, app.state.photo_master)
