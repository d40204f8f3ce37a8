"""The gate, by table: every fact that shuts it, alone and together, with what each side is told and when it opens."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from portal.consents.rules import ConsentFacts, ConsentState
from portal.questionnaires.rules import HealthChange, Meaning
from portal.suitability.answer import Code, GateAnswer, Overriding, Reason
from portal.suitability.rules import GateFacts, HoldKind, Outcome, SessionFacts, VerdictFacts, first_rested, gate

NEEDLING, OTHER = UUID(int=1), UUID(int=2)
AT = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
TODAY = AT.date()
DAY = timedelta(days=1)
CROWN, FRONT = frozenset({"vertex"}), frozenset({"frontal"})


def verdict(**changes) -> VerdictFacts:
    plain = {
        "outcome": Outcome.SUITABLE,
        "treatment_id": NEEDLING,
        "signed_at": AT - 60 * DAY,
        "sessions_covered": 6,
        "zones": CROWN | FRONT,
        "max_depth_mm": 1.5,
        "valid_until": TODAY + 90 * DAY,
    }
    return VerdictFacts(**{**plain, **changes})


def consent(state=ConsentState.SIGNED, signed_at=AT - 50 * DAY, expires_on=None) -> ConsentFacts:
    return ConsentFacts(state, signed_at, expires_on)


def facts(**changes) -> GateFacts:
    plain = {
        "treatment_id": NEEDLING,
        "verdict": verdict(),
        "consent": consent(),
        "interval_days": 28,
        "cooling_off_days": 2,
        "time_zone": "Europe/Berlin",
    }
    return GateFacts(**{**plain, **changes})


def done(*ats, zones=frozenset()) -> tuple[SessionFacts, ...]:
    return tuple(SessionFacts(at, zones) for at in ats)


def said(meaning, until=None) -> tuple[HealthChange, ...]:
    return (HealthChange(meaning, until),)


def codes(answer: GateAnswer) -> list[Code]:
    return [reason.code for reason in answer.reasons]


OPEN = {
    "a plain yes": facts(),
    "a yes with conditions": facts(verdict=verdict(outcome=Outcome.WITH_CONDITIONS)),
    "the last valid day": facts(verdict=verdict(valid_until=TODAY)),
    "one session left": facts(sessions_counted=5),
    "exactly rested": facts(sessions=done(AT - 28 * DAY)),
    "exactly rested before the next": facts(sessions=done(AT + 28 * DAY)),
    "rested by the calendar though not by the hour": facts(sessions=done(AT - 28 * DAY + timedelta(hours=3))),
    "other skin was treated yesterday": facts(sessions=done(AT - DAY, zones=FRONT), zones=CROWN),
    "a plan inside the verdict": facts(zones=CROWN, depth_mm=1.5),
    "the last day of the consent": facts(consent=consent(expires_on=TODAY)),
    "the time to think is just over": facts(verdict=verdict(signed_at=AT - 2 * DAY)),
    "thinking was over before the first session": facts(verdict=verdict(signed_at=AT - DAY), has_begun=True),
    "a consultation, whatever stands": facts(
        needs_verdict=False, verdict=None, consent=consent(ConsentState.MISSING), holds=tuple(HoldKind)
    ),
}
SHUT = {
    "no verdict": (facts(verdict=None), [Code.NO_VERDICT]),
    "a no": (facts(verdict=verdict(outcome=Outcome.NOT_SUITABLE)), [Code.NOT_SUITABLE]),
    "a no is not also expired, used up or too narrow": (
        facts(
            verdict=verdict(
                outcome=Outcome.NOT_SUITABLE,
                valid_until=None,
                sessions_covered=0,
                treatment_id=OTHER,
                zones=frozenset(),
            ),
            zones=CROWN,
            depth_mm=2.0,
        ),
        [Code.NOT_SUITABLE],
    ),
    "deferred": (facts(verdict=verdict(outcome=Outcome.DEFERRED, deferred_until=TODAY + DAY)), [Code.DEFERRED]),
    "deferred, and the day has come": (
        facts(verdict=verdict(outcome=Outcome.DEFERRED, deferred_until=TODAY - DAY)),
        [Code.DEFERRED],
    ),
    "expired yesterday": (facts(verdict=verdict(valid_until=TODAY - DAY)), [Code.EXPIRED]),
    "expired, though with conditions": (
        facts(verdict=verdict(outcome=Outcome.WITH_CONDITIONS, valid_until=TODAY - DAY)),
        [Code.EXPIRED],
    ),
    "a yes without a last day": (facts(verdict=verdict(valid_until=None)), [Code.EXPIRED]),
    "another treatment": (facts(verdict=verdict(treatment_id=OTHER)), [Code.OUT_OF_SCOPE]),
    "all sessions used": (facts(sessions_counted=6), [Code.OUT_OF_SCOPE]),
    "a yes for no session": (facts(verdict=verdict(sessions_covered=0)), [Code.OUT_OF_SCOPE]),
    "a zone that the verdict does not cover": (facts(zones=CROWN | {"back"}), [Code.OUT_OF_SCOPE]),
    "deeper than the verdict allows": (facts(depth_mm=1.6), [Code.OUT_OF_SCOPE]),
    "a depth, and the verdict names none": (
        facts(verdict=verdict(max_depth_mm=None), depth_mm=0.5),
        [Code.OUT_OF_SCOPE],
    ),
    "a health answer that a practitioner decides about": (facts(health=said(Meaning.DECIDE)), [Code.HEALTH_CHANGED]),
    "a health answer that says stop": (facts(health=said(Meaning.STOP)), [Code.HEALTH_CHANGED]),
    "a health answer that says not yet": (
        facts(health=said(Meaning.NOT_NOW, TODAY + 9 * DAY)),
        [Code.HEALTH_CHANGED],
    ),
    "a health answer whose day has come": (facts(health=said(Meaning.NOT_NOW, TODAY)), [Code.HEALTH_CHANGED]),
    "two answers of one meaning are one reason": (
        facts(health=said(Meaning.DECIDE) + said(Meaning.DECIDE) + said(Meaning.STOP)),
        [Code.HEALTH_CHANGED, Code.HEALTH_CHANGED],
    ),
    "no consent text": (facts(consent=consent(ConsentState.NO_DOCUMENT, None)), [Code.CONSENT]),
    "no consent": (facts(consent=consent(ConsentState.MISSING, None)), [Code.CONSENT]),
    "consent to an older text": (facts(consent=consent(ConsentState.OUTDATED)), [Code.CONSENT]),
    "consent withdrawn": (facts(consent=consent(ConsentState.WITHDRAWN)), [Code.CONSENT]),
    "consent expired yesterday": (facts(consent=consent(expires_on=TODAY - DAY)), [Code.CONSENT]),
    "thinking since the verdict": (facts(verdict=verdict(signed_at=AT - DAY)), [Code.COOLING_OFF]),
    "thinking since the consent": (facts(consent=consent(signed_at=AT - DAY)), [Code.COOLING_OFF]),
    "one day too soon": (facts(sessions=done(AT - 27 * DAY)), [Code.TOO_SOON]),
    "the same day": (facts(sessions=done(AT)), [Code.TOO_SOON]),
    "one day too close to the next": (facts(sessions=done(AT + 27 * DAY)), [Code.TOO_SOON]),
    "too close on both sides": (facts(sessions=done(AT - DAY, AT + DAY)), [Code.TOO_SOON, Code.TOO_SOON]),
    "the same skin was treated": (facts(sessions=done(AT - DAY, zones=CROWN), zones=CROWN | FRONT), [Code.TOO_SOON]),
    "what was treated is not known": (facts(sessions=done(AT - DAY), zones=CROWN), [Code.TOO_SOON]),
    "a side effect is open": (facts(holds=(HoldKind.SIDE_EFFECT,)), [Code.SIDE_EFFECT]),
    "a practitioner said wait": (facts(holds=(HoldKind.PRACTITIONER,)), [Code.HOLD]),
    "two holds are two reasons": (facts(holds=tuple(HoldKind)), [Code.SIDE_EFFECT, Code.HOLD]),
    "everything at once": (
        facts(
            verdict=verdict(valid_until=TODAY - DAY, treatment_id=OTHER, sessions_covered=1, signed_at=AT - DAY),
            sessions_counted=1,
            zones=frozenset({"back"}),
            depth_mm=2.0,
            health=said(Meaning.STOP),
            consent=consent(ConsentState.WITHDRAWN),
            sessions=done(AT - DAY),
            holds=tuple(HoldKind),
        ),
        [
            Code.EXPIRED,
            *[Code.OUT_OF_SCOPE] * 4,
            Code.HEALTH_CHANGED,
            Code.CONSENT,
            Code.COOLING_OFF,
            Code.TOO_SOON,
            Code.SIDE_EFFECT,
            Code.HOLD,
        ],
    ),
    "no verdict does not hide the rest": (
        facts(
            verdict=None, sessions=done(AT - DAY), consent=consent(ConsentState.MISSING), holds=(HoldKind.PRACTITIONER,)
        ),
        [Code.NO_VERDICT, Code.CONSENT, Code.TOO_SOON, Code.HOLD],
    ),
}


@pytest.mark.parametrize("given", OPEN.values(), ids=OPEN.keys())
def test_it_opens(given):
    answer = gate(given, AT)
    assert answer.is_open
    assert answer.reasons == ()
    assert answer.opens_on is None


@pytest.mark.parametrize("given, expected", SHUT.values(), ids=SHUT.keys())
def test_it_is_shut_with_all_reasons(given, expected):
    answer = gate(given, AT)
    assert not answer.is_open
    assert codes(answer) == expected


@pytest.mark.parametrize("given, expected", SHUT.values(), ids=SHUT.keys())
def test_each_reason_says_what_each_side_can_do(given, expected):
    for reason in gate(given, AT).reasons:
        for text in (reason.sentence, reason.client_next, reason.clinic_next):
            assert text.endswith(".")
            assert "{" not in text
        assert reason.sentence in gate(given, AT).to_client
        assert reason.client_next in gate(given, AT).to_client
        assert reason.clinic_next in gate(given, AT).to_clinic


def test_every_code_is_in_the_table():
    assert {code for _, expected in SHUT.values() for code in expected} == set(Code)


def test_waiting_opens_it_after_the_rest():
    answer = gate(facts(sessions=done(AT - 27 * DAY)), AT)
    assert answer.opens_on == TODAY + DAY
    assert answer.reasons[0].sentence.endswith("between sessions, and the one before is on 19 May 2026.")
    assert answer.reasons[0].client_next == "Please choose 16 June 2026 or a later day."
    assert gate(facts(sessions=done(AT - 27 * DAY)), AT + DAY).is_open


def test_waiting_opens_it_after_the_time_to_think():
    given = facts(verdict=verdict(signed_at=AT - DAY))
    assert gate(given, AT).opens_on == TODAY + DAY
    assert gate(given, AT + DAY).is_open


def test_the_time_to_think_counts_from_the_later_signature():
    given = facts(verdict=verdict(signed_at=AT - 9 * DAY), consent=consent(signed_at=AT))
    assert gate(given, AT).opens_on == TODAY + 2 * DAY


def test_waiting_alone_does_not_open_it_where_somebody_must_act():
    assert gate(facts(sessions=done(AT - DAY), holds=(HoldKind.SIDE_EFFECT,)), AT).opens_on is None
    assert gate(facts(verdict=verdict(outcome=Outcome.DEFERRED, deferred_until=TODAY + DAY)), AT).opens_on is None
    assert gate(facts(health=said(Meaning.NOT_NOW, TODAY + DAY)), AT).opens_on is None


def test_it_opens_when_the_last_of_several_waits_is_over():
    waits = [Reason(Code.TOO_SOON, "a.", "b.", "c.", day) for day in (TODAY + 3 * DAY, TODAY + 9 * DAY)]
    assert GateAnswer(tuple(waits)).opens_on == TODAY + 9 * DAY


def test_the_first_rested_day_is_far_enough_from_every_session():
    day = date(2026, 1, 1)
    booked = [day, day + 30 * DAY, day + 70 * DAY]
    found = first_rested(day, booked, 28)
    assert found == day + 98 * DAY
    assert all(abs((found - other).days) >= 28 for other in booked)


def test_what_it_takes_to_pass_is_what_the_strictest_reason_asks():
    assert gate(facts(sessions=done(AT - DAY)), AT).overriding is Overriding.ALONE
    both = facts(sessions=done(AT - DAY), holds=(HoldKind.SIDE_EFFECT,))
    assert gate(both, AT).overriding is Overriding.COUNTERSIGNED
    assert gate(facts(verdict=None, holds=(HoldKind.SIDE_EFFECT,)), AT).overriding is Overriding.NEVER


def test_no_verdict_a_no_and_a_missing_consent_are_never_passed():
    never = {code for code in Code if Reason(code, "", "", "").overriding is Overriding.NEVER}
    assert never == {Code.NO_VERDICT, Code.NOT_SUITABLE, Code.CONSENT}


def test_an_override_takes_away_only_what_it_names():
    answer = gate(facts(sessions=done(AT - DAY), holds=(HoldKind.PRACTITIONER,)), AT)
    assert codes(answer.without(Code.TOO_SOON)) == [Code.HOLD]
    assert answer.without(Code.TOO_SOON, Code.HOLD).is_open


def test_a_health_answer_names_the_day_and_then_asks_again():
    given = facts(health=said(Meaning.NOT_NOW, TODAY + 9 * DAY))
    assert "24 June 2026" in gate(given, AT).to_client
    assert "asked again" in gate(given, AT + 9 * DAY).to_client


def test_a_deferral_names_its_day():
    answer = gate(facts(verdict=verdict(outcome=Outcome.DEFERRED, deferred_until=date(2026, 7, 1))), AT)
    assert "1 July 2026" in answer.to_client
    assert "1 July 2026" in answer.to_clinic


@pytest.mark.parametrize(
    "zone, opens",
    [("Pacific/Auckland", True), ("Europe/Berlin", True), ("Pacific/Honolulu", False)],
)
def test_days_are_the_clinics_days(zone, opens):
    """22:30 UTC is the next day in Berlin and Auckland and still the same day in Honolulu."""
    late = datetime(2026, 6, 15, 22, 30, tzinfo=UTC)
    rested_from = datetime(2026, 5, 19, 10, 30, tzinfo=UTC)
    assert gate(facts(sessions=done(rested_from), time_zone=zone), late).is_open is opens


def test_a_clock_change_moves_nothing():
    """In Berlin 29 March 2026 has 23 hours; 28 days on the calendar are 28 days."""
    before = datetime(2026, 3, 15, 8, 0, tzinfo=UTC)  # 9:00 in Berlin
    assert gate(facts(sessions=done(before), has_begun=True), datetime(2026, 4, 12, 7, 0, tzinfo=UTC)).is_open
    assert not gate(facts(sessions=done(before), has_begun=True), datetime(2026, 4, 11, 21, 0, tzinfo=UTC)).is_open


def test_the_answer_is_about_the_day_of_treatment_not_of_asking():
    given = facts(verdict=verdict(valid_until=TODAY + 30 * DAY))
    assert gate(given, AT + 30 * DAY).is_open
    assert codes(gate(given, AT + 31 * DAY)) == [Code.EXPIRED]
