"""Which table judges: the newest version, in every process; the shipped one when nothing else can."""

import logging
from dataclasses import replace

import pytest

from portal.kit.db import transaction
from portal.side_effects import queries, running, service
from portal.side_effects.layout import Table
from portal.side_effects.models import TriageTable
from portal.side_effects.rules import Level
from portal.side_effects.table import RUNNING
from portal.triage import queries as triage
from portal.triage import service as publishing
from tests.make_questionnaires import health_answers
from tests.make_side_effects import a_report, a_session_done
from tests.make_triage import STRICTER, a_version


@pytest.fixture
def at_home(db, alice, bob):
    """Alice had a session a day and a half ago, and answers no to all health questions."""
    health_answers(db, alice)
    a_session_done(db, alice, bob, hours_ago=30)


def test_without_a_version_the_shipped_table_judges(db):
    assert running.table(db) is RUNNING
    assert not running.trouble(db)


def test_a_publication_changes_the_very_next_report_and_not_the_kept_ones(db, alice, dana, at_home):
    before = a_report(db, alice)
    row = a_version(db, dana, STRICTER)
    after = a_report(db, alice)
    assert (before.level, after.level) == (Level.EXPECTED, Level.WATCH)
    assert before.rules_version == RUNNING.version
    assert after.rules_version == f"{row.version}, not yet signed off by a clinician"
    db.refresh(before)
    assert (before.level, before.fired) == (Level.EXPECTED, [])


def test_what_is_kept_and_said_comes_from_the_version_in_force(db, alice, bob, dana, at_home):
    said = ('because = "A little more redness,', 'because = "Somewhat more redness,')
    stage = ('when = "the second and third day"', 'when = "days two and three"')
    asked = ('because = "You asked us to look at it soon"', 'because = "You wish us to look at it"')
    a_version(db, dana, STRICTER, said, stage, asked)
    report = a_report(db, alice)
    assert any(reason["because"].startswith("Somewhat more") for reason in report.fired)
    assert queries.stage_now(db, alice, alice.id, report.reported_at).when == "days two and three"
    service.ask_for_person(db, alice, report)
    assert report.fired[0]["because"] == "You wish us to look at it"


def test_signing_shows_in_the_next_report(db, alice, bob, dana):
    row = a_version(db, dana)
    publishing.sign(db, bob, row.id)
    assert a_report(db, alice).rules_version == f"{row.version}, signed off by a clinician"


def test_the_newest_version_is_asked_for_each_time_and_read_once(engine, dana, monkeypatch):
    with transaction(engine) as db:
        a_version(db, dana)
        first = running.table(db)
        assert running.table(db).rules is first.rules
    with transaction(engine) as other:  # what another process does: this one has read version 1 already
        a_version(other, dana, STRICTER)
    with transaction(engine, write=False) as db:
        monkeypatch.setattr(running, "_known", dict(running._known))
        assert running.table(db).version.startswith("clinic-2")
        running._known.clear()  # a process that has just begun
        assert running.table(db).version.startswith("clinic-2")


def test_a_version_that_newer_checks_refuse_never_stops_a_report(db, alice, dana, caplog):
    row = a_version(db, dana, STRICTER)
    broken = TriageTable(
        number=2, version="clinic-2 of 2026-01-01", text=row.text.replace('id = "U01"', 'id = "X01"'), why="-"
    )
    db.add(broken)
    db.flush()
    with caplog.at_level(logging.ERROR):
        report = a_report(db, alice)
    assert report.rules_version == RUNNING.version
    assert "version 2 of the triage table cannot be read" in caplog.text
    assert "rule U01: it must stay" in running.trouble(db)
    assert triage.prepared(db).text == triage.SHIPPED
    a_version(db, dana, STRICTER)
    assert not running.trouble(db)
    assert running.table(db).version.startswith("clinic-3")


def test_a_version_that_knows_another_form_does_not_judge(db, alice, dana, caplog):
    """A newer portal asks about one sign more: a table without it would not see it."""
    row = a_version(db, dana)
    older = row.text.replace(
        '{ id = "chest_pain", says = "Pain in the chest" }', '{ id = "chest_pain", says = "Chest" }'
    )
    db.add(TriageTable(number=2, version="clinic-2 of 2026-01-01", text=older, why="-"))
    db.flush()
    assert a_report(db, alice).rules_version == RUNNING.version
    assert running.trouble(db) == running.OTHER_FORM
    assert "knows another form" in caplog.text


def test_a_table_that_fails_on_a_report_is_replaced_by_the_shipped_one(db, alice, monkeypatch, caplog):
    bad = replace(RUNNING, version="bad", rules=(replace(RUNNING.rules[0], any=({"no such kind": []},)),))
    monkeypatch.setattr(running, "table", lambda _: bad)
    report = a_report(db, alice, symptoms=["redness", "discharge"], discharge=["pus"])
    assert report.rules_version == RUNNING.version
    assert report.level is Level.DAY
    assert "the table bad failed on a report" in caplog.text


def test_clients_see_the_level_unless_the_clinic_says_otherwise(db, dana):
    assert running.shows_level(db)
    publishing.choose(db, dana, shows_level=False)
    assert not running.shows_level(db)
    publishing.choose(db, dana, shows_level=True)
    assert running.shows_level(db)


def test_the_shipped_and_the_published_table_are_of_one_kind(db, dana):
    a_version(db, dana)
    published = running.table(db)
    assert isinstance(published, Table)
    assert replace(published, version=RUNNING.version) == RUNNING
