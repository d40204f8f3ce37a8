"""The placement of a report in words, and what is told where clients see no levels."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from portal.accounts.models import Person
from portal.escalations.queries import standing
from portal.kit import clock
from portal.kit.db import transaction
from portal.side_effects import telling
from portal.side_effects.models import SideEffectReport, TriageSetting
from portal.side_effects.rules import Level
from portal.side_effects.table import RUNNING
from tests.make_availability import a_week
from tests.make_checkins import ALL_WELL, a_minute, rows, treated
from tests.make_questionnaires import health_answers
from tests.make_side_effects import ORDINARY, a_report, a_session_done

NEW = "/side-effects/new"
WORD = {1: "faint", 2: "mild", 3: "marked", 4: "severe"}


def a_row(hours, **values):
    """A report as it is kept, of redness and the like by number."""
    words = {name: WORD[value] for name, value in values.items() if name in ("redness", "swelling", "crusting")}
    inputs = {"hours": hours, "redness": 0, "swelling": 0, "pain": 0, "itch": 0, "crusting": 0, **values}
    return SideEffectReport(answers=words, inputs=inputs, hours=hours, rules_version=RUNNING.version)


@pytest.mark.parametrize(
    "hours, values, words",
    [
        (30, {"redness": 2}, "Redness mild, 30 hours after your session: usual until hour 48."),
        (0.4, {"redness": 3}, "Redness marked, less than an hour after your session: usual until hour 12."),
        (1.2, {"redness": 1}, "Redness faint, 1 hour after your session: usual until day 5."),
        (60, {"redness": 2}, "Redness mild, 60 hours after your session: a little more than usual, still normal until"),
        (100, {"redness": 2}, "Redness mild, 4 days after your session: usual only until hour 48, so a person looks"),
        (1, {"redness": 4}, "Redness severe, 1 hour after your session: more than we expect."),
        (None, {"redness": 2}, "Redness mild, compared with the strictest time: usual only until hour 48"),
        (60, {"pustules": 1}, "One to four pimples, 60 hours after your session: a little more than usual"),
        (10, {"discharge": 1}, "Clear fluid, 10 hours after your session: usual until hour 72."),
    ],
)
def test_a_symptom_is_placed_on_its_band_in_words(hours, values, words):
    (line,) = telling.placing(a_row(hours, **values), RUNNING)
    assert line.startswith(words)


def test_every_symptom_is_placed_and_who_is_not_sure_is_not():
    row = a_row(30, redness=2, swelling=1)
    assert len(telling.placing(row, RUNNING)) == 2
    row.answers["swelling"] = "unsure"
    assert len(telling.placing(row, RUNNING)) == 1


def test_a_report_is_not_placed_by_another_table_than_it_was_judged_by():
    row = a_row(30, redness=2)
    row.rules_version = "clinic-7, not yet signed off by a clinician"
    assert telling.placing(row, RUNNING) == []
    row.rules_version = f"{RUNNING.version.partition(',')[0]}, signed off by a clinician"
    assert telling.placing(row, RUNNING)


def test_without_levels_all_that_is_not_urgent_reads_the_same():
    rows = {level: a_row(30) for level in Level}
    for level, row in rows.items():
        row.level = level
    told = {level: telling.answer(row, RUNNING, shows_level=False) for level, row in rows.items()}
    assert told[Level.EXPECTED] == told[Level.WATCH] == told[Level.DAY] == telling.FIXED
    assert told[Level.URGENT] == RUNNING.answers["urgent"]


@pytest.fixture
def without_levels(engine):
    with transaction(engine) as db:
        db.add(TriageSetting(shows_level=False))


def _told(browser, **said):
    here = browser.post(NEW, data={**ORDINARY, **said}).headers["location"]
    return browser.get(here).text


def test_the_answer_says_where_it_lies_and_what_to_come_back_for(alice_browser, engine, alice, bob):
    with transaction(engine) as db:
        health_answers(db, alice)
        a_session_done(db, alice, bob, hours_ago=30)
    page = _told(alice_browser)
    assert "Redness mild, 30 hours after your session: usual until hour 48." in page
    assert "Please report: marked redness, anything getting worse, pus." in page


def test_who_is_off_course_reads_that_people_were_told_and_by_when_they_answer(alice_browser):
    page = _told(alice_browser)
    assert "We will contact you within a day" in page
    assert "They have been told, and answer by" in page
    assert "This is urgent to me" not in page
    assert "They have been told. Do not wait for them." in " ".join(_told(alice_browser, flags="chest_pain").split())


NIGHT = datetime(2027, 3, 2, 23, 0, tzinfo=ZoneInfo("Europe/Berlin"))
FROM_NINE = "Our practitioners read it from 3 March 2027, 09:00"


@pytest.fixture
def at_night(engine, alice, bob, signed_in):
    """Alice at night, in a clinic that opens at nine."""
    with clock.travelled(NIGHT - clock.now()):
        with transaction(engine) as db:
            a_week(db, bob)
        yield signed_in(alice)


def test_at_night_nobody_is_said_to_have_been_told_until_the_client_asks(at_night):
    here = at_night.post(NEW, data=ORDINARY).headers["location"]
    page = at_night.get(here).text
    assert FROM_NINE in page
    assert "They have been told" not in page
    assert "say below that it is urgent to you, or call" in " ".join(page.split())
    page = at_night.post(f"{here}/urgent", follow_redirects=True).text
    assert "We have noted that this is urgent to you." in page
    assert "They have been told" in page
    assert FROM_NINE not in page


def test_what_is_urgent_at_night_was_told_at_once(at_night):
    assert "They have been told. Do not wait for them." in " ".join(_told(at_night, flags="chest_pain").split())


def test_where_nobody_works_nobody_is_said_to_have_been_told(alice_browser, engine, bob, erin):
    with transaction(engine) as db:
        for one in (bob, erin):
            db.get_one(Person, one.id).is_active = False
    page = _told(alice_browser, flags="chest_pain")
    assert "been told" not in page
    assert "We have told" not in page
    assert "Do not wait for them." in page


def test_all_clear_is_answered_as_such_and_nothing_is_promised(alice_browser, engine, alice, bob):
    with transaction(engine) as db:
        health_answers(db, alice)
    treated(engine, alice, bob, (6,), 7)
    a_minute(engine)
    here = alice_browser.post(f"/check-ins/{rows(engine, alice)[0].id}", data=ALL_WELL).headers["location"]
    page = alice_browser.get(here).text
    assert telling.GOOD_TO_HEAR.title in page
    assert "What you describe" not in page
    assert "by itself" not in f"{page}{_told(alice_browser)}"
    assert not [one for one in (telling.FIXED, *RUNNING.answers.values()) if "by itself" in f"{one}"]


def test_all_clear_that_a_person_has_to_look_at_is_answered_like_any_other():
    row = a_row(30)
    row.answers = {"all_clear": True}
    row.level, row.needs_person = Level.EXPECTED, True
    assert telling.answer(row, RUNNING, shows_level=True) != telling.GOOD_TO_HEAR
    row.level, row.needs_person = Level.WATCH, False
    assert telling.answer(row, RUNNING, shows_level=True) != telling.GOOD_TO_HEAR


def test_no_smaller_reason_stands_beside_a_greater_one(alice_browser, bob_browser, engine, alice, bob):
    with transaction(engine) as db:
        a_session_done(db, alice, bob, hours_ago=100)
    here = alice_browser.post(NEW, data=ORDINARY).headers["location"]
    page, lesser = alice_browser.get(here).text, "and still within the normal"
    assert "The redness is stronger than we expect" in page
    assert lesser not in page
    assert lesser in bob_browser.get(here).text


def test_nobody_else_learns_by_when_a_report_is_answered(db, alice, bob, charlie, dana):
    report = a_report(db, alice)
    assert standing(db, alice, report.id) == standing(db, bob, report.id) is not None
    assert standing(db, charlie, report.id) is standing(db, dana, report.id) is None


@pytest.mark.usefixtures("without_levels")
def test_without_levels_no_page_of_the_client_tells_one(alice_browser, bob_browser, engine, alice, bob):
    with transaction(engine) as db:
        a_session_done(db, alice, bob, hours_ago=100)
    here = alice_browser.post(NEW, data=ORDINARY).headers["location"]
    page = alice_browser.get(here).text
    assert telling.FIXED.title in page
    assert "This is urgent to me" in page
    for text in (page, alice_browser.get("/side-effects").text):
        assert "Within a day" not in text
        assert "stronger than we expect" not in text
        assert "usual only until" not in text
        assert "We are not an emergency service" in text
    assert "Within a day" in bob_browser.get(here).text


LEVELS = {
    Level.WATCH: {"redness": "mild"},
    Level.EXPECTED: {"redness": "faint", "trend": "better"},
    Level.DAY: {"redness": "severe"},
}


def _read(page, report):
    """What one reads of a report, without what differs because it is another one."""
    main = page.partition("<main")[2].partition("</main>")[0]
    words = " ".join(re.sub(r"<[^>]+>", " ", main.replace(str(report.id), "")).split())
    return words.partition("What you told us")[0].replace(report.title, "…")


@pytest.mark.usefixtures("without_levels")
def test_without_levels_every_answer_that_is_not_urgent_reads_the_same(alice_browser, engine, alice, bob):
    made = {}
    with transaction(engine) as db:
        health_answers(db, alice)
        a_session_done(db, alice, bob, hours_ago=60)
        for level, said in LEVELS.items():
            made[level] = a_report(db, alice, **said)
        assert [report.level for report in made.values()] == list(LEVELS)
    pages = {_read(alice_browser.get(f"/side-effects/{one.id}").text, one) for one in made.values()}
    assert len(pages) == 1, pages
    assert "answer by" not in pages.pop()
    for address in ("/side-effects", "/home"):
        page = alice_browser.get(address).text
        for words in ("We are looking after", "we are looking after it", "Earlier reports", "not yet seen"):
            assert words not in page
    listed = alice_browser.get("/side-effects").text
    places = [listed.index(f"/side-effects/{report.id}") for report in made.values()]
    assert places == sorted(places, reverse=True), "by time alone"


@pytest.mark.usefixtures("without_levels")
def test_without_levels_being_asked_again_tells_none(alice_browser, engine, alice):
    with transaction(engine) as db:
        a_report(db, alice, redness="severe")
    (row,) = rows(engine, alice)
    for address in ("/check-ins", f"/check-ins/{row.id}"):
        page = alice_browser.get(address).text
        assert "Follow-up" not in page
        assert "How is it now?" not in page
    with transaction(engine) as db:
        db.exec(select(TriageSetting)).one().shows_level = True
    assert "Follow-up" in alice_browser.get("/check-ins").text


@pytest.mark.usefixtures("without_levels")
def test_without_levels_who_asks_for_a_person_reads_that_they_were_told(alice_browser):
    here = alice_browser.post(NEW, data=ORDINARY).headers["location"]
    assert "They have been told" not in alice_browser.get(here).text
    page = alice_browser.post(f"{here}/urgent", follow_redirects=True).text
    assert "They have been told." in page
    assert "This is urgent to me" not in page


@pytest.mark.usefixtures("without_levels")
def test_without_levels_what_is_urgent_still_says_call_now(alice_browser):
    page = _told(alice_browser, flags="lip_or_face_swelling")
    assert "Call now" in page
    assert "adrenaline pen" in page
    assert 'href="tel:112"' in page
