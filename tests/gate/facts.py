"""Each fact that shuts the gate, told through the services wherever a service can tell it."""

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import Session, col, delete

from portal.consents import queries as consents
from portal.consents import service as consent_service
from portal.consents.models import Consent, ConsentDocument
from portal.consents.rules import Purpose
from portal.kit import clock
from portal.kit.forms import checked
from portal.suitability import service as suitability
from portal.suitability.models import Verdict
from portal.suitability.rules import HoldKind
from portal.treatments import queries as treatments
from portal.treatments import service as catalogue
from portal.treatments.forms import TreatmentForm
from portal.treatments.models import Treatment
from tests.gate.world import World
from tests.make_consents import a_document, a_signature
from tests.make_questionnaires import health_answers
from tests.make_side_effects import an_urgent_report
from tests.make_suitability import a_verdict

Fact = Callable[[World, Session], object]


def _new_verdict(**changes: object) -> Fact:
    return lambda world, db: a_verdict(db, world.cast.bob, world.cast.alice, consents=False, **changes)


def _answer(**changes: str) -> Fact:
    return lambda world, db: health_answers(db, world.cast.alice, **changes)


def _expiring(world: World, db: Session) -> None:
    _new_verdict(valid_until=clock.now().date() + timedelta(days=30))(world, db)


def _no_verdict(world: World, db: Session) -> None:
    db.exec(delete(Verdict).where(col(Verdict.client_id) == world.cast.alice.id))
    suitability.CHANGED.tell(db, world.cast.alice.id)


def _other_treatment(world: World, db: Session) -> None:
    other = catalogue.save(db, None, as_form(treatments.needling(db), name="Another needling", order=9))
    db.flush()
    _new_verdict(treatment_id=other.id)(world, db)


def _no_text(world: World, db: Session) -> None:
    db.exec(delete(Consent))
    db.exec(delete(ConsentDocument))
    consent_service.CHANGED.tell(db, world.cast.alice.id)


def _never_signed(world: World, db: Session) -> None:
    db.exec(delete(Consent))
    consent_service.CHANGED.tell(db, world.cast.alice.id)


def _withdrawn(world: World, db: Session) -> None:
    (signed,) = (
        one
        for one in consents.signatures(db, world.cast.alice, world.cast.alice.id)
        if one.purpose is Purpose.TREATMENT
    )
    consent_service.withdraw(db, world.cast.alice, signed.id, "I want to think again.")


def _must_sign_again(_: World, db: Session) -> None:
    a_document(db, None, treatments.needling(db), must_resign=True)


def _signed_for_a_month(world: World, db: Session) -> None:
    a_signature(db, world.cast.alice, a_document(db, None, treatments.needling(db), must_resign=True, valid_months=1))


def _catalogue(**changes: object) -> Fact:
    def fact(_: World, db: Session) -> None:
        needling = treatments.needling(db)
        catalogue.save(db, None, as_form(needling, **changes), needling)

    return fact


def _side_effect(world: World, db: Session) -> None:
    an_urgent_report(db, world.cast.alice)


def _hold(world: World, db: Session) -> None:
    suitability.place_hold(db, world.cast.bob, world.cast.alice.id, HoldKind.PRACTITIONER, "Please wait.")


def as_form(treatment: Treatment, **changes: object) -> TreatmentForm:
    known = {name: getattr(treatment, name) for name in TreatmentForm.model_fields if hasattr(treatment, name)}
    return checked(TreatmentForm, **{**known, **changes}).value


FACTS: dict[str, Fact] = {
    "no signed verdict": _no_verdict,
    "verdict: not suitable": _new_verdict(outcome="not_suitable"),
    "verdict: deferred": _new_verdict(outcome="deferred"),
    "verdict expired by then": _expiring,
    "verdict about another treatment": _other_treatment,
    "more sessions than the verdict covers": _new_verdict(sessions=1),
    "zones outside the verdict": _new_verdict(zones=["back"]),
    "deeper than the verdict": _new_verdict(max_depth_mm=0.5),
    "health answer changed: a practitioner decides": _answer(thinners="yes"),
    "health answer changed: not now": _answer(infection="yes"),
    "no consent text": _no_text,
    "consent never signed": _never_signed,
    "consent withdrawn": _withdrawn,
    "consent must be signed again": _must_sign_again,
    "consent expired by then": _signed_for_a_month,
    "time to think not over": _catalogue(cooling_off_days=60),
    "interval not over": _catalogue(interval_days=60),
    "side effect open": _side_effect,
    "hold by a practitioner": _hold,
}
