"""What is due from the client: one table, one row a rule or a limit of one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from portal.consents.rules import ConsentFacts, ConsentState
from portal.timeline.due import Coming, Offer, Question, Standing, due

ID = uuid4()
NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IDLE = Standing(
    today=NOW.date(), has_yes=True, answered_at=NOW - DAY, remind_before=72 * HOUR, last_photo_on=NOW.date()
)


def coming(after: timedelta, **changes: object) -> Coming:
    """A session so long from now, confirmed already."""
    made = Coming(uuid4(), NOW + after, (NOW + after).date(), is_session=True, is_confirmed=True)
    return replace(made, **changes)  # type: ignore[arg-type]


def signed(last_day_in: int | None) -> ConsentFacts:
    """A signature that counts for so many days from today."""
    ends = None if last_day_in is None else NOW.date() + last_day_in * DAY
    return ConsentFacts(ConsentState.SIGNED, NOW - 300 * DAY, ends)


def routes(**changes: object) -> list[str]:
    return [one.route for one in due(replace(IDLE, **changes), NOW)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change, expected",
    [
        ({}, []),
        ({"has_yes": False}, ["bookings:choose"]),
        ({"has_yes": False, "is_decided": True}, []),  # a no, or not yet: the verdict says what is next
        ({"has_yes": False, "ahead": (coming(DAY, is_session=False),)}, []),
        ({"in_course": True}, ["bookings:mine"]),
        ({"in_course": True, "ahead": (coming(DAY),)}, []),
        ({"in_course": True, "ahead": (coming(DAY),), "last_photo_on": None}, ["photos:new"]),
        ({"in_course": True, "ahead": (coming(DAY),), "last_photo_on": NOW.date() - 27 * DAY}, []),
        ({"in_course": True, "ahead": (coming(DAY),), "last_photo_on": NOW.date() - 28 * DAY}, ["photos:new"]),
        ({"undated_photos": 1}, ["photos:undated"]),
        ({"last_session": NOW - 5 * HOUR}, []),
        ({"last_session": NOW - 6 * HOUR}, ["side_effects:new"]),
        ({"last_session": NOW - 30 * HOUR, "last_report": NOW - 3 * HOUR}, []),
        ({"last_session": NOW - 30 * HOUR, "last_report": NOW - 40 * DAY}, ["side_effects:new"]),
        ({"last_session": NOW - 15 * DAY}, []),
    ],
)
def test_what_was_due_before_is_due(change, expected):
    assert routes(**change) == expected


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"has_yes": False, "answered_at": None}, ["questionnaires:mine", "bookings:choose"]),
        ({"answered_at": None}, []),
        ({"answered_at": None, "ahead": (coming(8 * DAY),)}, []),
        ({"answered_at": None, "ahead": (coming(7 * DAY),)}, ["questionnaires:mine"]),
        ({"answered_at": NOW - 28 * DAY, "ahead": (coming(8 * DAY),)}, []),
        ({"answered_at": NOW - 28 * DAY, "ahead": (coming(7 * DAY),)}, ["questionnaires:check"]),
        ({"answered_at": NOW - 21 * DAY, "ahead": (coming(7 * DAY),)}, []),
        ({"answered_at": NOW - 22 * DAY, "ahead": (coming(7 * DAY),)}, ["questionnaires:check"]),
        (
            {"answered_at": NOW - 16 * DAY, "last_session": NOW - 15 * DAY, "ahead": (coming(DAY),)},
            ["questionnaires:check"],
        ),
        ({"answered_at": NOW - 28 * DAY, "ahead": (coming(7 * DAY, is_session=False),)}, []),
    ],
)
def test_health_is_asked_about_again_when_a_session_is_near(change, expected):
    assert routes(**change) == expected


@pytest.mark.parametrize(
    "consent, expected",
    [
        (None, []),
        (ConsentFacts(ConsentState.NO_DOCUMENT), []),
        (ConsentFacts(ConsentState.MISSING), ["consents:mine"]),
        (ConsentFacts(ConsentState.OUTDATED, NOW), ["consents:mine"]),
        (ConsentFacts(ConsentState.WITHDRAWN), ["consents:mine"]),
        (signed(None), []),
        (signed(-1), ["consents:mine"]),
        (signed(6), []),
        (signed(5), ["consents:mine"]),
    ],
)
def test_a_consent_that_does_not_hold_until_the_next_session_is_due(consent, expected):
    assert routes(consent=consent, ahead=(coming(6 * DAY),)) == expected


def test_without_a_session_a_consent_that_ends_is_left_in_peace():
    assert routes(consent=signed(5)) == []


def test_what_cannot_be_renewed_yet_is_not_asked_for():
    assert routes(consent=signed(40), ahead=(coming(50 * DAY),)) == []


def test_nobody_signs_before_a_practitioner_has_said_yes():
    consultation = (coming(DAY, is_session=False),)
    assert routes(has_yes=False, consent=ConsentFacts(ConsentState.MISSING), ahead=consultation) == []


@pytest.mark.parametrize(
    "held, title",
    [
        ([True, False], "Your next session is on hold"),
        ([False, True], "One of your sessions is on hold"),
        ([True, True], "2 of your sessions are on hold"),
    ],
)
def test_what_is_on_hold_is_said_and_leads_to_the_first_such_session(held, title):
    ahead = tuple(
        coming(days * DAY, is_on_hold=on_hold, kept_until=NOW + days * HOUR) for days, on_hold in enumerate(held, 1)
    )
    one = due(replace(IDLE, ahead=ahead), NOW)[0]
    first = next(each for each in ahead if each.is_on_hold)
    assert (one.title, one.params, one.by) == (title, (("appointment_id", first.id),), first.kept_until)


def test_an_offer_leads_to_itself_and_names_its_end():
    soon, later = Offer(uuid4(), NOW + HOUR), Offer(uuid4(), NOW + 2 * HOUR)
    one = due(replace(IDLE, offers=(later, soon)), NOW)[0]
    assert (one.route, one.params, one.by) == ("waiting:offer", (("offer_id", soon.id),), soon.answer_by)


def test_an_offer_whose_time_is_over_is_none():
    assert routes(offers=(Offer(uuid4(), NOW),)) == []


@pytest.mark.parametrize(
    "after, changes, expected",
    [
        (73 * HOUR, {}, []),
        (72 * HOUR, {}, ["bookings:show"]),
        (72 * HOUR, {"is_confirmed": True}, []),
        (-HOUR, {}, []),
        (72 * HOUR, {"is_session": False}, ["bookings:show"]),
    ],
)
def test_an_appointment_is_to_be_confirmed_once_the_clinic_reminds_of_it(after, changes, expected):
    assert routes(ahead=(coming(after, **{"is_confirmed": False, **changes}),)) == expected


def test_what_is_on_hold_cannot_be_confirmed():
    held = coming(DAY, is_confirmed=False, is_on_hold=True, kept_until=NOW + HOUR)
    assert [one.icon for one in due(replace(IDLE, ahead=(held,)), NOW)] == ["alert"]


def test_what_cannot_wait_comes_first():
    everything = replace(
        IDLE,
        in_course=True,
        offers=(Offer(uuid4(), NOW + HOUR),),
        ahead=(coming(2 * DAY, is_confirmed=False), coming(30 * DAY, is_on_hold=True, kept_until=NOW)),
        consent=ConsentFacts(ConsentState.OUTDATED, NOW),
        last_session=NOW - 10 * HOUR,
        undated_photos=2,
        last_photo_on=None,
    )
    assert [one.route for one in due(everything, NOW)] == [
        "side_effects:new",
        "waiting:offer",
        "bookings:show",
        "consents:mine",
        "questionnaires:check",
        "bookings:show",
        "photos:undated",
        "photos:new",
    ]


@pytest.mark.parametrize(
    "ahead, expected",
    [
        ((Question(ID, NOW - HOUR),), ["checkins:ask"]),
        ((Question(ID, NOW),), ["checkins:ask"]),
        ((Question(ID, NOW + HOUR),), []),  # who is asked by check-ins is not asked by the clock as well
        ((), ["side_effects:new"]),
    ],
)
def test_check_ins_that_are_due_are_due(ahead, expected):
    assert routes(last_session=NOW - 30 * HOUR, questions=ahead) == expected


def test_of_several_check_ins_the_last_one_is_due():
    early, late = Question(uuid4(), NOW - 2 * HOUR), Question(uuid4(), NOW - HOUR, is_follow_up=True)
    (found,) = due(replace(IDLE, questions=(late, early)), NOW)
    assert (found.title, found.params) == ("How is it now?", (("check_in_id", late.id),))
