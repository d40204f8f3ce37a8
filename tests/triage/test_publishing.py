"""From a draft to a version: tried, published once, signed once; versions never change."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import NotFound, Refused
from portal.notifications.models import Notice
from portal.side_effects import running
from portal.side_effects.learning import ENOUGH
from portal.side_effects.models import TriageTable
from portal.side_effects.rules import Level
from portal.side_effects.table import RUNNING, SHIPPED
from portal.triage import queries, service
from portal.triage.models import TriageDraft
from portal.triage.patching import Numbers
from tests.make_questionnaires import health_answers
from tests.make_side_effects import a_report, a_session_done
from tests.make_triage import STRICTER, a_draft, a_version


def rows_of(symptom, **changes):
    rows = [Numbers(f"{row.until:g}", str(row.usual), str(row.highest)) for row in RUNNING.bands[symptom].rows]
    return [row._replace(**changes) if number == 2 else row for number, row in enumerate(rows)]


def test_a_band_and_a_rule_are_edited_by_their_fields(db, dana):
    assert not service.keep_band(db, dana, "redness", rows_of("redness", usual="1"))
    assert not service.keep_rule(db, dana, "D08", Level.DAY, ["40"])
    drafted = queries.prepared(db).candidate.table
    assert drafted.bands["redness"].rows[2].usual == 1
    assert next(rule for rule in drafted.rules if rule.id == "D08").all[1] == "hours >= 40"
    assert running.table(db) is RUNNING


def test_what_is_published_is_what_was_tried(db, dana):
    tried = a_draft(db, dana, STRICTER)
    service.keep_band(
        db, dana, "itch", [row._replace(usual="2") if row.usual == "3" else row for row in rows_of("itch")]
    )
    with pytest.raises(Refused, match="since this dry run"):
        service.publish(db, dana, tried.mark, "why")
    made = service.publish(db, dana, queries.prepared(db).mark, "why")
    assert made.number == 1
    assert db.exec(select(TriageDraft)).first() is None


def test_versions_are_numbered_dated_and_say_on_which_they_are_based(db, dana):
    first, second = a_version(db, dana), a_version(db, dana, STRICTER, why="Dr Elm wants to see them.")
    today = clock.today("Europe/Berlin")
    assert [row.version for row in queries.versions(db)] == [f"clinic-2 of {today}", f"clinic-1 of {today}"]
    assert (second.based_on_id, second.why, second.published_by_id) == (first.id, "Dr Elm wants to see them.", dana.id)
    assert f'version = "{second.version}"' in second.text
    assert queries.before(db, first) == SHIPPED
    assert queries.before(db, second) == first.text


def test_a_version_that_says_the_same_is_not_published(db, dana):
    a_version(db, dana)
    with pytest.raises(Refused, match="Nothing was changed"):
        a_version(db, dana)


def test_a_draft_that_newer_checks_refuse_is_not_published(db, dana):
    db.add(TriageDraft(text=SHIPPED.replace('id = "U01"', 'id = "X01"')))
    db.flush()
    with pytest.raises(Refused, match="rule U01: it must stay"):
        service.publish(db, dana, queries.prepared(db).mark, "why")


def test_two_admins_publish_at_once_and_one_is_refused(engine, dana, erin):
    with transaction(engine) as db:
        mark = a_draft(db, dana, STRICTER).mark

    def publish(admin):
        try:
            with transaction(engine) as db:
                return service.publish(db, admin, mark, "why").number
        except Refused:
            return None

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(publish, [dana, erin, dana, erin]))
    assert sorted(found, key=str) == [1, None, None, None]
    with transaction(engine, write=False) as db:
        assert len(db.exec(select(TriageTable)).all()) == 1


def test_two_admins_type_at_once_and_neither_is_lost_unseen(db, dana, erin):
    seen = queries.prepared(db).mark
    a_draft(db, dana, STRICTER)
    other = SHIPPED.replace('title = "Call now"', 'title = "Please call now"')
    (problem,) = service.keep_text(db, erin, other, seen)
    assert problem == service.CHANGED
    assert STRICTER[1] in queries.prepared(db).text
    assert not service.keep_text(db, erin, other, queries.prepared(db).mark)
    assert "Please call now" in queries.prepared(db).text


def test_a_draft_is_thrown_away_and_the_table_in_force_stays(db, dana):
    a_draft(db, dana, STRICTER)
    service.discard(db, dana)
    service.discard(db, dana)
    db.flush()
    assert queries.prepared(db).draft is None
    assert running.table(db) is RUNNING


def test_a_practitioner_signs_this_version_once(db, bob, erin, dana):
    row = a_version(db, dana)
    service.sign(db, bob, row.id)
    assert row.signed_by_id == bob.id
    assert running.table(db).version.endswith(", signed off by a clinician")
    with pytest.raises(Refused, match="signed already"):
        service.sign(db, erin, row.id)
    assert row.signed_by_id == bob.id


def test_a_new_publication_is_unsigned_again_and_the_old_one_cannot_be_signed_any_more(db, bob, dana):
    first = a_version(db, dana)
    second = a_version(db, dana, STRICTER)
    assert running.table(db).version.endswith("not yet signed off by a clinician")
    with pytest.raises(Refused, match="not in force"):
        service.sign(db, bob, first.id)
    service.sign(db, bob, second.id)
    with pytest.raises(NotFound):
        service.sign(db, bob, dana.id)


def test_a_version_that_judges_nothing_cannot_be_signed(db, bob, dana):
    row = a_version(db, dana)
    broken = TriageTable(number=2, version="clinic-2", text=row.text.replace('id = "U01"', 'id = "X01"'), why="-")
    db.add(broken)
    db.flush()
    with pytest.raises(Refused, match="not in force"):
        service.sign(db, bob, broken.id)


def test_every_step_is_in_the_audit_and_practitioners_are_told(db, bob, dana):
    row = a_version(db, dana, STRICTER)
    service.sign(db, bob, row.id)
    service.choose(db, dana, shows_level=False)
    service.choose(db, dana, shows_level=False)
    db.flush()
    actions = [entry.action for entry in db.exec(select(AuditEntry)) if entry.action.startswith("triage.")]
    assert sorted(actions) == ["triage.edited", "triage.level_hidden", "triage.published", "triage.signed"]
    (notice,) = db.exec(select(Notice).where(Notice.person_id == bob.id)).all()
    assert notice.href == "/triage"


def test_the_clinics_own_closed_courses_say_what_they_would(db, alice, bob):
    health_answers(db, alice)
    for back in reversed(range(ENOUGH)):
        with clock.travelled(timedelta(days=-20 - 3 * back)):
            a_session_done(db, alice, bob, hours_ago=30)
            a_report(db, alice, redness="faint")
    row = queries.learned(db, RUNNING)["redness"][2]
    assert (row.start, row.n, row.highest) == (24, ENOUGH, 1)
    with clock.travelled(timedelta(days=-1)):
        a_session_done(db, alice, bob, hours_ago=30)
        a_report(db, alice)
    assert queries.learned(db, RUNNING)["redness"][2].n == ENOUGH, "a course that is not over teaches nothing yet"
