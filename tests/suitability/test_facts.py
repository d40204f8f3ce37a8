"""The gate filled with the facts of verdict, consent, health answers and holds."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from portal.clinic import queries as clinic
from portal.consents import service as consents
from portal.kit import clock
from portal.kit.errors import NotAllowed, Refused
from portal.kit.forms import checked
from portal.questionnaires import service as questionnaires
from portal.questionnaires.forms import AcceptForm
from portal.suitability import queries, service
from portal.suitability.answer import Code
from portal.suitability.rules import HoldKind, gate
from tests.make_consents import a_document, a_signature, a_signed_consent
from tests.make_questionnaires import health_answers
from tests.make_suitability import a_consultation, a_needling, a_verdict

DAY = timedelta(days=1)


def ask(db, client, in_days=2, **known):
    """The gate about a needling session so many days ahead; `known`: what only bookings and courses could add."""
    facts = replace(queries.facts_for(db, client.id, a_needling(db)), **known)
    return gate(facts, clock.now() + in_days * DAY)


def codes(db, client, **known):
    return list(ask(db, client, **known).codes)


def test_without_a_verdict_the_gate_is_shut(db, alice):
    a_signed_consent(db, alice, a_needling(db))
    assert codes(db, alice) == [Code.NO_VERDICT]


def test_a_signed_yes_opens_it_for_this_client_only(db, alice, bob, charlie):
    a_verdict(db, bob, alice)
    assert ask(db, alice).is_open
    assert codes(db, charlie) == [Code.NO_VERDICT, Code.CONSENT]


@pytest.mark.parametrize("outcome, code", [("not_suitable", Code.NOT_SUITABLE), ("deferred", Code.DEFERRED)])
def test_the_newest_verdict_counts(db, alice, bob, outcome, code):
    a_verdict(db, bob, alice)
    a_verdict(db, bob, alice, outcome=outcome)
    assert codes(db, alice) == [code]
    a_verdict(db, bob, alice, outcome="with_conditions", conditions="No sun for three days.")
    assert ask(db, alice).is_open
    assert len(queries.verdicts(db, bob, alice.id)) == 3


def test_it_shuts_by_itself_when_the_verdict_ends(db, alice, bob):
    a_verdict(db, bob, alice)
    assert ask(db, alice, in_days=180).is_open
    assert codes(db, alice, in_days=181) == [Code.EXPIRED]


def test_the_facts_are_those_of_verdict_treatment_and_clinic(db, alice, bob):
    verdict, needling = a_verdict(db, bob, alice), a_needling(db)
    needling.interval_days, needling.cooling_off_days = 35, 3
    clinic.stored(db).time_zone = "Pacific/Auckland"
    db.flush()
    facts = queries.facts_for(db, alice.id, needling)
    assert (facts.treatment_id, facts.verdict) == (needling.id, verdict.facts())
    assert (facts.interval_days, facts.cooling_off_days, facts.time_zone) == (35, 3, "Pacific/Auckland")
    assert (facts.verdict.signed_at, facts.verdict.max_depth_mm) == (verdict.signed_at, 1.5)
    assert facts.verdict.zones == {"frontal", "vertex"}
    assert (facts.sessions, facts.sessions_counted, facts.has_begun) == ((), 0, False), "bookings knows these"


def test_the_time_to_think_keeps_it_shut_until_the_next_day(db, alice, bob):
    a_verdict(db, bob, alice)
    answer = ask(db, alice, in_days=0)
    assert list(answer.codes) == [Code.COOLING_OFF]
    assert answer.opens_on == clock.today(clinic.profile(db).time_zone) + DAY
    assert ask(db, alice, in_days=1).is_open
    assert ask(db, alice, in_days=0, has_begun=True).is_open, "it is about the first session only"


def test_the_time_to_think_begins_anew_with_a_later_consent(db, alice, bob, later):
    a_verdict(db, bob, alice, consents=False)
    with later(5 * DAY):
        a_signed_consent(db, alice, a_needling(db))
        assert codes(db, alice, in_days=0) == [Code.COOLING_OFF]
        assert ask(db, alice, in_days=1).is_open


def test_a_verdict_without_a_consent_opens_nothing(db, alice, bob, dana):
    a_verdict(db, bob, alice, consents=False)
    assert "has not yet put the consent" in ask(db, alice).to_client
    document = a_document(db, dana, a_needling(db))
    assert codes(db, alice) == [Code.CONSENT]
    assert "have not yet signed" in ask(db, alice).to_client
    a_signature(db, alice, document)
    assert ask(db, alice).is_open


def test_a_consent_that_was_withdrawn_or_outdated_shuts_it_until_it_is_signed_again(db, alice, bob, dana):
    a_verdict(db, bob, alice, consents=False)
    document = a_document(db, dana, a_needling(db))
    consents.withdraw(db, alice, a_signature(db, alice, document).id)
    assert codes(db, alice) == [Code.CONSENT]
    assert "withdrawn your consent" in ask(db, alice).to_client
    a_signature(db, alice, document)
    assert ask(db, alice).is_open
    newer = a_document(db, dana, a_needling(db), body="Fine needles prick the skin, twice.", must_resign=True)
    assert codes(db, alice) == [Code.CONSENT]
    assert "has changed since you signed it" in ask(db, alice).to_client
    a_signature(db, alice, newer)
    assert ask(db, alice).is_open


def test_a_consent_ends_on_its_own_day(db, alice, bob):
    a_verdict(db, bob, alice, consents=False)
    consent = a_signed_consent(db, alice, a_needling(db))
    consent.expires_on = clock.today(clinic.profile(db).time_zone) + 30 * DAY
    db.flush()
    assert ask(db, alice, in_days=30).is_open
    assert codes(db, alice, in_days=31) == [Code.CONSENT]


def test_a_changed_health_answer_shuts_it_until_somebody_looked(db, alice, bob):
    health_answers(db, alice, skin="yes")
    a_verdict(db, bob, alice)
    health_answers(db, alice, skin="yes")
    assert ask(db, alice).is_open, "what the verdict knew of is no change"
    changed = health_answers(db, alice, skin="yes", pregnancy="unsure")
    assert codes(db, alice) == [Code.HEALTH_CHANGED]
    questionnaires.accept(db, bob, changed.id, checked(AcceptForm, note="Spoke by telephone.").value)
    assert ask(db, alice).is_open
    health_answers(db, alice, skin="yes", pregnancy="unsure", keloid="yes")
    assert codes(db, alice) == [Code.HEALTH_CHANGED]
    a_verdict(db, bob, alice)
    assert ask(db, alice).is_open


def test_a_not_yet_shuts_it_with_its_day(db, alice, bob):
    a_verdict(db, bob, alice)
    health_answers(db, alice, infection="yes")
    day = clock.today(clinic.profile(db).time_zone) + 28 * DAY
    assert f"{day.day} {day:%B %Y}" in ask(db, alice).to_client
    assert codes(db, alice, in_days=40) == [Code.HEALTH_CHANGED], "it is asked again, it does not open by itself"
    health_answers(db, alice)
    assert ask(db, alice).is_open


def test_without_a_verdict_answers_are_no_change(db, alice, bob):
    health_answers(db, alice, infection="yes")
    assert Code.HEALTH_CHANGED not in codes(db, alice)


def test_a_consultation_is_always_open(db, alice, bob):
    a_verdict(db, bob, alice, outcome="not_suitable")
    service.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Wait.")
    assert gate(queries.facts_for(db, alice.id, a_consultation(db)), clock.now()).is_open


# ---- holds ----


@pytest.mark.parametrize("kind, code", [(HoldKind.SIDE_EFFECT, Code.SIDE_EFFECT), (HoldKind.PRACTITIONER, Code.HOLD)])
def test_a_hold_shuts_the_gate_until_it_is_lifted(db, alice, bob, kind, code):
    a_verdict(db, bob, alice)
    source = uuid4()
    hold = service.place_hold(db, None, alice.id, kind, "We look after your report.", source)
    assert service.place_hold(db, None, alice.id, kind, "Again.", source) is hold
    assert codes(db, alice) == [code]
    service.lift_holds(db, bob, source)
    assert ask(db, alice).is_open
    assert hold.lifted_by == bob.id
    service.lift_holds(db, bob, source)


def test_both_kinds_of_hold_are_two_reasons(db, alice, bob):
    a_verdict(db, bob, alice)
    for kind in HoldKind:
        service.place_hold(db, bob, alice.id, kind, "Wait.")
        service.place_hold(db, bob, alice.id, kind, "Wait again.")
    assert [reason.code for reason in ask(db, alice).reasons] == [Code.SIDE_EFFECT, Code.HOLD]


def test_a_pause_ends_once_and_by_a_practitioner(db, alice, bob):
    hold = service.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Wait.")
    with pytest.raises(NotAllowed):
        service.lift_hold(db, alice, hold.id)
    service.lift_hold(db, bob, hold.id)
    with pytest.raises(Refused, match="already"):
        service.lift_hold(db, bob, hold.id)
