"""An admin changes the triage table on a phone, tries it, publishes it; a practitioner signs; old reports stay."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.kit.db import transaction
from portal.side_effects.models import TriageTable
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind
from tests.journeys.conftest import Site
from tests.make_questionnaires import health_answers
from tests.make_side_effects import a_report, a_session_done
from tests.tools.crawl import faults, open_as

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def mild(site: Site) -> Iterator[UUID]:
    """A report of mild redness thirty hours after a session, judged by the table that came with the portal."""
    with transaction(site.app.state.engine) as db:
        person = Person(name="Ida Ivory", email="second-day@example.test", password_hash="-")
        db.add(person)
        db.flush()
        health_answers(db, person.as_viewer())
        treatment = db.exec(select(Treatment).where(Treatment.kind == Kind.SESSION)).first()
        a_session_done(db, person.as_viewer(), accounts.practitioners(db)[0], 30, treatment)
        report = a_report(db, person.as_viewer()).id
    yield report
    with transaction(site.app.state.engine) as db:
        for version in db.exec(select(TriageTable)):
            db.delete(version)


def test_a_band_and_a_threshold_are_changed_tried_published_and_signed(
    site: Site, chromium: Browser, mild: UUID
) -> None:
    admin, practitioner = (open_as(chromium, site.url, who) for who in ("admin", "practitioner"))
    admin.set_viewport_size(PHONE)
    _changes_a_band(admin)
    _changes_a_threshold(admin)
    admin.goto("/triage/edit")
    admin.get_by_role("link", name="Dry run").click()
    expect(admin.get_by_role("main")).to_contain_text("1 more alarm, 0 fewer")
    expect(admin.get_by_role("main")).not_to_contain_text("Ida")
    assert not faults(admin)
    admin.get_by_label("What did you change, and why?").fill("Two courses of ours were worse than they looked.")
    admin.get_by_role("button", name="Publish").click()
    expect(admin.get_by_role("main")).to_contain_text("not yet signed off")
    expect(admin.get_by_role("button", name="Sign clinic-1")).to_have_count(0)
    practitioner.goto("/triage")
    practitioner.get_by_role("button", name="Sign clinic-1").click()
    expect(practitioner.get_by_role("main")).to_contain_text("Signed")
    practitioner.goto(f"/side-effects/{mild}")
    expect(practitioner.get_by_role("main")).to_contain_text("Rules: draft-2")
    for page in (admin, practitioner):
        page.context.close()


def _changes_a_band(page: Page) -> None:
    page.goto("/triage/edit")
    page.get_by_role("link", name="Change the band of redness").click()
    third, fourth = (page.get_by_role("group", name=f"Row {number}:") for number in (3, 4))
    third.get_by_label("Usual, up to").fill("1")
    third.get_by_label("Still normal, up to").fill("1")
    page.get_by_role("button", name="Keep in the draft").click()
    expect(page.get_by_role("main")).to_contain_text("never rises")
    expect(third.get_by_label("Still normal, up to")).to_have_value("1")
    fourth.get_by_label("Still normal, up to").fill("1")
    page.get_by_role("button", name="Keep in the draft").click()
    expect(page.get_by_role("heading", name="Changed so far")).to_be_visible()


def _changes_a_threshold(page: Page) -> None:
    page.get_by_role("link", name="Change D05", exact=True).click()
    page.get_by_role("main").get_by_role("textbox").fill("37.8")
    page.get_by_role("button", name="Keep in the draft").click()
    expect(page.get_by_role("heading", name="Changed so far")).to_be_visible()
