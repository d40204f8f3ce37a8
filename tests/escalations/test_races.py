"""Everything that may happen to one clock, at the same moment, with real transactions."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest
from sqlmodel import select

from portal.accounts.models import Person
from portal.escalations import jobs, queries, service
from portal.escalations.models import Escalation
from portal.kit import clock
from portal.kit.db import lock_row, make_engine, transaction
from portal.kit.errors import Refused
from portal.kit.forms import checked
from portal.kit.jobs import Surroundings
from portal.side_effects import queries as reports
from portal.side_effects import service as side_effects
from portal.side_effects.forms import CloseForm
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level
from tests.make_escalations import a_case, an_action, policy, rings, unrung, wrongs
from tests.make_rush import all_at_once

RESOLVED = checked(CloseForm, outcome="resolved").value


@pytest.fixture
def wide(engine):
    """The same database for many threads."""
    made = make_engine(engine.url.render_as_string(hide_password=False), 32)
    yield made
    made.dispose()


@pytest.fixture
def works(wide):
    return lambda: jobs.advance(Surroundings(wide, None), {})


def test_eight_workers_at_once_do_each_step_once(wide, alice, works):
    with transaction(wide) as db:
        ids = unrung(db, alice, 12, clock.now() - timedelta(hours=2), timedelta(seconds=1))
    all_at_once([works] * 8)
    with transaction(wide, write=False) as db:
        assert wrongs(db, ids, [(0, "Bob"), (1, "Erin"), (2, "Bob"), (2, "Erin")]) == []


def test_i_have_it_is_never_lost_to_a_step_at_the_same_moment(wide, alice, bob, works):
    with transaction(wide) as db:
        ids = unrung(db, alice, 8, clock.now(), timedelta(0))
        report_ids = [db.get_one(Escalation, one).report_id for one in ids]
    all_at_once([works, works, *(lambda one=one: does(wide, one, service.take, bob) for one in report_ids)])
    works()
    with transaction(wide, write=False) as db:
        for one in ids:
            row = db.get_one(Escalation, one)
            assert row.acknowledged_by_id == bob.id
            assert row.next_at - row.acknowledged_at == timedelta(hours=2)
            assert rings(db, row) in ([], [(0, "Bob")])


def test_a_report_raised_twice_at_once_has_one_clock(wide, alice):
    with transaction(wide) as db:
        report = a_case(db, alice)
        db.delete(queries.by_report(db, report.id))

    def raises():
        with transaction(wide) as db:
            service.raised(db, db.get_one(SideEffectReport, report.id))

    all_at_once([raises] * 6)
    with transaction(wide, write=False) as db:
        (row,) = db.exec(select(Escalation)).all()
        assert rings(db, row) == [(0, "Bob")]


def test_getting_worse_at_the_moment_of_a_step_skips_nobody(wide, alice, works):
    with transaction(wide) as db:
        policy(db, day_outside_hours=True)
        cases = [a_case(db, alice, Level.DAY).id for _ in range(8)]
    with clock.travelled(timedelta(hours=5)):
        all_at_once([works, works, works, *(lambda one=one: worsens(wide, one) for one in cases)])
        with transaction(wide, write=False) as db:
            for one in cases:
                row = queries.by_report(db, one)
                assert row.level is Level.URGENT
                assert row.step == row.first_step + 1
                assert {step for step, _ in rings(db, row)} == set(range(row.step)), "each step was told to somebody"


def test_a_step_that_is_just_being_done_is_waited_for(wide, alice):
    with transaction(wide) as db:
        policy(db, day_outside_hours=True)
        one = a_case(db, alice, Level.DAY).id
    with clock.travelled(timedelta(hours=5)), ThreadPoolExecutor(1) as thread:
        with transaction(wide) as db:
            assert service.advance(db, queries.by_report(db, one).id)
            worse = thread.submit(worsens, wide, one)
            time.sleep(0.3)  # long enough to read the clock as it was before the step
        worse.result()
        with transaction(wide, write=False) as db:
            row = queries.by_report(db, one)
            assert (row.first_step, row.step) == (2, 3)
            assert rings(db, row) == [(0, "Bob"), (1, "Erin"), (2, "Bob")]


@pytest.mark.parametrize("seed, rounds", [(1, 3), pytest.param(2, 12, marks=pytest.mark.thorough)])
def test_whatever_happens_at_once_ends_as_one_of_its_orders(wide, alice, bob, erin, works, seed, rounds):
    for number in range(rounds):
        with transaction(wide) as db:
            report = a_case(db, alice, Level.DAY).id
        acts = [
            works,
            works,
            lambda one=report: does(wide, one, service.take, bob),
            lambda one=report: does(wide, one, service.take, erin),
            lambda one=report: does(wide, one, an_action, bob),
            lambda one=report: does(wide, one, closes, erin),
            lambda one=report: worsens(wide, one),
        ]
        Random(seed * 100 + number).shuffle(acts)
        with clock.travelled(timedelta(minutes=20)):
            all_at_once(acts)
        with transaction(wide, write=False) as db:
            row = queries.by_report(db, report)
            kept = db.get_one(SideEffectReport, report)
            assert (row.done_at is None) == (kept.closed_at is None)
            assert kept.closed_at is None or queries.is_acted_on(db, report)
            told = [(one.step, one.person_id) for one in queries.told_in(db, [row.id])[row.id]]
            assert len(set(told)) == len(told)
            assert {step for step, _ in told} == set(range(row.step))


def does(engine, report_id, verb, practitioner) -> None:
    with suppress(Refused), transaction(engine) as db:
        verb(db, practitioner, reports.report(db, practitioner, report_id))


def closes(db, practitioner, report) -> None:
    side_effects.close(db, practitioner, report, RESOLVED)


def worsens(engine, report_id) -> None:
    """As whoever judges a report again does it: the client's row is locked before the report is changed."""
    with transaction(engine) as db:
        report = db.get_one(SideEffectReport, report_id)
        lock_row(db, Person.__table__, report.client_id)
        db.refresh(report)
        report.level = Level.URGENT
        db.flush()
        service.raised(db, report)
