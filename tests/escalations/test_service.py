"""A clock's life: it starts with the report, tells one after another, stops when somebody has it, ends when closed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from portal.accounts import service as accounts
from portal.accounts.models import Person
from portal.availability import service as availability
from portal.availability.forms import TimeOffForm
from portal.availability.models import WorkingHours
from portal.clinic import queries as clinic
from portal.escalations import notices, queries, service
from portal.escalations.forms import PolicyForm, as_typed
from portal.escalations.models import Escalation
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.forms import checked
from portal.kit.mail import OutboxMail
from portal.notifications.models import Notice
from portal.side_effects import queries as reports
from portal.side_effects import service as side_effects
from portal.side_effects.forms import CloseForm
from portal.side_effects.rules import Level
from tests.make_availability import a_closure
from tests.make_escalations import a_case, a_minute, policy, rings, row_of, rung_at, wall
from tests.make_side_effects import a_report, a_session_done, an_urgent_report

BERLIN = ZoneInfo("Europe/Berlin")
RESOLVED = checked(CloseForm, outcome="resolved").value
URGENT_RINGS = [(0, "Bob"), (1, "Erin"), (2, "Bob"), (2, "Erin")]


def test_who_is_on_duty_is_told_with_the_report_itself(db, alice, bob, erin):
    policy(db, duty=[str(erin.id), str(bob.id)])
    report = an_urgent_report(db, alice)
    assert rings(db, row_of(db, report)) == [(0, "Erin")]
    notice = db.exec(select(Notice).where(Notice.person_id == erin.id)).one()
    assert notice.href == f"/side-effects/{report.id}"
    assert "Alice Ash" in notice.text
    (mail,) = db.exec(select(OutboxMail).where(OutboxMail.to == erin.email))
    assert mail.subject == "The portal needs you now"


def test_an_urgent_report_that_nobody_has_reaches_the_next_person_then_everybody_and_stays_red(
    engine, bob, urgent, minutes, at
):
    minutes(urgent.reported_at, urgent.reported_at + timedelta(hours=20))
    assert rung_at(engine, urgent) == [
        (0, "Bob", "Sat 23:50"),
        (1, "Erin", "Sun 00:05"),
        (2, "Bob", "Sun 00:20"),
        (2, "Erin", "Sun 00:20"),
    ]
    with at(urgent.reported_at + timedelta(days=30)), transaction(engine, write=False) as db:
        (case,) = queries.running(db, bob)
        assert case.is_red
        assert case.escalation.next_at is None


def test_it_is_red_once_the_promise_is_broken_and_not_before(engine, bob, urgent, at):
    for seconds, red in ((3590, False), (3610, True)):
        with at(urgent.reported_at + timedelta(seconds=seconds)), transaction(engine, write=False) as db:
            assert queries.of_report(db, bob, urgent.id).is_red is red


def test_a_report_for_today_waits_through_the_night(engine, today, minutes):
    minutes(today.reported_at, today.reported_at + timedelta(days=4), timedelta(hours=4))
    assert rung_at(engine, today) == [
        (0, "Bob", "Tue 16:00"),
        (1, "Erin", "Wed 12:00"),
        (2, "Bob", "Thu 12:00"),
        (2, "Erin", "Thu 12:00"),
        (3, "Bob", "Fri 12:00"),
        (3, "Erin", "Fri 12:00"),
    ]


@pytest.mark.parametrize(
    "reported, nightly, wanted",
    [("2027-03-27T14:00", "Sun 10:00", "2027-03-28"), ("2027-10-30T14:00", "Sun 10:00", "2027-10-31")],
)
def test_a_night_in_which_the_clocks_change_is_a_night(engine, alice, at_work, at, minutes, reported, nightly, wanted):
    with at(reported), transaction(engine) as db:
        report = a_case(db, alice, Level.DAY)
    minutes(report.reported_at + timedelta(hours=16), report.reported_at + timedelta(hours=23), timedelta(hours=1))
    assert rung_at(engine, report)[1][2] == nightly
    with transaction(engine, write=False) as db:
        told = queries.told_in(db, [row_of(db, report).id])
    assert [one.at.astimezone(BERLIN).date().isoformat() for some in told.values() for one in some][1] == wanted


@pytest.fixture
def tonight(engine, alice, at_work, at):
    """A report that needs a person within a day, at night."""
    with at("2027-03-02T23:00"), transaction(engine) as db:
        return a_case(db, alice, Level.DAY)


def ask(engine, alice, report):
    with transaction(engine) as db:
        side_effects.ask_for_person(db, alice, reports.report(db, alice, report.id))


def test_at_night_nobody_is_told_of_a_report_for_today_and_the_client_is_not_told_otherwise(
    engine, alice, tonight, at, minutes
):
    with at(tonight.reported_at + timedelta(hours=1)), transaction(engine, write=False) as db:
        standing = queries.standing(db, alice, tonight.id)
        assert not standing.is_told
        assert wall(standing.read_from) == "Wed 09:00"
    minutes(tonight.reported_at, tonight.reported_at + timedelta(hours=11), timedelta(hours=1))
    with at(tonight.reported_at + timedelta(hours=11)), transaction(engine, write=False) as db:
        assert queries.standing(db, alice, tonight.id).is_told


def test_who_asks_for_a_person_at_night_is_heard_at_once_then_goes_by_the_day(engine, alice, tonight, at, minutes):
    start = tonight.reported_at
    for later in (30, 40):
        with at(start + timedelta(minutes=later)):
            ask(engine, alice, tonight)
    with transaction(engine, write=False) as db:
        assert queries.standing(db, alice, tonight.id).is_told
        assert row_of(db, tonight).due_at == row_of(db, tonight).raised_at + timedelta(hours=24), "a promise stays"
        notice = db.exec(select(Notice).where(col(Notice.key).startswith("escalations:"))).one()
        assert "asks for a person" in notice.text
    minutes(start + timedelta(hours=1), start + timedelta(hours=15), timedelta(hours=1))
    assert rung_at(engine, tonight) == [(0, "Bob", "Tue 23:30"), (1, "Erin", "Wed 13:00")]


def test_who_asks_for_a_person_is_heard_at_once_though_somebody_was_told_in_the_afternoon(engine, alice, today, at):
    with at(today.reported_at + timedelta(hours=7)):
        ask(engine, alice, today)
    assert rung_at(engine, today) == [(0, "Bob", "Tue 16:00"), (1, "Bob", "Tue 23:00")]


def test_a_report_that_asks_for_a_person_by_itself_is_heard_at_night(engine, alice, at_work, at):
    with at("2027-03-02T23:00"), transaction(engine) as db:
        report = a_report(db, alice, wants_person="yes")
    assert rung_at(engine, report) == [(0, "Bob", "Tue 23:00")]


def test_while_nobody_works_here_no_step_is_used_up(engine, bob, erin, urgent, minutes, at):
    def work_here(*, are_active):
        with transaction(engine) as db:
            for one in (bob, erin):
                db.get_one(Person, one.id).is_active = are_active

    work_here(are_active=False)
    start = urgent.reported_at
    minutes(start + timedelta(minutes=10), start + timedelta(hours=5), timedelta(minutes=30))
    with transaction(engine, write=False) as db:
        row = row_of(db, urgent)
        assert (row.step, row.next_at is None) == (1, False)
    work_here(are_active=True)
    minutes(start + timedelta(hours=5), start + timedelta(hours=7), timedelta(minutes=30))
    assert [one[:2] for one in rung_at(engine, urgent)] == URGENT_RINGS


def test_a_report_while_nobody_works_here_is_told_of_when_somebody_does(engine, alice, bob, erin, at):
    with at("2027-03-06T23:50"), transaction(engine) as db:
        for one in (bob, erin):
            db.get_one(Person, one.id).is_active = False
        report = a_case(db, alice)
        assert not queries.standing(db, alice, report.id).is_told
        db.get_one(Person, erin.id).is_active = True
    with at("2027-03-07T00:55"):
        a_minute(engine)
    assert rung_at(engine, report)[0][:2] == (0, "Erin")


def test_what_somebody_had_who_leaves_goes_on_at_once(engine, bob, dana, urgent, at):
    with at(urgent.reported_at + timedelta(minutes=5)):
        with transaction(engine) as db:
            service.take(db, bob, reports.report(db, bob, urgent.id))
        with transaction(engine) as db:
            accounts.set_active(db, dana, bob.id, active=False)
        a_minute(engine)
    assert [one[:2] for one in rung_at(engine, urgent)] == [(0, "Bob"), (1, "Erin")]


def test_a_day_that_is_closed_meanwhile_puts_the_next_step_off(engine, today, minutes):
    with transaction(engine) as db:
        a_closure(db, datetime(2027, 3, 3).date())  # noqa: DTZ001 - a day
    minutes(today.reported_at, today.reported_at + timedelta(days=2), timedelta(hours=4))
    assert rung_at(engine, today) == [(0, "Bob", "Tue 16:00"), (1, "Erin", "Thu 12:00")]


def test_a_day_that_is_open_after_all_is_noticed_within_the_hour(engine, today, at, minutes):
    with transaction(engine) as db:
        a_closure(db, datetime(2027, 3, 3).date())  # noqa: DTZ001 - a day
    minutes(today.reported_at, today.reported_at + timedelta(hours=18), timedelta(hours=6))
    with at("2027-03-03T10:30"), transaction(engine) as db:
        a_minute(engine)
        assert wall(row_of(db, today).next_at) == "Thu 12:00"
        db.execute(sa.text("DELETE FROM closure"))
    with at("2027-03-03T11:01"):
        a_minute(engine)
    with transaction(engine, write=False) as db:
        assert wall(row_of(db, today).next_at) == "Wed 12:00"


@pytest.mark.parametrize("hour", ["10:00", "22:00"])
def test_who_is_on_leave_is_asked_last_at_any_hour(engine, alice, bob, at_work, at, hour):
    with at(f"2027-03-02T{hour}"), transaction(engine) as db:
        day = clock.now().date()
        availability.add_time_off(db, bob, checked(TimeOffForm, first_day=day, last_day=day).value)
        assert rings(db, row_of(db, an_urgent_report(db, alice))) == [(0, "Erin")]


def test_the_next_person_is_never_the_one_who_was_told(engine, alice, bob, erin, at_work, at, minutes):
    """Only Erin is at work, so she is asked first; a quarter of an hour later nobody is, and Bob is named first."""
    with at("2027-03-02T16:50") as now, transaction(engine) as db:
        policy(db, duty=[str(bob.id), str(erin.id)])
        db.execute(sa.delete(WorkingHours).where(col(WorkingHours.practitioner_id) == bob.id))
        report = a_case(db, alice)
    minutes(now, now + timedelta(minutes=20))
    assert [one[:2] for one in rung_at(engine, report)] == [(0, "Erin"), (1, "Bob")]


def test_i_have_it_stops_the_clock(engine, bob, urgent, at, minutes):
    with at(urgent.reported_at + timedelta(minutes=5)) as then, transaction(engine) as db:
        side_effects.acknowledge(db, bob, reports.report(db, bob, urgent.id))
        row = row_of(db, urgent)
        assert row.acknowledged_by_id == bob.id
        assert row.acknowledged_at == row.seen_at
        assert row.seen_at - then < timedelta(seconds=5)
        assert row.next_at == row.seen_at + timedelta(hours=2)
    minutes(urgent.reported_at, urgent.reported_at + timedelta(hours=2))
    assert [one[:2] for one in rung_at(engine, urgent)] == [(0, "Bob")]


def test_the_first_who_has_it_keeps_it(engine, bob, erin, urgent):
    with transaction(engine) as db:
        report = reports.report(db, bob, urgent.id)
        service.take(db, bob, report)
        service.take(db, erin, report)
        assert row_of(db, urgent).acknowledged_by_id == bob.id


def test_who_has_it_and_does_nothing_loses_it_to_the_next_person(engine, bob, erin, urgent, at, minutes):
    start = urgent.reported_at
    with at(start + timedelta(minutes=5)), transaction(engine) as db:
        service.take(db, bob, reports.report(db, bob, urgent.id))
    minutes(start + timedelta(minutes=10), start + timedelta(hours=3))
    rung = rung_at(engine, urgent)
    assert [one[:2] for one in rung] == [(0, "Bob"), (1, "Erin"), (2, "Bob"), (3, "Bob"), (3, "Erin")]
    assert rung[1][2] == "Sun 01:55"
    with at(start + timedelta(hours=3)), transaction(engine) as db:
        assert queries.of_report(db, bob, urgent.id).seen_by == ""
        service.take(db, bob, reports.report(db, bob, urgent.id))
        assert queries.of_report(db, bob, urgent.id).seen_by == "Bob Birch", "also who had it before"
        assert row_of(db, urgent).seen_at < clock.now() - timedelta(hours=2), "it was seen long before"


def test_what_had_no_hurry_is_told_of_without_mail_and_to_all_when_its_days_are_over(
    engine, alice, at_work, at, minutes
):
    with at("2027-03-02T20:00") as start, transaction(engine) as db:
        report = a_case(db, alice, Level.EXPECTED)
    minutes(start, start + timedelta(hours=14), timedelta(hours=1))
    assert rung_at(engine, report) == [(0, "Bob", "Wed 09:00")]
    with transaction(engine, write=False) as db:
        assert not db.exec(select(OutboxMail)).all()
    minutes(start + timedelta(days=6, hours=22), start + timedelta(days=8), timedelta(hours=2))
    assert rung_at(engine, report)[1:] == [(1, "Bob", "Tue 20:00"), (1, "Erin", "Tue 20:00")]
    with transaction(engine, write=False) as db:
        assert len(db.exec(select(OutboxMail)).all()) == 2


def test_what_is_as_expected_starts_no_clock(db, alice, bob):
    a_session_done(db, alice, bob, hours_ago=3)
    a_report(db, alice, redness="mild")
    assert not db.exec(select(Escalation)).all()


def test_a_step_that_fails_keeps_no_report_from_being_kept(engine, alice, at_work):
    with transaction(engine) as db:
        clinic.stored(db).time_zone = "No/Where"
        report = an_urgent_report(db, alice)
        row = row_of(db, report)
        assert (row.step, row.next_at) == (0, row.raised_at)
        clinic.stored(db).time_zone = "Europe/Berlin"
    a_minute(engine)
    with transaction(engine, write=False) as db:
        assert rings(db, row_of(db, report)) == [(0, "Bob")], "and the tick makes up for it"


def test_one_clocks_trouble_keeps_no_other_from_its_step(engine, alice, charlie, urgent, at):
    with at(urgent.reported_at), transaction(engine) as db:
        other = an_urgent_report(db, charlie)
        row_of(db, urgent).next_at = urgent.reported_at
        db.execute(sa.text("UPDATE notice SET key = replace(key, ':0:', ':1:')"))
    with at(urgent.reported_at + timedelta(minutes=16)):
        a_minute(engine)
    with transaction(engine, write=False) as db:
        assert rings(db, row_of(db, other)) == [(0, "Bob"), (1, "Erin")]


def test_a_day_without_the_portal_leaves_no_step_out(engine, urgent, at):
    with at(urgent.reported_at + timedelta(days=1)):
        a_minute(engine)
        a_minute(engine)
    assert [one[:2] for one in rung_at(engine, urgent)] == URGENT_RINGS


def test_a_clock_that_jumps_ahead_and_back_tells_nobody_twice(engine, urgent, at, minutes):
    for jump in (timedelta(minutes=16), timedelta(days=-2), timedelta(minutes=2), timedelta(days=400), timedelta(0)):
        with at(urgent.reported_at + jump):
            a_minute(engine)
    minutes(urgent.reported_at, urgent.reported_at + timedelta(hours=2))
    assert [one[:2] for one in rung_at(engine, urgent)] == URGENT_RINGS


def test_who_works_here_no_longer_is_told_no_more(engine, erin, urgent, minutes):
    with transaction(engine) as db:
        db.get_one(Person, erin.id).is_active = False
    minutes(urgent.reported_at, urgent.reported_at + timedelta(hours=1))
    assert [one[:2] for one in rung_at(engine, urgent)] == [(0, "Bob"), (1, "Bob"), (2, "Bob")]


def test_an_edited_limit_holds_for_a_clock_that_runs(engine, dana, urgent, at):
    with at(urgent.reported_at + timedelta(minutes=6)):
        a_minute(engine)
        with transaction(engine) as db:
            values = as_typed(queries.policy(db)) | {"urgent_next_minutes": 5}
            service.edit_policy(db, dana, checked(PolicyForm, **values).value)
        a_minute(engine)
    assert rung_at(engine, urgent) == [(0, "Bob", "Sat 23:50"), (1, "Erin", "Sat 23:56")]


def test_each_notice_says_why_it_comes(engine, alice, bob, erin, urgent, at, minutes):
    start = urgent.reported_at
    minutes(start, start + timedelta(minutes=15))
    with at(start + timedelta(minutes=20)), transaction(engine) as db:
        service.take(db, bob, reports.report(db, bob, urgent.id))
    minutes(start + timedelta(minutes=140), start + timedelta(minutes=145))
    with transaction(engine, write=False) as db:
        told = db.exec(select(Notice).where(col(Notice.key).startswith("escalations:"))).all()
    assert [one.text for one in sorted(told, key=lambda one: one.made_at)] == [
        "Alice Ash reported something urgent and was told to call for help.",
        "Nobody has it yet: Alice Ash reported something urgent.",
        "Still open: Alice Ash reported something urgent. Who had it has written nothing down.",
    ]


def test_the_longest_name_fits_into_every_notice(db, alice):
    db.get_one(Person, alice.id).name = "x" * 120
    for level in Level:
        row = row_of(db, a_case(db, alice, level))
        row.acknowledged_by_id = alice.id
        for row.step in (1, 2):
            notices.tell(db, row, alice.id, days=14, by_mail=False)
    assert max(len(one.text) for one in db.exec(select(Notice))) <= 300
