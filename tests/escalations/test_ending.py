"""How a clock ends: something is done, the report is closed; what starts it anew, who sees it, how it is counted."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from portal.audit.models import AuditEntry
from portal.escalations import queries, rules, service
from portal.escalations.models import CaseAction, Escalation, EscalationNotice
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.kit.forms import checked
from portal.side_effects import queries as reports
from portal.side_effects import service as side_effects
from portal.side_effects.forms import CloseForm
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level
from tests.make_escalations import a_case, an_action, rings, row_of, rung_at
from tests.make_side_effects import an_urgent_report

RESOLVED = checked(CloseForm, outcome="resolved").value
URGENT_RINGS = [(0, "Bob"), (1, "Erin"), (2, "Bob"), (2, "Erin")]


def test_an_action_stops_the_clock_for_good(engine, bob, erin, urgent, at, minutes):
    with at(urgent.reported_at + timedelta(minutes=5)), transaction(engine) as db:
        an_action(db, erin, reports.report(db, erin, urgent.id))
        row = row_of(db, urgent)
        assert row.acknowledged_by_id == erin.id, "who acts has it"
        assert row.acted_at
    minutes(urgent.reported_at, urgent.reported_at + timedelta(hours=40), timedelta(minutes=30))
    assert [one[:2] for one in rung_at(engine, urgent)] == [(0, "Bob")]
    with at(urgent.reported_at + timedelta(days=3)), transaction(engine, write=False) as db:
        assert not queries.of_report(db, bob, urgent.id).is_red


def is_closed_after_an_action(db, bob, report_id):
    """And not before."""
    report = reports.report(db, bob, report_id)
    with pytest.raises(Refused, match="what was done"):
        side_effects.close(db, bob, report, RESOLVED)
    db.rollback()
    report = reports.report(db, bob, report.id)
    an_action(db, bob, report)
    side_effects.close(db, bob, report, RESOLVED)
    assert row_of(db, report).done_at


@pytest.mark.parametrize("level", sorted(rules.ALARMS))
def test_an_alarm_is_closed_only_after_something_was_done(db, alice, bob, level):
    report = a_case(db, alice, level)
    db.commit()
    is_closed_after_an_action(db, bob, report.id)
    with pytest.raises(Refused, match="closed already"):
        an_action(db, bob, report)


@pytest.mark.parametrize("level", [level for level in Level if level not in rules.ALARMS])
def test_what_had_no_hurry_may_be_closed_with_a_look(db, alice, bob, level):
    report = a_case(db, alice, level)
    side_effects.close(db, bob, report, RESOLVED)
    assert row_of(db, report).done_at


def test_closing_ends_the_clock(engine, bob, urgent, at, minutes):
    with at(urgent.reported_at + timedelta(minutes=5)), transaction(engine) as db:
        report = reports.report(db, bob, urgent.id)
        an_action(db, bob, report)
        side_effects.close(db, bob, report, RESOLVED)
    minutes(urgent.reported_at, urgent.reported_at + timedelta(hours=3))
    assert [one[:2] for one in rung_at(engine, urgent)] == [(0, "Bob")]
    with transaction(engine, write=False) as db:
        assert queries.running(db, bob) == []


def test_a_report_that_gets_worse_moves_up_and_starts_anew(engine, alice, bob, today, at, minutes):
    with at(today.reported_at + timedelta(minutes=10)), transaction(engine) as db:
        service.take(db, bob, reports.report(db, bob, today.id))
    with at(today.reported_at + timedelta(minutes=30)) as worse, transaction(engine) as db:
        report = db.get_one(SideEffectReport, today.id)
        report.level = Level.URGENT
        service.raised(db, report)
        row = row_of(db, today)
        assert (row.level, row.acknowledged_at, row.due_at) == (Level.URGENT, None, row.raised_at + timedelta(hours=1))
    minutes(worse, worse + timedelta(hours=1))
    assert rung_at(engine, today) == [
        (0, "Bob", "Tue 16:00"),
        (1, "Bob", "Tue 16:30"),
        (2, "Erin", "Tue 16:45"),
        (3, "Bob", "Tue 17:00"),
        (3, "Erin", "Tue 17:00"),
    ]
    with transaction(engine, write=False) as db:
        assert len(db.exec(select(Escalation)).all()) == 1


def test_what_gets_worse_while_nobody_has_it_moves_up_too(engine, alice, today, at):
    with at(today.reported_at + timedelta(minutes=30)), transaction(engine) as db:
        report = db.get_one(SideEffectReport, today.id)
        report.level = Level.URGENT
        service.raised(db, report)
        row = row_of(db, today)
        assert (row.level, row.first_step, row.step) == (Level.URGENT, 1, 2)
        assert row.next_at == row.raised_at + timedelta(minutes=15)


def test_it_never_moves_down(engine, alice, bob, urgent):
    with transaction(engine) as db:
        report = db.get_one(SideEffectReport, urgent.id)
        report.level = Level.DAY
        service.raised(db, report)
        assert row_of(db, urgent).level is Level.URGENT
        assert rings(db, row_of(db, urgent)) == [(0, "Bob")], "it runs already"
        service.take(db, bob, report)
        service.raised(db, report)
        assert row_of(db, urgent).level is Level.URGENT, "also when it starts anew"


def test_news_about_what_somebody_has_starts_it_anew_and_the_same_news_twice_does_not(db, alice, bob):
    report = an_urgent_report(db, alice)
    an_action(db, bob, report)
    service.raised(db, report)
    row = row_of(db, report)
    assert (row.acknowledged_at, row.acted_at, row.step) == (None, None, 2)
    service.raised(db, report)
    assert row_of(db, report).step == 2


def test_news_about_a_closed_report_starts_nothing(db, alice, bob):
    report = an_urgent_report(db, alice)
    an_action(db, bob, report)
    side_effects.close(db, bob, report, RESOLVED)
    service.raised(db, report)
    assert row_of(db, report).done_at


def test_every_step_is_in_the_audit(engine, alice, bob, urgent, at, minutes):
    minutes(urgent.reported_at, urgent.reported_at + timedelta(minutes=20))
    with at(urgent.reported_at + timedelta(minutes=21)), transaction(engine) as db:
        an_action(db, bob, reports.report(db, bob, urgent.id))
        db.flush()
        entries = db.exec(select(AuditEntry).where(col(AuditEntry.action).startswith("escalations."))).all()
    done = [entry.action for entry in sorted(entries, key=lambda one: one.at)]
    assert done == ["escalations.raised", "escalations.told", "escalations.told", "escalations.acted"]
    assert {entry.client_id for entry in entries} == {alice.id}


def test_nobody_but_practitioners_sees_a_clock(db, alice, charlie, dana, bob):
    report = an_urgent_report(db, alice)
    an_action(db, bob, report)
    for stranger in (alice, charlie, dana):
        assert queries.of_report(db, stranger, report.id) is None
        assert queries.running(db, stranger) == []
        with pytest.raises(NotFound):
            queries.escalation(db, stranger, report.id)
    assert queries.escalation(db, bob, report.id).client_id == alice.id
    assert [one.label for one in queries.of_report(db, bob, report.id).actions] == ["Advice given"]


def test_the_worst_stands_first(db, alice, charlie, bob, at):
    ordinary = a_case(db, charlie, Level.DAY)
    has_it, nobody, old = (a_case(db, alice) for _ in range(3))
    service.take(db, bob, has_it)
    row_of(db, old).due_at = clock.now() - timedelta(minutes=1)
    db.flush()
    assert [case.report.id for case in queries.running(db, bob)] == [old.id, nobody.id, has_it.id, ordinary.id]


def test_the_load_is_for_the_team_and_holds_numbers_only(db, alice, bob, dana):
    report = a_case(db, alice)
    a_case(db, alice, Level.DAY)
    a_case(db, alice, Level.EXPECTED)
    an_action(db, bob, report)
    assert queries.load(db, alice) == []
    for viewer in (bob, dana):
        week = queries.load(db, viewer, 4)[0]
        assert (week.reports, week.alarms, week.in_time, week.waiting) == (3, 2, 1, 1)
        assert week.median_minutes == pytest.approx(0, abs=1)
    assert len(queries.load(db, bob, 4)) == 4


def test_an_erased_client_leaves_no_clock(db, alice, bob):
    report = an_urgent_report(db, alice)
    an_action(db, bob, report)
    db.execute(sa.delete(SideEffectReport).where(col(SideEffectReport.client_id) == alice.id))
    for table in (Escalation, EscalationNotice, CaseAction):
        assert not db.exec(select(table)).all()


def test_only_a_practitioner_takes_care_of_a_report(db, alice, dana):
    report = a_case(db, alice)
    for nobody in (alice, dana):
        with pytest.raises(NotAllowed):
            service.take(db, nobody, report)
        with pytest.raises(NotAllowed):
            an_action(db, nobody, report)


def test_what_was_done_before_it_became_an_alarm_does_not_close_it(db, alice, bob):
    report = a_case(db, alice, Level.EXPECTED)
    an_action(db, bob, report)
    side_effects.ask_for_person(db, alice, report)
    db.commit()
    is_closed_after_an_action(db, bob, report.id)
