"""The client's whole work in a browser that runs no script: everything that matters still works."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.demo import scalp

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def test_photos_are_sent_dated_and_compared(visit: Visit, tmp_path: Path) -> None:
    page = visit("client2", width=390, scripts=False)
    files = [tmp_path / "one.jpg", tmp_path / "two.jpg"]
    for month, file in enumerate(files):
        drawn = scalp.draw("crown", person_seed=7, shot_seed=month, coverage=0.5, size=(810, 1080))
        drawn.resize((1200, 1600)).save(file, quality=90)
    page.goto("/photos/new")
    page.get_by_text("Crown", exact=True).click()
    page.locator("#f-photos").set_input_files(files)
    page.get_by_role("button", name="Send", exact=True).click()
    for day in ("2026-01-05", "2026-03-05"):
        expect(page.get_by_role("heading", name="When were they taken?")).to_be_visible()
        page.get_by_label("Day").first.fill(day)
        page.get_by_role("button", name="Note the day").first.click()
    page.get_by_role("link", name="Beside the baseline").click()
    expect(page.get_by_text("8 weeks lie between them")).to_be_visible()


def test_a_side_effect_gets_its_answer(visit: Visit) -> None:
    page = visit("client3", scripts=False)
    page.goto("/side-effects/new")
    page.get_by_role("radio", name="None of these").first.check()
    page.get_by_role("checkbox", name=re.compile("^Something else")).check()
    page.locator("[name=trend][value=same]").check()
    page.get_by_role("button", name="Get my answer").click()
    page.wait_for_url(re.compile("/side-effects/[0-9a-f]{8}-"))
    expect(page.get_by_text("Not an emergency service").first).to_be_visible()


def test_the_menu_opens_and_the_way_out_works(visit: Visit) -> None:
    page = visit("client", width=390, scripts=False)
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Sign out").last.click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    page.goto("/home")
    assert "/sign-in" in page.url
