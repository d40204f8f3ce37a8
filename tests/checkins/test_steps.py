"""What the minutes do: planned once, reminded once and never at night, missed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from portal.accounts import service as accounts
from portal.accounts.models import Person
from portal.bookings import service as bookings
from portal.bookings.models import Appointment
from portal.bookings.rules import State as Visit
from portal.checkins import jobs, queries, service, steps
from portal.checkins.models import CheckIn
from portal.checkins.rules import State, Why
from portal.kit import clock
from portal.kit.db import make_engine, transaction
from portal.kit.forms import checked
from portal.kit.jobs import Surroundings
from portal.side_effects import service as side_effects
from tests.make_checkins import a_minute, an_answer, hours, live, rows, told, treated, unmarked
from tests.make_rush import all_at_once
from tests.make_side_effects import a_report


def test_a_session_that_was_attended_is_asked_about_once(engine, alice, bob, after, noon):
    with after(0):
        treated(engine, alice, bob)
        for _ in range(3):
            a_minute(engine)
    planned = rows(engine, alice)
    assert [hours(row, noon) for row in planned] == [{"due_at": 6}, {"due_at": 24}, {"due_at": 72}]
    assert not told(engine, alice)[0], "nothing is due yet"


@pytest.mark.parametrize("state", [Visit.NO_SHOW, Visit.CANCELLED])
def test_who_did_not_come_is_never_asked(engine, alice, bob, after, state):
    with after(0):
        visit = treated(engine, alice, bob)
        with transaction(engine) as db:
            db.get_one(Appointment, visit).state = state
        with transaction(engine) as db:
            assert not queries.to_plan(db, clock.now())
            steps.plan(db, visit)  # also when it is found by a worker that looked a moment earlier
    assert not rows(engine, alice)


def test_a_session_whose_record_is_not_signed_yet_is_asked_about_in_the_evening(engine, alice, bob, after, noon):
    with after(0):
        unmarked(engine, treated(engine, alice, bob))
    live(engine, noon, 7, timedelta(hours=1))
    assert hours(rows(engine, alice)[0], noon) == {"due_at": 6, "reminded_at": 6}
    assert len(told(engine, alice)[0]) == 1


def test_a_session_that_is_not_over_or_on_hold_is_not_asked_about(engine, alice, bob, after):
    with after(0):
        visit = unmarked(engine, treated(engine, alice, bob, hours_ago=-1))
        a_minute(engine)
        assert rows(engine, alice) == []
    with after(2):
        with transaction(engine) as db:
            one = db.get_one(Appointment, visit)
            one.on_hold_since = one.on_hold_until = clock.now()
        a_minute(engine)
        assert rows(engine, alice) == []
        with transaction(engine) as db:
            db.get_one(Appointment, visit).stand()
        a_minute(engine)
    assert len(rows(engine, alice)) == 3


def test_a_no_show_ends_what_waits_and_what_was_missed_at_once(engine, alice, bob, after, noon):
    with after(0):
        visit = unmarked(engine, treated(engine, alice, bob))
    live(engine, noon, 25)
    assert rows(engine, alice)[0].is_task
    with after(26), transaction(engine) as db:
        bookings.no_show(db, bob, db.get_one(Appointment, visit))
    assert [row.ended_why for row in rows(engine, alice)] == [Why.NOT_ATTENDED] * 3
    with transaction(engine, write=False) as db:
        assert not queries.silent(db, bob)


def test_a_no_show_by_mistake_is_asked_about_after_all(engine, alice, bob, after, noon):
    with after(0):
        visit = unmarked(engine, treated(engine, alice, bob))
        a_minute(engine)
    with after(1), transaction(engine) as db:
        bookings.no_show(db, bob, db.get_one(Appointment, visit))
    with after(25), transaction(engine) as db:
        db.get_one(Appointment, visit).state = Visit.ATTENDED
    live(engine, noon + timedelta(hours=25), 5)
    assert [hours(row, noon) for row in rows(engine, alice)] == [
        {"due_at": 6},
        {"due_at": 24, "reminded_at": 25},
        {"due_at": 72},
    ]
    assert [row.ended_why for row in rows(engine, alice)] == [Why.TOO_LATE, None, None]


def test_a_treatment_without_hours_leaves_nothing_to_plan(engine, alice, bob, after):
    with after(0):
        treated(engine, alice, bob, hours=())
        with transaction(engine, write=False) as db:
            assert not queries.to_plan(db, clock.now())


def test_a_minute_without_work_asks_four_things_once(engine, alice, bob, after):
    asked = []

    def note(*what):
        asked.append(what[2])

    with after(0):
        treated(engine, alice, bob)
        a_minute(engine)
        with transaction(engine) as db:
            sa.event.listen(engine, "before_cursor_execute", note)
            steps.tick(db)
            sa.event.remove(engine, "before_cursor_execute", note)
    questions = [one for one in asked if one.startswith("SELECT")]
    assert [sum(f"FROM {table}" in one for one in questions) for table in ("appointment", "side_effect_report")] == [
        1,
        1,
    ]
    assert all("LIMIT" in one for one in questions if "check_in.id" in one.split("FROM")[0])


@pytest.mark.parametrize("days, count", [(13.9, 3), (14.1, 0)])
def test_sessions_long_ago_are_left_in_peace_at_the_first_start(engine, alice, bob, after, days, count):
    with after(0):
        treated(engine, alice, bob, hours_ago=days * 24)
        a_minute(engine)
    assert len(rows(engine, alice)) == count


def test_what_nobody_could_ask_in_time_is_not_asked_and_not_missed(engine, alice, bob, after):
    with after(0):
        treated(engine, alice, bob, hours_ago=50)
        a_minute(engine)
        assert [row.ended_why for row in rows(engine, alice)] == [Why.TOO_LATE, Why.TOO_LATE, None]
    assert not told(engine, alice)[0]


def test_a_report_made_before_the_record_was_signed_counts(engine, alice, bob, after, healthy):
    with after(0):
        visit = treated(engine, alice, bob)
    with after(7), transaction(engine) as db:
        report = a_report(db, alice)
    with after(9):
        a_minute(engine)
    six = rows(engine, alice)[0]
    assert (six.appointment_id, six.answer_id, six.is_late) == (visit, report.id, False)
    assert not told(engine, alice)[0]


def test_each_is_reminded_of_once_and_missed_without_an_answer(engine, alice, bob, after, noon):
    with after(0):
        treated(engine, alice, bob)
    live(engine, noon, 100)
    assert [hours(row, noon) for row in rows(engine, alice)] == [
        {"due_at": 6, "reminded_at": 6, "missed_at": 24},
        {"due_at": 24, "reminded_at": 24, "missed_at": 48},
        {"due_at": 72, "reminded_at": 72, "missed_at": 96},
    ]
    notices, mails = told(engine, alice)
    assert (len(notices), len(mails)) == (3, 3)


def test_what_is_due_at_night_comes_in_the_morning(engine, alice, bob, after, noon):
    with after(0):
        treated(engine, alice, bob, hours=(10, 36))
    live(engine, noon, 62)
    assert [hours(row, noon) for row in rows(engine, alice)] == [
        {"due_at": 10, "reminded_at": 20, "missed_at": 34},
        {"due_at": 36, "reminded_at": 44, "missed_at": 60},
    ]


def test_a_portal_that_was_away_neither_reminds_at_night_nor_blames_the_client(engine, alice, bob, after, noon):
    with after(0):
        treated(engine, alice, bob, hours=(24,))
        a_minute(engine)
    with after(24 + 34):  # Thursday, 22:00
        a_minute(engine)
    assert hours(rows(engine, alice)[0], noon) == {"due_at": 24}
    live(engine, noon + timedelta(hours=66), 10)
    (row,) = rows(engine, alice)
    assert hours(row, noon)["reminded_at"] == 68, "eight in the morning"
    assert row.missed_at - row.reminded_at >= timedelta(hours=4)


def test_the_next_session_ends_what_was_asked_about_the_one_before(engine, alice, bob, after, noon):
    with after(0):
        treated(engine, alice, bob)
        a_minute(engine)
    with after(10):
        treated(engine, alice, bob)
        a_minute(engine)
    by_visit = sorted(rows(engine, alice), key=lambda row: row.ended_at is None)
    assert [row.ended_why for row in by_visit] == [Why.NEXT_SESSION] * 3 + [None] * 3
    assert len({row.appointment_id for row in by_visit[:3]}) == 1


def test_a_session_that_turns_out_not_to_have_been_is_not_asked_about(engine, alice, bob, after):
    with after(0):
        visit = treated(engine, alice, bob)
        a_minute(engine)
    with after(5), transaction(engine) as db:
        db.get_one(Appointment, visit).state = Visit.NO_SHOW
    with after(24):
        a_minute(engine)
    assert {row.ended_why for row in rows(engine, alice)} == {Why.NOT_ATTENDED}
    assert not told(engine, alice)[0]


def test_a_closed_account_is_not_asked(engine, alice, bob, dana, after):
    with after(0):
        treated(engine, alice, bob)
        a_minute(engine)
        with transaction(engine) as db:
            service.account_closed(db, db.get_one(Person, alice.id))
    with after(24):
        a_minute(engine)
    assert {row.ended_why for row in rows(engine, alice)} == {Why.ACCOUNT_CLOSED}
    assert not told(engine, alice)[0]


def test_a_session_of_an_account_that_was_closed_first_is_not_asked_about(engine, alice, bob, dana, after):
    with after(0), transaction(engine) as db:
        accounts.set_active(db, dana, alice.id, active=False)
    with after(1):
        treated(engine, alice, bob, hours=(6,))
    for moment in (2, 8):
        with after(moment):
            a_minute(engine)
    assert [row.ended_why for row in rows(engine, alice)] == [Why.ACCOUNT_CLOSED]
    assert not told(engine, alice)[0]


def test_eight_workers_at_once_plan_remind_and_miss_each_once(engine, alice, bob, after):
    wide = make_engine(engine.url.render_as_string(hide_password=False), 32)
    with after(0):
        treated(engine, alice, bob, hours=(6, 24))
    try:
        for moment in (1, 6.1, 24.1, 48.1):
            with after(moment):
                all_at_once([lambda: jobs.advance(Surroundings(wide, None), {})] * 8)
    finally:
        wide.dispose()
    assert [(bool(row.reminded_at), bool(row.missed_at)) for row in rows(engine, alice)] == [(True, True)] * 2
    notices, mails = told(engine, alice)
    assert (len(notices), len(mails)) == (2, 2)


def test_an_answer_at_the_moment_of_the_reminder_or_of_missing_it_is_never_lost(engine, alice, bob, after):
    wide = make_engine(engine.url.render_as_string(hide_password=False), 32)
    with after(0):
        treated(engine, alice, bob, hours=(6, 24))
        a_minute(engine)

    def answers():
        with transaction(wide) as db:
            side_effects.report(db, alice, an_answer())

    try:
        for moment in (6.1, 48.1):
            with after(moment):
                a_minute(engine) if moment > 48 else None
                all_at_once([lambda: jobs.advance(Surroundings(wide, None), {}), answers] * 3)
    finally:
        wide.dispose()
    six, day = rows(engine, alice)
    assert six.state(clock.now()) is State.ANSWERED
    assert day.state(clock.now()) in {State.ANSWERED, State.LATE}


def test_each_question_after_a_session_has_its_own_reminder(engine, alice, bob, after):
    with after(0):
        treated(engine, alice, bob, hours=(1, 3))
    for moment in (0.5, 1.1, 3.1):
        with after(moment):
            a_minute(engine)
    assert len(told(engine, alice)[0]) == 2


def test_a_new_limit_holds_for_what_waits(engine, alice, bob, dana, after, noon):
    with after(0):
        treated(engine, alice, bob, hours=(10,))
        a_minute(engine)
        with transaction(engine) as db:
            values = {"quiet_from": "23:00", "quiet_until": "07:00", "missed_after_hours": 2, "answer_hours": 1}
            form = checked(service.PolicyForm, **values, follow_up_hours=24).value
            service.edit_policy(db, dana, form)
        a_minute(engine)
    live(engine, noon + timedelta(hours=9), 4, timedelta(hours=1))
    assert hours(rows(engine, alice)[0], noon) == {"due_at": 10, "reminded_at": 10, "missed_at": 12}


def test_closing_an_account_is_heard_of_here(engine, alice, bob, dana, after):
    with after(0):
        treated(engine, alice, bob)
        a_minute(engine)
        with transaction(engine) as db:
            accounts.set_active(db, dana, alice.id, active=False)
    assert all(row.ended_at for row in rows(engine, alice))


def test_a_row_is_waiting_or_has_an_end_never_both(engine, alice, bob, after):
    with after(0):
        treated(engine, alice, bob)
        a_minute(engine)
    with transaction(engine) as db:
        row = db.exec(select(CheckIn)).first()
        assert row.is_waiting
        assert not row.is_task
