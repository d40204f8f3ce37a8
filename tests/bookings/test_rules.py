"""Who may change what until when, what late means, and when two people must decide: by table."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.bookings.rules import OverrideKind, Windows, is_late, kept_until, may_attend, needs_countersign
from portal.suitability.answer import Code, GateAnswer, Reason

BEGINS = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CLIENT = Windows(notice=12 * HOUR, horizon=timedelta(days=60), move_until=48 * HOUR, cancel_until=24 * HOUR)
TEAM = Windows(notice=0 * HOUR, horizon=timedelta(days=366), move_until=0 * HOUR, cancel_until=0 * HOUR)


def shut(*codes):
    return GateAnswer(tuple(Reason(code, "a.", "b.", "c.") for code in codes))


@pytest.mark.parametrize(
    "before, client_moves, client_cancels, team",
    [
        (49 * HOUR, True, True, True),
        (48 * HOUR, True, True, True),
        (48 * HOUR - MINUTE, False, True, True),
        (24 * HOUR, False, True, True),
        (24 * HOUR - MINUTE, False, False, True),
        (MINUTE, False, False, True),
        (0 * HOUR, False, False, False),
        (-MINUTE, False, False, False),
    ],
)
def test_moving_and_cancelling_have_limits_of_their_own_and_the_team_has_none_until_it_begins(
    before, client_moves, client_cancels, team
):
    at = BEGINS - before
    assert (CLIENT.may_move(BEGINS, at), CLIENT.may_cancel(BEGINS, at)) == (client_moves, client_cancels)
    assert (TEAM.may_move(BEGINS, at), TEAM.may_cancel(BEGINS, at)) == (team, team)


def test_what_has_begun_is_not_changed_even_where_the_clinic_asks_for_no_notice():
    none = Windows(0 * HOUR, HOUR, 0 * HOUR, 0 * HOUR)
    assert none.may_move(BEGINS, BEGINS - MINUTE)
    assert none.may_cancel(BEGINS, BEGINS - MINUTE)
    assert not none.may_move(BEGINS, BEGINS)
    assert not none.may_cancel(BEGINS, BEGINS)


def test_an_appointment_may_start_after_the_notice_and_before_the_horizon():
    assert CLIENT.bookable(BEGINS) == (BEGINS + 12 * HOUR, BEGINS + timedelta(days=60))
    assert TEAM.bookable(BEGINS) == (BEGINS, BEGINS + timedelta(days=366))


@pytest.mark.parametrize("before, may", [(31 * MINUTE, False), (30 * MINUTE, True), (0 * HOUR, True), (-HOUR, True)])
def test_somebody_can_have_come_half_an_hour_before(before, may):
    assert may_attend(BEGINS, BEGINS - before) is may


@pytest.mark.parametrize(
    "before, until",
    [
        pytest.param(100 * HOUR, BEGINS - 28 * HOUR, id="the clinic's hours"),
        pytest.param(72 * HOUR, BEGINS, id="exactly its beginning"),
        pytest.param(5 * HOUR, BEGINS, id="not beyond its beginning"),
        pytest.param(-HOUR, BEGINS + HOUR, id="never in the past"),
    ],
)
def test_a_time_on_hold_is_kept_so_long_but_not_beyond_its_beginning(before, until):
    assert kept_until(BEGINS, BEGINS - before, 72) == until


@pytest.mark.parametrize(
    "before, late", [(25 * HOUR, False), (24 * HOUR, False), (24 * HOUR - MINUTE, True), (-HOUR, True)]
)
def test_giving_up_is_late_once_the_limit_has_passed(before, late):
    assert is_late(BEGINS, BEGINS - before, 24 * HOUR) is late


@pytest.mark.parametrize(
    "codes, kind, two",
    [
        ([Code.TOO_SOON], OverrideKind.CLINICAL, False),
        ([Code.HOLD], OverrideKind.FACTS_ARE_WRONG, False),
        ([Code.TOO_SOON, Code.HOLD], OverrideKind.CLINICAL, False),
        ([Code.TOO_SOON], OverrideKind.PRACTICAL, True),
        *(
            ([Code.TOO_SOON, code], OverrideKind.CLINICAL, True)
            for code in (
                Code.DEFERRED,
                Code.EXPIRED,
                Code.OUT_OF_SCOPE,
                Code.HEALTH_CHANGED,
                Code.SIDE_EFFECT,
                Code.COOLING_OFF,
            )
        ),
    ],
)
def test_two_decide_where_safety_or_scope_is_at_stake_or_the_reason_is_only_practical(codes, kind, two):
    assert needs_countersign(shut(*codes), kind) is two
