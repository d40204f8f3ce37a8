"""Signing a consent in a browser, as a person does who has read it."""

from playwright.sync_api import Page, expect

from portal.consents import queries as consents
from portal.consents.rules import Purpose
from portal.kit.db import transaction
from portal.treatments import queries as treatments
from tests.journeys.conftest import Site


def signs_consent(site: Site, page: Page, name: str) -> None:
    """The text about needling: the questions answered right, every statement ticked, the name typed."""
    with transaction(site.app.state.engine, write=False) as db:
        text = consents.newest(db, Purpose.TREATMENT, treatments.needling(db).id)
    assert text
    page.goto(f"/consents/documents/{text.id}")
    for number, question in enumerate(text.questions):
        page.locator(f"[name=check_{number}][value='{question.right}']").check()
    for number, _ in enumerate(text.statements):
        page.locator(f"[name=agree_{number}]").check()
    page.locator("[name=name]").fill(name)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Signed").first).to_be_visible()
