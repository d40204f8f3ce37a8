"""Somebody forgot their password, and somebody else follows an old link."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal.kit import clock
from tests.journeys.conftest import Site, sign_in

pytestmark = pytest.mark.browser
ADDRESS, NEW = "practitioner2@example.test", "seven-quiet-herons-wade"
Visit = Callable[..., Page]


def test_a_forgotten_password_is_replaced(site: Site, visit: Visit) -> None:
    elsewhere, page = visit("practitioner2"), visit()
    _ask(page)
    page.goto(site.link_to(ADDRESS))
    page.get_by_label("Your password").fill("short")
    page.get_by_role("button", name="Set my password").click()
    expect(page.get_by_text("Please use at least 12 characters").first).to_be_visible()
    page.get_by_label("Your password").fill(NEW)
    page.get_by_role("button", name="Set my password").click()
    expect(page.get_by_text("Your new password is set")).to_be_visible()
    sign_in(page, ADDRESS, NEW)
    expect(page.get_by_role("heading", name="What waits for you")).to_be_visible()
    elsewhere.goto("/queue")
    assert "/sign-in" in elsewhere.url, "every other device is signed out"


def test_an_old_link_offers_a_new_one(site: Site, visit: Visit) -> None:
    page = visit()
    _ask(page)
    link = site.link_to(ADDRESS)
    site.at(clock.now() + timedelta(hours=2))
    page.goto(link)
    expect(page.get_by_role("heading", name="This link has expired or was used")).to_be_visible()
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_role("button", name="Send me a link").click()
    page.goto(site.link_to(ADDRESS))
    expect(page.get_by_role("heading", name=re.compile("Choose a new password"))).to_be_visible()


def _ask(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_role("link", name="I forgot my password").click()
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", name="Please check your mail")).to_be_visible()
