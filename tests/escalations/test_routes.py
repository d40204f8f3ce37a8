"""The pages: what runs, the case with its clock, what was done, the clinic's limits."""

from datetime import timedelta
from uuid import uuid4

import pytest

from portal.escalations import queries, service
from portal.kit import clock
from portal.kit.db import transaction
from portal.side_effects import queries as reports
from portal.side_effects.rules import Level
from tests.make_escalations import a_case, an_action

LIMITS = {
    "urgent_next_minutes": "10",
    "urgent_all_minutes": "20",
    "urgent_due_minutes": "40",
    "urgent_act_hours": "1",
    "day_again_hours": "8, 2",
    "day_due_hours": "20",
    "day_act_hours": "6",
    "follow_up_days": "5",
}
DONE = {"kind": "advice", "text": "Told to use <b>lukewarm</b> water."}


@pytest.fixture
def report(engine, alice):
    with transaction(engine) as db:
        return a_case(db, alice)


@pytest.fixture
def here(report):
    return f"/side-effects/{report.id}"


def test_a_practitioner_sees_what_runs_who_was_told_and_who_is_next(bob_browser, report):
    page = bob_browser.get("/escalations").text
    for words in ("Alice Ash", "Bob Birch", "Erin Elm", "Call", "I have it", "Promised by"):
        assert words in page
    assert "Overdue" not in page


def test_what_is_overdue_says_so_in_words(bob_browser, engine, report):
    with transaction(engine) as db:
        queries.by_report(db, report.id).due_at = clock.now() - timedelta(minutes=1)
    assert "Overdue" in bob_browser.get("/escalations").text
    assert "Overdue" in bob_browser.get(f"/side-effects/{report.id}").text


def test_an_empty_list_says_why(bob_browser):
    assert "Nothing runs" in bob_browser.get("/escalations").text


def test_the_menu_counts_alarms_that_nobody_has(bob_browser, engine, alice, bob, report):
    def badge() -> str:
        link = bob_browser.get("/notices").text.partition('href="/escalations"')[2].partition("</a>")[0]
        return link.partition('class="count">')[2][:1]

    with transaction(engine) as db:
        a_case(db, alice, Level.EXPECTED)
        mine = a_case(db, alice, Level.DAY)
    assert badge() == "2"
    with transaction(engine) as db:
        service.take(db, bob, reports.report(db, bob, mine.id))
    assert badge() == "1"
    with transaction(engine) as db:
        an_action(db, bob, reports.report(db, bob, report.id))
    assert badge() == ""


def test_who_takes_it_is_shown_to_the_client_with_the_time(bob_browser, alice_browser, here):
    assert "Not yet seen" in alice_browser.get(here).text
    assert bob_browser.post(f"{here}/take").headers["location"].startswith(here)
    assert "Seen by Bob Birch at" in alice_browser.get(here).text
    page = bob_browser.get("/escalations").text
    assert "Bob Birch has it since" in page
    assert "it goes on to" in page


def test_who_let_it_lie_can_take_it_again(bob_browser, engine, bob, report, here):
    bob_browser.post(f"{here}/take")
    assert "I have it again" not in bob_browser.get(here).text
    with transaction(engine) as db:
        queries.by_report(db, report.id).acknowledged_at = None
    assert "I have it again" in bob_browser.get(here).text
    bob_browser.post(f"{here}/take")
    with transaction(engine, write=False) as db:
        assert queries.of_report(db, bob, report.id).seen_by == "Bob Birch"


def test_what_was_done_is_written_down_and_stands_on_the_case(bob_browser, alice_browser, here):
    assert bob_browser.post(f"{here}/close", data={"outcome": "resolved"}).status_code == 409
    assert bob_browser.post(f"{here}/actions", data=DONE).status_code == 303
    page = bob_browser.get(here).text
    assert "Advice given" in page
    assert "&lt;b&gt;lukewarm&lt;/b&gt;" in page
    assert "The clock has stopped" in page
    assert "lukewarm" not in alice_browser.get(here).text
    assert bob_browser.post(f"{here}/close", data={"outcome": "resolved"}).status_code == 303
    page = bob_browser.get(here).text
    assert "What did you do?" not in page
    assert bob_browser.post(f"{here}/actions", data=DONE).status_code == 409


@pytest.mark.parametrize(
    "wrong, sentence",
    [({"kind": "magic"}, "choose one"), ({"text": " "}, "fill this in"), ({"text": "x" * 4001}, "at most 4000")],
)
def test_a_mistake_comes_back_with_what_was_typed(bob_browser, here, wrong, sentence):
    page = bob_browser.post(f"{here}/actions", data={**DONE, **wrong})
    assert page.status_code == 422
    assert sentence in page.text
    if "text" not in wrong:
        assert "lukewarm" in page.text


def test_the_same_form_twice_is_one_action(bob_browser, engine, bob, report, here):
    for _ in range(2):
        assert bob_browser.post(f"{here}/actions", data={**DONE, "form_token": "once"}).status_code == 303
    with transaction(engine, write=False) as db:
        assert len(queries.of_report(db, bob, report.id).actions) == 1


def test_only_practitioners_come_here_and_nobody_learns_what_there_is(
    alice_browser, charlie_browser, dana_browser, bob_browser, visitor, here
):
    for browser in (alice_browser, charlie_browser, dana_browser):
        assert browser.get("/escalations").status_code == 403
        for verb in ("take", "actions"):
            assert browser.post(f"{here}/{verb}", data=DONE).status_code == 403
    assert visitor.get("/escalations").status_code == 303
    assert charlie_browser.get(here).status_code == 404
    for verb in ("take", "actions"):
        assert bob_browser.post(f"/side-effects/{uuid4()}/{verb}", data=DONE).status_code == 404


def test_the_client_reads_nothing_of_the_clock(alice_browser, here):
    page = alice_browser.get(here).text
    assert not [words for words in ("Erin Elm", "Promised by", "What was done", "Who has it") if words in page]


def test_an_admin_edits_the_limits(dana_browser, engine, bob, erin):
    page = dana_browser.get("/admin/escalation").text
    assert 'value="15"' in page
    assert "4, 12, 20" in page
    data = {**LIMITS, "duty": [str(erin.id), "", str(bob.id)], "day_outside_hours": "yes"}
    assert dana_browser.post("/admin/escalation", data=data).status_code == 303
    with transaction(engine, write=False) as db:
        row = queries.policy(db)
    assert row.duty == [str(erin.id), str(bob.id)]
    assert (row.urgent_next_minutes, row.day_again_hours, row.day_outside_hours) == (10, [2, 8], True)
    page = dana_browser.get("/admin/escalation").text
    first, second = page.split('name="duty"')[1:]
    assert f'value="{erin.id}" selected' in first
    assert f'value="{bob.id}" selected' in second


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"urgent_next_minutes": "0"}, "1 or more"),
        ({"urgent_all_minutes": "10"}, "later than the next person"),
        ({"urgent_due_minutes": "20"}, "later than everybody"),
        ({"urgent_due_minutes": "241"}, "240 or less"),
        ({"urgent_act_hours": "25"}, "24 or less"),
        ({"day_again_hours": ""}, "hours with commas"),
        ({"day_again_hours": "soon"}, "hours with commas"),
        ({"day_again_hours": "0, 4"}, "from 1 to 24"),
        ({"day_again_hours": "4, 25"}, "from 1 to 24"),
        ({"day_again_hours": "4"}, "at least 2 times"),
        ({"day_again_hours": "1,2,3,4,5"}, "at most 4"),
        ({"day_due_hours": ""}, "fill this in"),
        ({"day_due_hours": "25"}, "24 or less"),
        ({"day_due_hours": "7"}, "not be earlier than the last time"),
        ({"follow_up_days": "8"}, "7 or less"),
        ({"duty": ["nobody"]}, "choose one"),
        ({"duty": [str(uuid4())]}, "practitioners who work here"),
    ],
)
def test_nonsense_is_refused_and_what_runs_stays(dana_browser, engine, wrong, sentence):
    page = dana_browser.post("/admin/escalation", data={**LIMITS, **wrong})
    assert page.status_code == 422
    assert sentence in page.text
    with transaction(engine, write=False) as db:
        assert queries.policy(db).urgent_next_minutes == 15


def test_nobody_is_asked_first_twice(dana_browser, bob):
    page = dana_browser.post("/admin/escalation", data={**LIMITS, "duty": [str(bob.id), str(bob.id)]})
    assert page.status_code == 422
    assert "each person once" in page.text


def test_the_load_stands_on_both_pages_without_a_name(bob_browser, dana_browser, report):
    assert "Alarm load" in bob_browser.get("/escalations").text
    page = dana_browser.get("/admin/escalation").text
    assert "0 of 1, 1 still in time" in page
    assert "Alice" not in page


def test_every_look_at_the_list_is_recorded(bob_browser, dana_browser, report):
    bob_browser.get("/escalations")
    assert "escalations.seen" in dana_browser.get("/admin/audit").text
