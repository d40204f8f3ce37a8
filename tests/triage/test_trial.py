"""The dry run counts what would come out otherwise on reports that were really kept."""

from datetime import timedelta
from uuid import uuid4

import pytest

from portal.kit import clock
from portal.side_effects import service
from portal.side_effects.conditions import Facts
from portal.side_effects.kept import plain
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level
from portal.side_effects.table import RUNNING, SHIPPED
from portal.triage import queries
from portal.triage.rules import candidate
from portal.triage.trial import Given, trial
from tests.make_questionnaires import health_answers
from tests.make_side_effects import a_report, a_session_done, an_urgent_report
from tests.make_triage import STRICTER, a_draft, a_version

NARROWER = (  # on the second day redness above faint is off course
    "{ until = 48, usual = 2, highest = 2, source",
    "{ until = 48, usual = 1, highest = 1, source",
)
AFTER_IT = ("{ until = 72, usual = 1, highest = 2, source", "{ until = 72, usual = 1, highest = 1, source")

SWOLLEN = '{ until = 48, usual = 1, highest = 2, source = ["S12", "general"] }'
MARKED = '{ until = 48, usual = 2, highest = 2, source = ["S14"] }'
CRUSTED = '{ until = 96, usual = 2, highest = 3, source = ["S12", "general"] }'


@pytest.fixture
def at_home(db, alice, bob):
    health_answers(db, alice)
    a_session_done(db, alice, bob, hours_ago=30)


def tried(db, dana, *edits):
    return queries.tried(db, a_draft(db, dana, *edits).candidate.table)


def test_nothing_changed_changes_nothing(db, alice):
    a_report(db, alice)
    found = queries.tried(db, RUNNING)
    assert (found.n, found.changes) == (1, ())
    assert found.in_words == "Of 1 report: none would come out otherwise."


def test_more_alarms_and_more_watched_are_counted(db, alice, dana, at_home):
    for _ in range(3):
        a_report(db, alice, redness="mild")
    a_report(db, alice, redness="faint")
    watched = tried(db, dana, STRICTER)
    assert watched.in_words == "Of 4 reports: 0 more alarms, 0 fewer; 0 more urgent, 0 fewer; 3 more watched, 0 fewer."
    alarms = tried(
        db,
        dana,
        (
            'usual = 1, highest = 2, source = ["S14"] },\n  { until = 72',
            'usual = 1, highest = 1, source = ["S14"] },\n  { until = 72',
        ),
        AFTER_IT,
    )
    assert "3 more alarms, 0 fewer" in alarms.in_words
    assert {(one.before, one.after) for one in alarms.changes} == {(Level.EXPECTED, Level.DAY)}
    assert all("D01" in one.newly and not one.no_longer for one in alarms.changes)


def test_fewer_alarms_come_first_and_are_counted(db, alice, dana):
    a_report(db, alice, flags=["hives_widespread"], symptoms=[])
    a_version(db, dana, NARROWER, AFTER_IT)
    health_answers(db, alice)
    found = tried(db, dana, ('id = "U11"\nlevel = "urgent"', 'id = "U11"\nlevel = "day"'), (NARROWER[1], NARROWER[0]))
    assert "0 more urgent, 1 fewer" in found.in_words
    assert found.changes[0].before is Level.URGENT


def test_a_milder_table_is_said_to_raise_fewer(db, alice, bob, dana, at_home):
    a_version(db, dana, NARROWER, AFTER_IT)
    a_report(db, alice)
    found = tried(db, dana, (NARROWER[1], NARROWER[0]))
    assert "0 more alarms, 1 fewer" in found.in_words
    assert found.changes[0].no_longer == ("D01", "W01")


def test_an_alarm_less_stands_above_an_alarm_more_and_that_above_the_rest(alice):
    """Swelling that was watched raises; redness that raised is watched; crusts that were watched are not any more."""
    wanted = candidate(
        SHIPPED.replace(SWOLLEN, SWOLLEN.replace("usual = 1, highest = 2", "usual = 0, highest = 1"), 1)
        .replace(MARKED, MARKED.replace("highest = 2", "highest = 3"), 1)
        .replace(CRUSTED, CRUSTED.replace("usual = 2", "usual = 3"), 1)
    ).table
    told = [Facts(30.0, crusting=3), Facts(30.0, swelling=2), Facts(30.0, redness=3), Facts(30.0, crusting=3)]
    given = [
        Given(uuid4(), alice.id, clock.now(), 30.0, RUNNING.version, plain(facts, ()), asked=False) for facts in told
    ]
    found = trial(given, RUNNING, wanted)
    less, more, rest = (Level.DAY, Level.WATCH), (Level.WATCH, Level.DAY), (Level.WATCH, Level.EXPECTED)
    assert [(one.before, one.after) for one in found.changes] == [less, more, rest, rest]
    assert found.in_words == "Of 4 reports: 1 more alarm, 1 fewer; 0 more urgent, 0 fewer; 1 more watched, 3 fewer."


def test_only_the_last_ninety_days_count(db, alice):
    with clock.travelled(timedelta(days=-91)):
        a_report(db, alice)
    with clock.travelled(timedelta(days=-89)):
        a_report(db, alice)
    assert queries.tried(db, RUNNING).n == 1


def test_who_asked_for_a_person_keeps_one(db, alice, dana, at_home):
    a_version(db, dana, NARROWER, AFTER_IT)
    asked = a_report(db, alice, redness="faint")
    service.ask_for_person(db, alice, asked)
    found = tried(db, dana, (NARROWER[1], NARROWER[0]))
    assert asked.level is Level.DAY
    assert not found.changes
    stricter = tried(
        db,
        dana,
        ('id = "D15"\nlevel = "day"', 'id = "D15"\nlevel = "urgent"'),
        (
            'because = "You asked us to look at it soon"\nsource = ["caution"]',
            'because = "You asked us"\nsource = ["caution"]\nsay = "unsure"',
        ),
    )
    assert [(one.before, one.after) for one in stricter.changes] == [(Level.DAY, Level.URGENT)]


def test_reports_of_an_earlier_portal_are_judged_with_what_they_have_and_it_is_said(db, alice):
    old, odd = a_report(db, alice), an_urgent_report(db, alice)
    old.inputs = {name: value for name, value in old.inputs.items() if name not in ("note_words", "risks")}
    odd.inputs = {**odd.inputs, "redness": "very", "history": [{"shade": 3}]}
    db.flush()
    found = queries.tried(db, RUNNING)
    assert (found.n, found.incomplete, found.unreadable) == (1, 1, 1)


def test_reports_judged_by_an_earlier_version_are_counted(db, alice, dana):
    a_report(db, alice)
    assert queries.tried(db, RUNNING).older == 0
    a_version(db, dana, STRICTER)
    a_report(db, alice)
    assert queries.tried(db, RUNNING).older == 1


def test_a_dry_run_writes_nothing(db, alice, dana, at_home):
    report = a_report(db, alice)
    before = report.model_dump()
    tried(db, dana, STRICTER)
    db.flush()
    db.expire_all()
    assert db.get(SideEffectReport, report.id).model_dump() == before
