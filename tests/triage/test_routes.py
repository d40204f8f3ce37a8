"""The pages of the table: an admin edits, tries and publishes; a practitioner signs; nothing typed is lost."""

from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from sqlmodel import select

from portal.kit import clock
from portal.kit.db import transaction
from portal.side_effects import running
from portal.side_effects.models import TriageTable
from portal.side_effects.table import RUNNING, SHIPPED
from portal.timeline import queries as timeline
from portal.triage import queries, service
from tests.make_questionnaires import health_answers
from tests.make_side_effects import a_report, a_session_done, an_urgent_report
from tests.make_triage import STRICTER, a_draft, a_version


@pytest.fixture
def reported(engine, alice, bob):
    """Two reports of mild redness on the second day."""
    with transaction(engine) as db:
        health_answers(db, alice)
        a_session_done(db, alice, bob, hours_ago=30)
        return [a_report(db, alice).id for _ in range(2)]


def page(browser, path, status=200):
    answer = browser.get(path)
    assert answer.status_code == status
    return unescape(answer.text)


def rows_of(symptom, **changes):
    fields = {}
    for number, row in enumerate(RUNNING.bands[symptom].rows, 1):
        fields |= {f"until-{number}": f"{row.until:g}", f"usual-{number}": row.usual, f"highest-{number}": row.highest}
    return {**fields, **{name.replace("_", "-"): value for name, value in changes.items()}}


def mark(engine):
    with transaction(engine, write=False) as db:
        return queries.prepared(db).mark


def in_force(engine):
    with transaction(engine, write=False) as db:
        return running.table(db)


def test_an_admin_edits_a_band_and_a_threshold_tries_them_and_publishes(engine, dana_browser, bob_browser, reported):
    assert dana_browser.post("/triage/edit/bands/redness", data=rows_of("redness", usual_3=1)).status_code == 303
    assert (
        dana_browser.post("/triage/edit/rules/D03", data={"level": "day", **numbers("24", "2", "2", "5")}).status_code
        == 303
    )
    tried = page(dana_browser, "/triage/dry-run")
    assert "Of 2 reports: 0 more alarms, 0 fewer; 0 more urgent, 0 fewer; 2 more watched, 0 fewer." in tried
    assert "Newly W01" not in tried
    assert "hours after a session" not in tried
    assert "usual = 1, highest = 2" in tried
    assert "Alice" not in tried
    assert str(reported[0]) not in tried
    seen = page(bob_browser, "/triage/dry-run")
    assert str(reported[0]) in seen
    assert "Newly W01" in seen
    answer = dana_browser.post("/triage/dry-run", data={"mark": mark(engine), "why": "We saw two late courses."})
    assert answer.status_code == 303
    assert in_force(engine).bands["redness"].rows[2].usual == 1
    shown = page(dana_browser, "/triage")
    assert "clinic-1 of" in shown
    assert "We saw two late courses." in shown
    assert "Nobody has signed this version" in shown


def numbers(*values):
    return {f"number-{place}": value for place, value in enumerate(values, 1)}


def test_nothing_is_published_without_a_reason_or_for_another_text(engine, dana_browser, dana):
    with transaction(engine) as db:
        a_draft(db, dana, STRICTER)
    silent = dana_browser.post("/triage/dry-run", data={"mark": mark(engine), "why": " "})
    assert silent.status_code == 422
    assert "Please fill this in." in silent.text
    other = dana_browser.post("/triage/dry-run", data={"mark": "0" * 64, "why": "my reason"})
    assert other.status_code == 422
    assert "since this dry run" in other.text
    assert "my reason" in other.text
    assert in_force(engine) is RUNNING


def test_a_wrong_band_comes_back_as_typed_with_the_reason_beside_it(engine, dana_browser):
    answer = dana_browser.post("/triage/edit/bands/redness", data=rows_of("redness", highest_7="1", usual_1="emoji 🙂"))
    text = unescape(answer.text)
    assert answer.status_code == 422
    assert 'value="emoji 🙂"' in text
    assert 'id="e-usual-1"' in text
    beyond = unescape(dana_browser.post("/triage/edit/bands/redness", data=rows_of("redness", highest_7="1")).text)
    assert 'id="e-highest-7"' in beyond
    assert "must lie between 0 and 0" in beyond
    assert "line 45, band redness, row 7" in beyond
    assert in_force(engine) is RUNNING


@pytest.mark.parametrize("typed", ["", "nan", "-1", "1e3", "99999", "²", "∞", "2;3", "\0", "0x10", "🙂", "9" * 400])
def test_what_is_no_number_is_said_beside_its_field(dana_browser, typed):
    band = dana_browser.post("/triage/edit/bands/pain", data=rows_of("pain", until_1=typed))
    rule = dana_browser.post("/triage/edit/rules/D12", data={"level": "day", **numbers("2", typed, "48")})
    assert (band.status_code, rule.status_code) == (422, 422)
    assert 'id="e-until-1"' in band.text
    assert 'id="e-number-2"' in rule.text


def test_a_comma_is_a_point(engine, dana_browser):
    answer = dana_browser.post("/triage/edit/rules/D05", data={"level": "day", **numbers("37,5")})
    assert answer.status_code == 303
    assert "37.5" in page(dana_browser, "/triage/edit/rules/D05")


def test_a_rule_that_is_lowered_too_far_says_so_beside_its_level(dana_browser):
    answer = dana_browser.post("/triage/edit/rules/U08", data={"level": "day"})
    assert answer.status_code == 422
    assert 'id="e-level"' in answer.text
    assert "Its level must be urgent or above." in answer.text
    assert dana_browser.post("/triage/edit/rules/U08", data={"level": "soon"}).status_code == 422


def test_the_whole_text_is_kept_when_it_is_wrong(engine, dana_browser):
    wrong = SHIPPED.replace('id = "U08"', 'id = "X08"').replace("\n", "\r\n")
    answer = dana_browser.post("/triage/edit/text", data={"text": wrong, "mark": mark(engine)})
    assert answer.status_code == 422
    assert "rule U08: it must stay" in answer.text
    assert 'id = "X08"' in unescape(answer.text)
    assert 'value="' + mark(engine) in answer.text
    right = SHIPPED.replace(*STRICTER, 1).replace("\n", "\r\n")
    assert dana_browser.post("/triage/edit/text", data={"text": right, "mark": mark(engine)}).status_code == 303
    assert "usual = 1, highest = 2" in page(dana_browser, "/triage/edit")


@pytest.mark.parametrize("text", ["", "🙂", "\0", "x" * 120_000, "a = " + "[" * 20_000, "\ud800", "<script>"])
def test_whatever_is_posted_as_a_text_is_answered(engine, dana_browser, text):
    data = {"text": text.encode("utf-8", "surrogatepass"), "mark": mark(engine)}
    answer = dana_browser.post("/triage/edit/text", data=data)
    assert answer.status_code == 422
    assert "<script>" not in answer.text.partition("<textarea")[2]
    assert dana_browser.post("/triage/edit/text", data={"text": "x" * 600_000}).status_code == 413


def test_a_practitioner_reads_and_signs(engine, bob_browser, dana_browser, dana):
    assert "that came with the portal" in page(bob_browser, "/triage")
    with transaction(engine) as db:
        row = a_version(db, dana)
    asked = page(bob_browser, "/triage")
    assert "I have read every rule and band" in asked
    assert "Change it" not in asked
    assert f"/triage/versions/{row.id}/sign" not in page(dana_browser, "/triage")
    assert bob_browser.post(f"/triage/versions/{row.id}/sign").status_code == 303
    assert "Bob Birch signed clinic-1 of" in page(bob_browser, "/triage")
    assert bob_browser.post(f"/triage/versions/{row.id}/sign").status_code == 409


def test_who_signs_reads_each_sentence_that_is_new(engine, bob_browser, dana):
    calm = ('title = "Call now"', 'title = "Call soon"')
    with transaction(engine) as db:
        a_version(db, dana)
    assert "No sentence for clients differs" in page(bob_browser, "/triage")
    with transaction(engine) as db:
        a_version(db, dana, calm, ('"Fever"', '"A fever"'))
    asked = page(bob_browser, "/triage")
    assert "Answer “urgent”, title" in asked
    assert '<del class="small">Call now</del><ins class="small">Call soon</ins>' in asked
    assert '<ins class="small">A fever</ins>' in asked
    assert "Answer “day”, title" not in asked


def test_each_version_shows_what_changed_and_gives_its_text(engine, dana_browser, dana):
    with transaction(engine) as db:
        a_version(db, dana)
        row = a_version(db, dana, STRICTER, why="Late courses.")
    shown = page(dana_browser, f"/triage/versions/{row.id}")
    assert "Late courses." in shown
    assert "<del" in shown
    assert "usual = 1, highest = 2" in shown
    answer = dana_browser.get(f"/triage/versions/{row.id}/text")
    assert answer.text == row.text
    assert answer.headers["content-disposition"] == 'attachment; filename="triage-2.toml"'
    assert dana_browser.get(f"/triage/versions/{uuid4()}").status_code == 404


def test_a_version_that_cannot_be_used_is_said_loudly(engine, dana_browser, bob_browser, dana):
    with transaction(engine) as db:
        db.add(TriageTable(number=1, version="clinic-1", text=SHIPPED.replace('id = "U01"', 'id = "X"'), why="-"))
    for browser, path in ((dana_browser, "/triage"), (bob_browser, "/triage"), (dana_browser, "/admin")):
        assert "newest version cannot be used" in page(browser, path)
    assert "rule U01: it must stay" in page(dana_browser, "/triage")
    assert dana_browser.get("/triage/edit").status_code == 200


def test_the_setting_is_the_clinics(engine, dana_browser, bob_browser):
    assert "In some countries" in page(dana_browser, "/triage")
    dana_browser.post("/triage/setting", data={})
    assert "Clients see fixed advice only." in page(bob_browser, "/triage")
    with transaction(engine, write=False) as db:
        assert not running.shows_level(db)
    dana_browser.post("/triage/setting", data={"shows_level": "yes"})
    assert "Clients see the level and the reasons." in page(bob_browser, "/triage")


def test_the_clients_story_does_not_tell_the_level_where_the_clinic_hides_it(db, alice, bob, dana):
    an_urgent_report(db, alice)
    assert timeline.items(timeline.story(db, alice, alice.id))[0].tone == "alert"
    service.choose(db, dana, shows_level=False)
    assert timeline.items(timeline.story(db, alice, alice.id))[0].tone == "neutral"
    assert timeline.items(timeline.story(db, bob, alice.id))[0].tone == "alert"


def test_every_band_and_rule_has_its_page_with_the_limits_and_the_clinics_own_cases(dana_browser):
    for symptom in RUNNING.bands:
        shown = page(dana_browser, f"/triage/edit/bands/{symptom}")
        assert "Nobody can set “still normal” beyond these." in shown
        assert "None of your own uneventful courses spoke" in shown
    for rule in RUNNING.rules:
        assert rule.because in page(dana_browser, f"/triage/edit/rules/{rule.id}")
    assert dana_browser.get("/triage/edit/bands/mood").status_code == 404
    assert dana_browser.get("/triage/edit/rules/Z99").status_code == 404


def test_what_the_clinics_own_cases_say_stands_beside_the_row(engine, dana_browser, alice, bob):
    with transaction(engine) as db, clock.travelled(timedelta(days=-20)):
        health_answers(db, alice)
        a_session_done(db, alice, bob, hours_ago=30)
        a_report(db, alice)
    shown = page(dana_browser, "/triage/edit/bands/redness")
    assert "1 of your own uneventful courses spoke about these hours, 1 of them within: too few" in shown


def test_a_draft_can_be_thrown_away(engine, dana_browser, dana):
    with transaction(engine) as db:
        a_draft(db, dana, STRICTER)
    assert "Throw the draft away" in page(dana_browser, "/triage/edit")
    assert dana_browser.post("/triage/edit/discard").status_code == 303
    assert "Nothing is changed yet" in page(dana_browser, "/triage/edit")
    with transaction(engine, write=False) as db:
        assert db.exec(select(TriageTable)).first() is None


def test_who_looks_from_the_dry_run_at_reports_is_recorded(engine, bob_browser, dana, alice, reported):
    with transaction(engine) as db:
        a_draft(db, dana, STRICTER)
    page(bob_browser, "/triage/dry-run")
    with transaction(engine, write=False) as db:
        from_audit = db.connection().exec_driver_sql("SELECT count(*) FROM audit_entry WHERE action = 'triage.tried'")
        assert from_audit.scalar() == 2
