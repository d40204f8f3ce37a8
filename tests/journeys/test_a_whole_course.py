"""A course from the client's side, with scripts and without: consent, holds, moves, the list, the calendar."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.papers import signs_consent

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
each_way = pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])


@each_way
def test_a_withdrawn_consent_puts_the_course_on_hold_until_it_is_signed_again(
    site: Site, visit: Visit, *, scripts: bool
) -> None:
    page = visit("client4", width=390, scripts=scripts)
    page.goto("/consents")
    page.locator("details.taking summary").first.click()
    page.get_by_role("button", name="Withdraw this consent").first.click()
    page.goto("/course/sessions")
    expect(page.get_by_text("On hold")).to_have_count(6)
    page.get_by_role("link", name=re.compile("10:00|[0-9]{2}:[0-9]{2}")).first.click()
    expect(page.get_by_text("You have withdrawn your consent to this treatment.")).to_be_visible()
    signs_consent(site, page, "Sofie Lang")
    page.goto("/course/sessions")
    expect(page.get_by_text("On hold")).to_have_count(0)


@each_way
def test_a_session_moves_with_the_ones_after_it(visit: Visit, *, scripts: bool) -> None:
    page = visit("client4", scripts=scripts)
    page.goto("/course/sessions")
    before = page.locator(".course-line a").all_inner_texts()
    page.locator(".course-line a").nth(2).click()
    page.get_by_role("link", name="Move", exact=True).click()
    page.get_by_role("link", name=re.compile("This and the 3 sessions after it")).click()
    day = page.locator("details.slots-day").nth(2 if scripts else 1)  # not where it is already
    day.locator("summary").click()
    day.locator("label.slot").first.click()
    page.get_by_label("Why do you move it?").fill("A journey")
    page.get_by_role("button", name="Move to this time").click()
    expect(page.get_by_text(re.compile("moved")).first).to_be_visible()
    page.goto("/course/sessions")
    after = page.locator(".course-line a").all_inner_texts()
    assert after[:2] == before[:2]
    assert all(now != then for now, then in zip(after[2:], before[2:], strict=True))
    expect(page.get_by_text("On hold")).to_have_count(0)


@each_way
def test_the_waiting_list_is_left_and_joined_again(visit: Visit, *, scripts: bool) -> None:
    page = visit("client4", width=390, scripts=scripts)
    page.goto("/waiting")
    page.get_by_role("button", name="Leave the list").click()
    page.goto("/appointments/new?treatment=scalp-micro-needling")
    page.get_by_role("link", name="Put me on the waiting list").click()
    page.get_by_role("main").locator("form button[type=submit]").last.click()
    page.goto("/waiting")
    expect(page.get_by_role("button", name="Leave the list")).to_be_visible()


def test_a_secret_address_shows_the_course_in_a_calendar_and_says_nothing_more(site: Site, visit: Visit) -> None:
    page = visit("client4", scripts=False)
    page.goto("/calendar")
    page.get_by_role("button", name="Make my address").click()
    address = re.findall(r"/calendar/[\w-]+\.ics", page.content())[0]
    stranger = visit(scripts=False)
    feed = stranger.request.get(site.url + address).text()
    assert feed.count("BEGIN:VEVENT") >= 6
    assert set(re.findall(r"SUMMARY:(.*)\r", feed)) == {"Appointment"}
    assert "needling" not in feed.lower()
    page.goto("/calendar")
    page.get_by_role("button", name="Switch it off").click()
    assert stranger.request.get(site.url + address).status == 404


def test_two_practitioners_decide_in_spite_of_the_gate(visit: Visit) -> None:
    """Clara's next session is on hold because of what she reported."""
    petra, marek = visit("practitioner", scripts=False), visit("practitioner2")
    petra.goto("/queue")
    petra.get_by_role("link", name=re.compile("A session is on hold")).first.click()
    petra.get_by_text("Decide in spite of it").click()
    petra.get_by_label("A clinical one").check()
    petra.get_by_label("Why?").fill("Seen by video: mild and fading.")
    petra.get_by_role("button", name="Sign this decision").click()
    expect(petra.get_by_text("A second practitioner has not countersigned it yet.").first).to_be_visible()
    marek.goto(petra.url)
    marek.get_by_role("button", name="Countersign").first.click()
    expect(marek.get_by_text("You have countersigned.")).to_be_visible()
    expect(marek.get_by_text("This appointment is on hold")).to_have_count(0)
    marek.get_by_role("link", name="Move", exact=True).click()
    expect(marek.get_by_text("cannot be booked")).to_be_visible()
