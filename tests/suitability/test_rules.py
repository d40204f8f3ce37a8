"""The gate, by table: every fact that shuts it, alone and together, with what each side is told and when it opens."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from portal.suitability.rules import (
    Code,
    GateAnswer,
    GateFacts,
    HoldKind,
    Outcome,
    Reason,
    VerdictFacts,
    gate,
)

NEEDLING, OTHER = UUID(int=1), UUID(int=2)
AT = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
TODAY = AT.date()
DAY = timedelta(days=1)


def verdict(**changes) -> VerdictFacts:
    plain = {
        "outcome": Outcome.SUITABLE,
        "treatment_id": NEEDLING,
        "sessions_covered": 6,
        "valid_until": TODAY + 90 * DAY,
    }
    return VerdictFacts(**{**plain, **changes})


def facts(**changes) -> GateFacts:
    plain = {"treatment_id": NEEDLING, "verdict": verdict(), "interval_days": 28, "time_zone": "Europe/Berlin"}
    return GateFacts(**{**plain, **changes})


def codes(answer: GateAnswer) -> list[Code]:
    return [reason.code for reason in answer.reasons]


OPEN = {
    "a plain yes": facts(),
    "a yes with conditions": facts(verdict=verdict(outcome=Outcome.WITH_CONDITIONS)),
    "the last valid day": facts(verdict=verdict(valid_until=TODAY)),
    "one session left": facts(sessions_done=5),
    "exactly rested": facts(last_done_at=AT - 28 * DAY),
    "rested by the calendar though not by the hour": facts(last_done_at=AT - 28 * DAY + timedelta(hours=3)),
    "a consultation, whatever stands": facts(
        needs_verdict=False, verdict=None, holds=tuple(HoldKind), last_done_at=AT - DAY
    ),
}
SHUT = {
    "no verdict": (facts(verdict=None), [Code.NO_VERDICT]),
    "a no": (facts(verdict=verdict(outcome=Outcome.NOT_SUITABLE)), [Code.NOT_SUITABLE]),
    "a no is not also expired or used up": (
        facts(verdict=verdict(outcome=Outcome.NOT_SUITABLE, valid_until=None, sessions_covered=0, treatment_id=OTHER)),
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
    "a yes for no session": (facts(verdict=verdict(sessions_covered=0)), [Code.OUT_OF_SCOPE]),
    "deferred is not also expired, used up or about another treatment": (
        facts(
            verdict=verdict(outcome=Outcome.DEFERRED, valid_until=None, sessions_covered=0, treatment_id=OTHER),
            sessions_done=3,
        ),
        [Code.DEFERRED],
    ),
    "another treatment": (facts(verdict=verdict(treatment_id=OTHER)), [Code.OUT_OF_SCOPE]),
    "all sessions used": (facts(sessions_done=6), [Code.OUT_OF_SCOPE]),
    "more than all used": (facts(sessions_done=7), [Code.OUT_OF_SCOPE]),
    "one day too soon": (facts(last_done_at=AT - 27 * DAY), [Code.TOO_SOON]),
    "the same day": (facts(last_done_at=AT), [Code.TOO_SOON]),
    "a side effect is open": (facts(holds=(HoldKind.SIDE_EFFECT,)), [Code.HOLD]),
    "a health answer changed": (facts(holds=(HoldKind.HEALTH_ANSWER,)), [Code.HOLD]),
    "a practitioner said wait": (facts(holds=(HoldKind.PRACTITIONER,)), [Code.HOLD]),
    "two holds are two reasons": (facts(holds=(HoldKind.SIDE_EFFECT, HoldKind.PRACTITIONER)), [Code.HOLD, Code.HOLD]),
    "everything at once": (
        facts(
            verdict=verdict(valid_until=TODAY - DAY, treatment_id=OTHER, sessions_covered=1),
            sessions_done=1,
            last_done_at=AT - DAY,
            holds=(HoldKind.SIDE_EFFECT,),
        ),
        [Code.EXPIRED, Code.OUT_OF_SCOPE, Code.OUT_OF_SCOPE, Code.TOO_SOON, Code.HOLD],
    ),
    "no verdict does not hide the rest": (
        facts(verdict=None, last_done_at=AT - DAY, holds=(HoldKind.PRACTITIONER,)),
        [Code.NO_VERDICT, Code.TOO_SOON, Code.HOLD],
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
    answer = gate(facts(last_done_at=AT - 27 * DAY), AT)
    assert answer.opens_on == TODAY + DAY
    assert (
        answer.reasons[0].sentence
        == "The scalp rests for 28 days between sessions, and the one before is on 19 May 2026."
    )
    assert answer.reasons[0].client_next == "Please choose 16 June 2026 or a later day."
    assert gate(facts(last_done_at=AT - 27 * DAY), AT + DAY).is_open


def test_waiting_alone_does_not_open_it_where_somebody_must_act():
    assert gate(facts(last_done_at=AT - DAY, holds=(HoldKind.SIDE_EFFECT,)), AT).opens_on is None
    assert gate(facts(verdict=verdict(outcome=Outcome.DEFERRED, deferred_until=TODAY + DAY)), AT).opens_on is None


def test_it_opens_when_the_last_of_several_waits_is_over():
    waits = [Reason(Code.TOO_SOON, "a.", "b.", "c.", day) for day in (TODAY + 3 * DAY, TODAY + 9 * DAY)]
    assert GateAnswer(tuple(waits)).opens_on == TODAY + 9 * DAY


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
    assert gate(facts(last_done_at=rested_from, time_zone=zone), late).is_open is opens


def test_a_clock_change_moves_nothing():
    """In Berlin 29 March 2026 has 23 hours; 28 days on the calendar are 28 days."""
    before = datetime(2026, 3, 15, 8, 0, tzinfo=UTC)  # 9:00 in Berlin
    assert gate(facts(last_done_at=before), datetime(2026, 4, 12, 7, 0, tzinfo=UTC)).is_open
    assert not gate(facts(last_done_at=before), datetime(2026, 4, 11, 21, 0, tzinfo=UTC)).is_open


def test_the_answer_is_about_the_day_of_treatment_not_of_asking():
    given = facts(verdict=verdict(valid_until=TODAY + 30 * DAY))
    assert gate(given, AT + 30 * DAY).is_open
    assert codes(gate(given, AT + 31 * DAY)) == [Code.EXPIRED]
