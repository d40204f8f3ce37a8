"""What shuts the gate, one fact each, and what those tests share."""

from datetime import timedelta

from sqlmodel import select

from portal.bookings.rules import Override, OverrideKind
from portal.consents import queries as signatures
from portal.consents import service as consents
from portal.kit import clock
from portal.notifications.models import Notice
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from tests.make_questionnaires import health_answers
from tests.make_suitability import a_verdict

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CLINICAL = Override(OverrideKind.CLINICAL, "Seen yesterday, the skin is calm.")
PRACTICAL = Override(OverrideKind.PRACTICAL, "She flies tomorrow.")


def pause(db, bob, alice, kind=HoldKind.PRACTITIONER):
    return suitability.place_hold(db, bob, alice.id, kind, "Let us look first.")


def told(db, person, word):
    about = select(Notice).where(Notice.person_id == person.id, Notice.href.startswith("/appointments/"))
    return [row.text for row in db.exec(about) if word in row.text]


def not_suitable(db, bob, alice):
    a_verdict(db, bob, alice, outcome="not_suitable")


def deferred(db, bob, alice):
    a_verdict(db, bob, alice, outcome="deferred")


def ends_too_soon(db, bob, alice):
    a_verdict(db, bob, alice, valid_until=clock.now().date() + DAY)


def consent_withdrawn(db, bob, alice):
    consents.withdraw(db, alice, signatures.signatures(db, alice, alice.id)[0].id)


def health_changed(db, bob, alice):
    health_answers(db, alice, keloid="yes")


def paused(db, bob, alice):
    pause(db, bob, alice)


def side_effect(db, bob, alice):
    pause(db, None, alice, HoldKind.SIDE_EFFECT)
