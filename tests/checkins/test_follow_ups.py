"""A watched report is asked about once, an open one every day until it is closed; trouble here costs no report."""

from datetime import timedelta

from portal.accounts import service as accounts
from portal.checkins import asking, queries, service, steps
from portal.checkins.models import CheckIn
from portal.checkins.rules import Why
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.forms import checked
from portal.side_effects import queries as reports
from portal.side_effects import service as side_effects
from portal.side_effects.forms import CloseForm
from portal.side_effects.rules import Level
from tests.make_checkins import a_minute, all_of, hours, live, rows, told, treated
from tests.make_escalations import an_action
from tests.make_side_effects import a_report


def test_a_watched_report_is_asked_about_once(engine, alice, bob, after, noon, healthy):
    with after(0):
        treated(engine, alice, bob, hours=(1,))
        a_minute(engine)
    with after(1), transaction(engine) as db:
        report = a_report(db, alice, trend="worse")
        assert (report.level, report.needs_person) == (Level.WATCH, False)
    live(engine, noon + timedelta(hours=1), 80)
    followed = [row for row in rows(engine, alice) if row.is_follow_up]
    assert [(row.report_id, hours(row, noon)) for row in followed] == [
        (report.id, {"due_at": 25, "reminded_at": 25, "missed_at": 49})
    ]


def test_of_two_watched_reports_only_the_newest_is_asked_about(engine, alice, bob, after, healthy):
    with after(0):
        treated(engine, alice, bob, hours=(1,))
    for moment in (1, 4):
        with after(moment), transaction(engine) as db:
            assert a_report(db, alice, trend="worse").level is Level.WATCH
    followed = [row for row in rows(engine, alice) if row.is_follow_up]
    assert [row.ended_why for row in followed] == [Why.HEARD, None]


def test_each_open_report_has_one_question_that_waits_however_often_it_is_asked_for(engine, alice, after):
    with after(0), transaction(engine) as db:
        first, second = a_report(db, alice), a_report(db, alice)
        for _ in range(2):
            steps.follow(db, first.id)
            service.reported(db, second)
    waiting = [row.report_id for row in rows(engine, alice) if row.is_waiting]
    assert sorted(waiting, key=str) == sorted((first.id, second.id), key=str)


def test_an_open_report_of_a_closed_account_is_asked_about_no_more(engine, alice, dana, after):
    with after(0), transaction(engine) as db:
        report = a_report(db, alice)
        accounts.set_active(db, dana, alice.id, active=False)
    with after(1):
        a_minute(engine)
        with transaction(engine) as db:
            steps.follow(db, report.id)
    assert [row.ended_why for row in rows(engine, alice)] == [Why.ACCOUNT_CLOSED]


def test_an_open_report_is_asked_about_every_day_until_it_is_closed(engine, alice, bob, after, noon):
    with after(0), transaction(engine) as db:
        report = a_report(db, alice)
        assert report.is_open
    live(engine, noon, 70)
    found = [hours(row, noon) for row in rows(engine, alice)]
    assert found[:2] == [
        {"due_at": 24, "reminded_at": 24, "missed_at": 48},
        {"due_at": 48, "reminded_at": 48},
    ]
    with after(71), transaction(engine) as db:
        entry = reports.report(db, bob, report.id)
        an_action(db, bob, entry)
        side_effects.close(db, bob, entry, checked(CloseForm, outcome="resolved").value)
    live(engine, noon + timedelta(hours=71), 30)
    assert [row.ended_why for row in rows(engine, alice)] == [Why.REPORT_CLOSED] * 2
    with transaction(engine, write=False) as db:
        assert not queries.silent(db, bob), "who closed the report has dealt with the silence about it"


def test_a_report_that_has_time_is_asked_about_after_a_day_and_then_seldom(engine, alice, bob, after, noon, healthy):
    report = unhurried(engine, alice, bob, after)
    live(engine, noon + timedelta(hours=1), 150, timedelta(hours=3))
    found = [hours(row, noon) for row in rows(engine, alice) if row.report_id == report.id]
    assert [one["due_at"] for one in found] == [25, 97, 169]


def test_a_report_that_becomes_an_alarm_is_asked_about_within_a_day_again(engine, alice, bob, after, noon, healthy):
    report = unhurried(engine, alice, bob, after)
    with after(26), transaction(engine) as db:
        a_report(db, alice)
    assert [row.hours for row in rows(engine, alice) if row.report_id == report.id] == [24, 72]
    with after(30), transaction(engine) as db:
        side_effects.ask_for_person(db, alice, reports.report(db, alice, report.id))
    waiting = [row for row in rows(engine, alice) if row.report_id == report.id and row.is_waiting]
    assert [hours(row, noon)["due_at"] for row in waiting] == [54]


def unhurried(engine, client, practitioner, after):
    """An open report of one hour after noon in which nothing presses."""
    with after(0):
        treated(engine, client, practitioner, hours=())
    with after(1), transaction(engine) as db:
        report = a_report(db, client, symptoms=["other"], redness=None, late=["darker"])
    assert report.is_open
    assert not report.level.is_alarm
    return report


def test_an_answer_to_a_follow_up_is_followed_by_the_next_a_day_later(engine, alice, after, noon):
    with after(0), transaction(engine) as db:
        report = a_report(db, alice)
    with after(25):
        a_minute(engine)
    with after(26), transaction(engine) as db:
        second = a_report(db, alice)
    found = [row for row in rows(engine, alice) if row.report_id == report.id]
    assert [hours(row, noon) for row in found] == [
        {"due_at": 24, "reminded_at": 25, "answered_at": 26},
        {"due_at": 50},
    ]
    assert found[0].answer_id == second.id


def test_two_questions_of_different_kinds_at_once_are_reminded_of_once(engine, alice, bob, after, healthy):
    with after(0):
        treated(engine, alice, bob, hours=(6, 30))
        a_minute(engine)
    with after(6), transaction(engine) as db:
        a_report(db, alice, trend="worse")
    for moment in (30.1, 31):
        with after(moment):
            a_minute(engine)
    assert [bool(row.reminded_at) for row in rows(engine, alice)] == [False, True, True]
    notices, mails = told(engine, alice)
    assert (len(notices), len(mails)) == (1, 1)


def test_an_open_report_that_nobody_asks_about_is_found_by_the_minute(engine, alice, after):
    with after(0), transaction(engine) as db:
        a_report(db, alice)
        for row in all_of(db, alice):
            db.delete(row)
    with after(1):
        a_minute(engine)
    assert [row.number for row in rows(engine, alice)] == [1]


def test_trouble_here_never_costs_a_report(engine, alice, after, monkeypatch):
    def breaks(db, report):
        db.add(CheckIn(client_id=report.client_id, kind="follow_up", hours=1, opens_at=clock.now(), due_at=clock.now()))
        db.flush()  # the database refuses it: a follow-up to nothing

    monkeypatch.setattr(asking, "follow_all", breaks)
    with after(0), transaction(engine) as db:
        report = a_report(db, alice)
    with transaction(engine, write=False) as db:
        assert reports.report(db, alice, report.id)
    monkeypatch.undo()
    with after(1):
        a_minute(engine)
    assert len(rows(engine, alice)) == 1


def test_closing_one_report_leaves_the_question_about_another(engine, alice, bob, after):
    with after(0), transaction(engine) as db:
        closed, still_open = a_report(db, alice).id, a_report(db, alice).id
    with after(1), transaction(engine) as db:
        entry = reports.report(db, bob, closed)
        an_action(db, bob, entry)
        side_effects.close(db, bob, entry, checked(CloseForm, outcome="resolved").value)
    assert [row.report_id for row in rows(engine, alice) if row.is_waiting] == [still_open]
