"""The clinic's profile: an admin edits it, every page and the style sheet show it, nothing unreadable gets in."""

import pytest
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.clinic import queries
from portal.clinic.models import ClinicProfile
from portal.kit.db import transaction

FIELDS = {
    "name": "Haus <am> See",
    "tagline": "Hair & care",
    "address": "Street 1\n12345 Town",
    "phone": "+49 30 901820",
    "whatsapp": "+49 30 901821",
    "email": "hello@example.org",
    "opening_hours": "Mon to Fri",
    "emergency_number": "112",
    "time_zone": "Asia/Dubai",
    "currency": "aed",
    "accent": "#1f4e79",
}


def save(browser, **changes):
    return browser.post("/admin/clinic", data={**FIELDS, **changes})


def profile(engine) -> ClinicProfile | None:
    with transaction(engine, write=False) as db:
        return db.exec(select(ClinicProfile)).first()


def test_what_an_admin_saves_is_what_everybody_sees(dana_browser, visitor, engine):
    assert save(dana_browser).status_code == 303
    stored = profile(engine)
    assert (stored.phone, stored.currency, stored.accent, stored.time_zone) == (
        "+4930901820",
        "AED",
        "#1f4e79",
        "Asia/Dubai",
    )
    page = visitor.get("/").text
    assert "Haus &lt;am&gt; See" in page
    assert "Haus <am> See" not in page
    assert "tel:+4930901820" in page
    assert "/theme.css?v=1f4e79" in page
    with transaction(engine, write=False) as db:
        assert [entry.action for entry in db.exec(select(AuditEntry))] == ["clinic.edited"]


def test_saving_again_changes_the_one_profile_there_is(dana_browser, engine):
    save(dana_browser)
    save(dana_browser, name="Second")
    with transaction(engine, write=False) as db:
        assert [row.name for row in db.exec(select(ClinicProfile))] == ["Second"]
        assert queries.profile(db).name == "Second", "nothing old is remembered"


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"name": ""}, "Please fill this in."),
        ({"phone": "030 901820"}, "Please start with the country code"),
        ({"email": "nobody"}, "Please check this e-mail address"),
        ({"time_zone": "Mars/Olympus"}, "Please choose a time zone from the list"),
        ({"currency": "EURO"}, "Please check this."),
        ({"emergency_number": "<b>"}, "Please check this."),
        ({"address": "x" * 401}, "at most 400 characters"),
        ({"opening_hours": "x" * 401}, "at most 400 characters"),
        ({"accent": "red"}, "Please give a colour as # and six digits"),
        ({"accent": "#2f5f55;}body{display:none"}, "Please give a colour as # and six digits"),
        ({"accent": "#ffff00"}, "hard to read"),
        ({"accent": "#f6f1e8"}, "hard to read"),
    ],
)
def test_a_mistake_is_said_beside_the_field_and_the_rest_is_kept(dana_browser, engine, changes, sentence):
    answer = save(dana_browser, **changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Hair &amp; care"' in answer.text
    assert profile(engine) is None


def test_a_colour_that_cannot_be_read_comes_back_with_one_that_can(dana_browser):
    suggestion = save(dana_browser, accent="#ffff00").text.split("it takes 4.5). ")[1][:7]
    assert save(dana_browser, accent=suggestion).status_code == 303


def test_the_colours_are_a_style_sheet_of_our_own(dana_browser, visitor):
    save(dana_browser)
    answer = visitor.get("/theme.css?v=1f4e79")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "max-age=31536000" in answer.headers["cache-control"]
    assert "--accent: #1f4e79" in answer.text
    assert "prefers-color-scheme: dark" in answer.text


def test_before_anybody_filled_it_in_every_page_works(visitor, alice_browser):
    assert visitor.get("/").status_code == 200
    assert alice_browser.get("/me").status_code == 200


def test_times_are_in_the_persons_zone_and_the_zone_is_named(alice_browser, dana_browser, visitor, bob_browser):
    save(dana_browser)
    visitor.post(
        "/enquire", data={"name": "E", "email": "e@example.test", "question": "?", "way": "email", "consent": "yes"}
    )
    page = dana_browser.get("/admin/audit").text
    assert "UTC+04:00" in page
    dana_browser.post("/me/profile", data={"name": "Dana Doe", "time_zone": "America/New_York"})
    assert "UTC+04:00" not in dana_browser.get("/admin/audit").text
