"""The pages: answering, the list, settling silence, the limits; each for whom it is."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from portal.checkins import queries, service
from portal.checkins.forms import PolicyForm
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.forms import checked
from portal.side_effects import queries as reports
from portal.side_effects import service as side_effects
from portal.side_effects.forms import CloseForm
from portal.worklist import queries as worklist
from portal.worklist.rules import Kind
from tests.make_checkins import a_minute, live, rows, treated, unmarked
from tests.make_escalations import an_action
from tests.make_side_effects import a_report

CLEAR = {"flags_answer": "none", "feeling": "nothing"}
LIMITS = {
    "quiet_from": "22:00",
    "quiet_until": "07:30",
    "missed_after_hours": "12",
    "answer_hours": "3",
    "follow_up_hours": "12",
}
WAKING = {"quiet_from": "08:00", "quiet_until": "08:00", "missed_after_hours": "24", "follow_up_hours": "24"}
EMERGENCY = "We are not an emergency service"


@pytest.fixture
def noon():
    """Not long ago, so that who is signed in stays so."""
    today = clock.now().astimezone(ZoneInfo("Europe/Berlin"))
    return today.replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=4)


@pytest.fixture
def asked(engine, alice, bob, dana, after, healthy):
    """Addresses of the questions after 6, 24 and 72 hours, in a clinic that reminds at night, too."""
    with after(0):
        with transaction(engine) as db:
            service.edit_policy(db, dana, checked(PolicyForm, **{**LIMITS, **WAKING}).value)
        treated(engine, alice, bob)
        a_minute(engine)
    return [f"/check-ins/{row.id}" for row in rows(engine, alice)]


def reports_of(engine, client):
    with transaction(engine, write=False) as db:
        return reports.reports(db, client, client.id)


def test_all_is_well_takes_three_taps_and_is_answered_at_once(alice_browser, engine, alice, after, asked):
    with after(6):
        page = alice_browser.get(asked[0]).text
        assert "Is there anything to see or feel?" in page
        assert EMERGENCY in page
        sent = alice_browser.post(asked[0], data=CLEAR)
        assert sent.status_code == 303
        answer = alice_browser.get(sent.headers["location"]).text
        assert "All well" in answer
        (report,) = reports_of(engine, alice)
        assert sent.headers["location"] == f"/side-effects/{report.id}"
        assert "Thank you, we have your answer" in alice_browser.get(asked[0]).text


def test_every_scale_begins_at_none(alice_browser, after, asked):
    with after(6):
        page = alice_browser.get(asked[0]).text
    for name in ("redness", "swelling", "pain", "itch", "crusting"):
        assert re.search(rf'name="{name}" value="none" checked', page)
    assert "novalidate" in page, "what is hidden must not stop the form"


def test_what_the_former_report_named_is_asked_by_name(alice_browser, engine, alice, after, asked):
    with after(8), transaction(engine) as db:
        a_report(db, alice, symptoms=["redness", "rash"], redness="mild", rash=["pustules_few"])
    with after(24):
        page = alice_browser.get(asked[1]).text
        assert "Redness was mild yesterday. How is it now?" in page
        assert "You told us of pimples, welts or a rash yesterday. Is it still there?" in page
        assert "Is there anything else to see or feel?" in page
        assert not re.search('name="redness" value="none" checked', page), "what is asked by name has to be answered"
        missing = alice_browser.post(asked[1], data={**CLEAR, "asked": ["redness", "rash"]})
        assert missing.status_code == 422
        assert "Please say how strong the redness is" in missing.text
        said = {"asked": ["redness", "rash"], "redness": "none", "rash_now": "gone"}
        assert alice_browser.post(asked[1], data={**CLEAR, **said}).status_code == 303
    assert reports_of(engine, alice)[0].title == "All well"


def test_a_mistake_comes_back_with_what_was_said_and_saves_nothing(alice_browser, engine, alice, after, asked):
    with after(6):
        page = alice_browser.post(asked[0], data={**CLEAR, "redness": "marked", "note": "since <b>noon</b>"})
    assert page.status_code == 422
    assert "You chose “nothing”, and below there is something" in page.text
    assert re.search('name="redness" value="marked" checked', page.text)
    assert "since &lt;b&gt;noon&lt;/b&gt;" in page.text
    assert reports_of(engine, alice) == []


def test_an_empty_answer_is_asked_for(alice_browser, after, asked):
    with after(6):
        page = alice_browser.post(asked[0], data={})
    assert page.status_code == 422
    assert "Please choose one of the two." in page.text


def test_a_red_flag_is_answered_before_anything_else(alice_browser, after, asked):
    with after(6):
        sent = alice_browser.post(asked[0], data={"flags": "lip_or_face_swelling"})
        assert sent.status_code == 303
        assert 'href="tel:112"' in alice_browser.get(sent.headers["location"]).text


def test_the_same_form_posted_twice_is_one_report(alice_browser, engine, alice, after, asked):
    with after(6):
        token = re.search('name="form_token" value="([^"]+)"', alice_browser.get(asked[0]).text)
        data = {**CLEAR, "note": "Fine.", "form_token": token[1]}
        first, second = (alice_browser.post(asked[0], data=data).headers["location"] for _ in range(2))
    assert first == second
    assert len(reports_of(engine, alice)) == 1


def test_two_pages_with_the_same_answer_are_one_report(alice_browser, engine, alice, after, asked):
    with after(6):
        first, second = (alice_browser.post(asked[0], data=CLEAR).headers["location"] for _ in range(2))
    assert first == second
    assert len(reports_of(engine, alice)) == 1


@pytest.mark.parametrize("hours, words", [(1, "Not yet"), (25, "How is your scalp?")])
def test_before_its_time_it_says_when(alice_browser, after, asked, hours, words):
    with after(hours):
        page = alice_browser.get(asked[1]).text
    assert words in page
    assert "Tell us how it is" in page or "Is there anything to see or feel?" in page


def test_a_question_about_a_report_that_was_closed_is_over_and_an_answer_is_kept(
    alice_browser, engine, alice, bob, after, asked
):
    with after(30), transaction(engine) as db:
        report = a_report(db, alice, symptoms=["discharge"], discharge=["pus"])
        assert report.is_open
    (follow_up,) = [f"/check-ins/{row.id}" for row in rows(engine, alice) if row.is_follow_up]
    with after(54):
        page = alice_browser.get(follow_up).text
        assert "How is it now?" in page
        assert report.title in page
        with transaction(engine) as db:
            entry = reports.report(db, bob, report.id)
            an_action(db, bob, entry)
            side_effects.close(db, bob, entry, checked(CloseForm, outcome="resolved").value)
        assert "The report it was about is closed." in alice_browser.get(follow_up).text
        sent = alice_browser.post(follow_up, data=CLEAR)
        assert sent.status_code == 303
    assert len(reports_of(engine, alice)) == 2


def test_what_is_due_stands_on_home_and_beside_the_reports(alice_browser, after, asked):
    with after(1):
        assert asked[0] not in alice_browser.get("/home").text
        assert asked[0] not in alice_browser.get("/side-effects").text
    with after(7):
        assert f'href="{asked[0]}"' in alice_browser.get("/home").text
        assert f'href="{asked[0]}"' in alice_browser.get("/side-effects").text
        alice_browser.post(asked[0], data=CLEAR)
        assert asked[0] not in alice_browser.get("/side-effects").text


def test_the_list_says_what_became_of_each(alice_browser, engine, noon, after, asked):
    live(engine, noon, 24.5)
    with after(25):
        page = alice_browser.get("/check-ins").text
        assert EMERGENCY in page
        found = re.findall("6-hour check-in|24-hour check-in|72-hour check-in|Not answered yet|Due|To come", page)
        assert found == [
            *("6-hour check-in", "Not answered yet"),
            *("24-hour check-in", "Due"),
            *("72-hour check-in", "To come"),
        ]
        alice_browser.post(asked[1], data=CLEAR)
        page = alice_browser.get("/check-ins").text
        assert page.count("Answered late") == 1


def test_whether_levels_are_shown_is_asked_once_for_a_page(alice_browser, engine, after, asked):
    seen = []

    def note(*what):
        seen.append(what[2])

    with after(25):
        sa.event.listen(engine, "before_cursor_execute", note)
        page = alice_browser.get("/check-ins").text
        sa.event.remove(engine, "before_cursor_execute", note)
    assert page.count("-hour check-in") >= len(asked)
    assert len([one for one in seen if "triage_setting" in one]) == 1


def test_a_newcomers_list_says_what_will_be(charlie_browser):
    assert "The first one comes some hours after a session" in charlie_browser.get("/check-ins").text


def test_it_is_nobody_elses(alice_browser, charlie_browser, bob_browser, dana_browser, visitor, after, asked):
    with after(6):
        assert charlie_browser.get(asked[0]).status_code == 404
        assert charlie_browser.post(asked[0], data=CLEAR).status_code == 404
        assert bob_browser.post(asked[0], data=CLEAR).status_code == 403
        assert dana_browser.get(asked[0]).status_code == 403
        assert visitor.get(asked[0]).status_code == 303
        assert alice_browser.get(f"{asked[0]}/missed").status_code == 403
        assert alice_browser.get("/check-ins/00000000-0000-0000-0000-000000000001").status_code == 404


def test_silence_is_settled_from_the_queue(alice_browser, bob_browser, engine, alice, bob, noon, after, asked):
    live(engine, noon, 24.5)
    with after(25):
        queue = bob_browser.get("/queue").text
        assert "Has not answered the 6-hour check-in" in queue
        page = bob_browser.get(f"{asked[0]}/missed").text
        assert "Alice Ash has not answered" in page
        wrong = bob_browser.post(f"{asked[0]}/settle", data={"did": "nothing"})
        assert wrong.status_code == 422
        assert "Please say why nothing is needed." in wrong.text
        done = bob_browser.post(f"{asked[0]}/settle", data={"did": "called", "note": "All is well."})
        assert done.headers["location"] == "/queue"
        assert "Has not answered" not in bob_browser.get("/queue").text
        assert "All is well." in bob_browser.get(f"{asked[0]}/missed").text
        assert bob_browser.post(f"{asked[0]}/settle", data={"did": "wrote"}).status_code == 409
        assert "This is settled" in alice_browser.get(asked[0]).text
        assert "All is well." not in alice_browser.get(asked[0]).text, "a note for the team"


def test_a_queue_that_may_be_longer_says_so(bob_browser, engine, noon, after, asked, monkeypatch):
    live(engine, noon, 24.5)
    with after(25):
        assert " or more" not in bob_browser.get("/queue").text
        monkeypatch.setitem(worklist.MOST, Kind.SILENT, 1)
        assert "1 or more</span>" in bob_browser.get("/queue").text


def test_who_was_not_there_need_not_answer(alice_browser, bob_browser, engine, alice, bob, dana, after, noon):
    words = "If your session did not take place, you need not answer."
    with after(0):
        visit = unmarked(engine, treated(engine, alice, bob, hours=(6, 24)))
        a_minute(engine)
    first = f"/check-ins/{rows(engine, alice)[0].id}"
    live(engine, noon, 25)
    with after(26):
        assert words in alice_browser.get(first).text
        assert f'href="/appointments/{visit}"' in bob_browser.get(f"{first}/missed").text
        assert bob_browser.post(f"/appointments/{visit}/no-show").status_code == 303
        page = alice_browser.get(first).text
        assert "It belonged to a session that did not take place." in page
        assert "Is there anything to see or feel?" not in page
        assert first not in alice_browser.get("/side-effects").text
        assert "Has not answered" not in bob_browser.get("/queue").text


def test_nobody_is_told_so_of_a_session_that_was_attended(alice_browser, after, asked):
    with after(7):
        assert "you need not answer" not in alice_browser.get(asked[0]).text


def test_a_practitioner_sees_them_on_the_clients_page(bob_browser, alice, engine, noon, after, asked):
    live(engine, noon, 24.5)
    with after(25):
        page = bob_browser.get(f"/clients/{alice.id}").text
    assert f'<a href="{asked[0]}/missed">missed</a>' in page
    assert "due, not answered yet" in page


def test_an_admin_sets_the_limits(dana_browser, engine):
    page = dana_browser.get("/admin/check-ins").text
    assert 'value="21:00"' in page
    assert 'value="24"' in page
    assert dana_browser.post("/admin/check-ins", data=LIMITS).status_code == 303
    with transaction(engine, write=False) as db:
        kept = queries.policy(db)
    assert (f"{kept.quiet_until:%H:%M}", kept.missed_after_hours, kept.follow_up_hours) == ("07:30", 12, 12)
    wrong = dana_browser.post("/admin/check-ins", data={**LIMITS, "answer_hours": "99"})
    assert wrong.status_code == 422
    assert 'value="99"' in wrong.text


def test_limits_are_for_admins(alice_browser, bob_browser):
    assert alice_browser.get("/admin/check-ins").status_code == 403
    assert bob_browser.post("/admin/check-ins", data=LIMITS).status_code == 403
