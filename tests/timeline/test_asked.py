"""The one statement behind what is due: it says of a client what the features say, and of nobody else."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from portal.clinic import queries as clinic
from portal.consents import queries as consents
from portal.consents import service as signing
from portal.consents.rules import ConsentState, Purpose
from portal.kit import clock
from portal.timeline import queries
from portal.timeline.queries import story
from tests.make_checkins import all_of
from tests.make_consents import a_document, a_signed_consent
from tests.make_questionnaires import health_answers
from tests.make_side_effects import a_report
from tests.make_suitability import a_consultation, a_needling, a_verdict
from tests.make_waiting import an_offer, waits


def test_a_newcomer_has_nothing_and_the_clinics_own_defaults(db, alice):
    asked = story(db, alice, alice.id).asked
    assert (asked.consent, asked.signatures, asked.answered_at, asked.offers) == (None, [], None, ())
    assert asked.remind_before == timedelta(hours=72)


def signed(db, alice, dana):
    a_signed_consent(db, alice, a_needling(db))


def withdrawn(db, alice, dana):
    signing.withdraw(db, alice, a_signed_consent(db, alice, a_needling(db)).id)


def outdated(db, alice, dana):
    signed(db, alice, dana)
    a_document(db, dana, a_needling(db), must_resign=True)


def other_purpose(db, alice, dana):
    a_signed_consent(db, alice, None, Purpose.PHOTO_RECORD)


@pytest.mark.parametrize(
    "happened, state",
    [
        (signed, ConsentState.SIGNED),
        (withdrawn, ConsentState.WITHDRAWN),
        (outdated, ConsentState.OUTDATED),
        (other_purpose, ConsentState.MISSING),
        (None, ConsentState.NO_DOCUMENT),
    ],
)
def test_the_consent_stands_as_the_gate_is_told(db, bob, alice, dana, happened, state):
    a_verdict(db, bob, alice, consents=False)
    if happened:
        happened(db, alice, dana)
    found = story(db, alice, alice.id).asked.consent
    assert found == consents.facts(db, alice.id, a_needling(db).id)
    assert found.state is state


def test_answers_an_offer_and_the_clinics_reminders_are_found(db, alice, bob):
    sent = health_answers(db, alice)
    offer = an_offer(db, waits(db, alice, a_consultation(db)), bob)
    clinic.stored_policy(db).reminder_hours = [12, 48]
    db.flush()
    asked = story(db, alice, alice.id).asked
    assert asked.answered_at == sent.submitted_at
    assert [(one.id, one.answer_by) for one in asked.offers] == [(offer.id, offer.answer_by)]
    assert asked.remind_before == timedelta(hours=48)


def test_what_is_asked_of_others_is_not_asked_of_me(db, alice, charlie, bob):
    health_answers(db, charlie)
    an_offer(db, waits(db, charlie, a_consultation(db)), bob)
    a_signed_consent(db, charlie, None, Purpose.PHOTO_RECORD)
    asked = story(db, alice, alice.id).asked
    assert (asked.signatures, asked.answered_at, asked.offers) == ([], None, ())


def test_a_consent_given_and_taken_back_are_two_events(db, alice):
    with clock.travelled(timedelta(days=-2)):
        given = a_signed_consent(db, alice, None, Purpose.PHOTO_TEACHING)
    signing.withdraw(db, alice, given.id)
    events = queries.items(story(db, alice, alice.id))
    assert [event.title for event in events] == ["Consent withdrawn", "Consent signed"]
    assert {event.params for event in events} == {(("consent_id", given.id),)}


def test_the_story_takes_one_statement_more_for_all_of_it(db, engine, alice, bob):
    a_verdict(db, bob, alice)
    said: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        said.append(statement)

    db.connection()
    sa.event.listen(engine, "before_cursor_execute", note)
    told = story(db, alice, alice.id)
    queries.standing(told, ZoneInfo("UTC"))
    sa.event.remove(engine, "before_cursor_execute", note)
    assert len(said) == 7, "courses, verdicts, visits, photos, reports, replies, and what is asked"


def test_check_ins_that_wait_or_were_missed_are_asked_and_answered_ones_are_not(db, alice, charlie, bob):
    with clock.travelled(timedelta(hours=-30)):
        a_report(db, alice)
        a_report(db, charlie)
    (waiting,) = story(db, alice, alice.id).asked.questions
    assert waiting.is_follow_up
    assert waiting.id == all_of(db, alice)[0].id
    a_report(db, alice)
    assert waiting.id not in [one.id for one in story(db, alice, alice.id).asked.questions]
