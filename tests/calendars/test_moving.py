"""The sheet in a real browser: moved by keyboard and by pointer, refused, cancelled, and whole without scripts."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from portal.accounts import service as accounts
from portal.bookings.models import Appointment, AppointmentMove
from portal.kit.db import transaction
from tests.make_bookings import a_consultation
from tests.tools.validate import axe

pytestmark = pytest.mark.browser


@pytest.fixture
def page(app, engine, chromium, address, bob, booked):
    """Bob's browser on the day of Alice's appointment; in another zone than the clinic, which must not matter."""
    with transaction(engine) as db:
        token = accounts.start_sign_in(db, bob.id, "a browser")
    looks = {
        "viewport": {"width": 1440, "height": 1400},
        "reduced_motion": "reduce",
        "timezone_id": "Australia/Lord_Howe",
    }
    context = chromium.new_context(base_url=address, **looks)
    context.add_cookies([{"name": app.state.cookie_name, "value": token, "url": address}])
    made = context.new_page()
    made.set_default_timeout(10_000)
    made.goto(f"/agenda?day={booked.starts_at.date()}")
    yield made
    context.close()


def now_at(engine, booked):
    with transaction(engine, write=False) as db:
        one = db.get_one(Appointment, booked.id)
        return one.starts_at, one.practitioner_id


def because(page: Page, kind: str, reason: str) -> None:
    page.locator(f"#ask-{kind}").get_by_role("textbox").fill(reason)
    page.locator(f"#ask-{kind} button[type=submit]").click()


def pick_up(page: Page) -> None:
    page.get_by_role("link", name="Move Alice Ash").focus()
    page.keyboard.press("Enter")


def test_by_keyboard_to_another_time_and_another_practitioner(page, engine, booked, erin):
    pick_up(page)
    expect(page.locator("[data-says]")).to_contain_text("picked up")
    for key in ("ArrowDown", "Shift+ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator("[data-says]")).to_have_text("11:15, Erin Elm")
    page.keyboard.press("Enter")
    expect(page.locator("#ask-move [data-words]")).to_contain_text("from 10:00, Bob Birch, to 11:15, Erin Elm")
    assert now_at(engine, booked)[0] == booked.starts_at, "nothing moves before the server has said yes"
    because(page, "move", "Bob is ill")
    expect(page.get_by_text("The appointment is moved.")).to_be_visible()
    assert now_at(engine, booked) == (booked.starts_at + timedelta(minutes=75), erin.id)
    with transaction(engine, write=False) as db:
        assert db.exec(select(AppointmentMove)).one().reason == "Bob is ill"
    expect(page.get_by_role("link", name="Alice Ash", exact=True)).to_be_focused()


def test_escape_leaves_everything_where_it_was(page, engine, booked):
    pick_up(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.locator(".ghost")).to_have_count(0)
    expect(page.locator("[data-says]")).to_have_text("Left where it was.")
    page.keyboard.press("Enter")
    assert now_at(engine, booked)[0] == booked.starts_at


def test_by_pointer(page, engine, booked):
    box = page.locator(".visit").bounding_box()
    first, second = (page.locator(".sheet-hour").nth(number).bounding_box()["y"] for number in (0, 1))
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] - 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + second - first, steps=6)
    page.mouse.up()
    expect(page.locator("#ask-move [data-words]")).to_contain_text("to 11:00, Bob Birch")
    because(page, "move", "Bob is late")
    expect(page.get_by_text("The appointment is moved.")).to_be_visible()
    assert now_at(engine, booked)[0] == booked.starts_at + timedelta(hours=1)


def test_a_refusal_is_shown_and_nothing_has_moved(page, engine, booked, charlie, bob):
    with transaction(engine) as db:
        a_consultation(db, charlie, bob, in_days=5, hour=11)
    pick_up(page)
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")
    because(page, "move", "Bob is late")
    expect(page.locator("#ask-move [role=alert]")).to_contain_text("no longer free")
    assert now_at(engine, booked)[0] == booked.starts_at
    page.get_by_role("button", name="Leave it where it is").click()
    expect(page.locator("#ask-move")).to_be_hidden()


def test_cancelled_from_the_sheet(page, engine, booked):
    page.locator(".visit").hover()
    page.get_by_role("link", name="Cancel Alice Ash").click()
    because(page, "cancel", "Bob is ill")
    expect(page.get_by_text("The appointment is cancelled.")).to_be_visible()
    with transaction(engine, write=False) as db:
        assert db.get_one(Appointment, booked.id).cancelled_reason == "Bob is ill"


def test_in_a_week_a_lane_is_a_day(page, engine, booked):
    page.goto(f"/agenda/week?day={booked.starts_at.date()}")
    monday = booked.starts_at.weekday() == 6
    pick_up(page)
    page.keyboard.press("ArrowLeft" if monday else "ArrowRight")
    page.keyboard.press("Enter")
    because(page, "move", "Bob is away")
    expect(page.get_by_text("The appointment is moved.")).to_be_visible()
    assert abs((now_at(engine, booked)[0] - booked.starts_at).days) == 1


def test_without_scripts_everything_leads_to_a_page(app, engine, chromium, address, page, booked, bob):
    with transaction(engine) as db:
        token = accounts.start_sign_in(db, bob.id, "a browser")
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    context.add_cookies([{"name": app.state.cookie_name, "value": token, "url": address}])
    plain = context.new_page()
    plain.goto(f"/agenda?day={booked.starts_at.date()}")
    expect(plain.locator("dialog")).to_have_count(2)
    expect(plain.locator("dialog").first).to_be_hidden()
    own = f"/appointments/{booked.id}"
    for name, path in (("Move Alice Ash", f"{own}/move"), ("Cancel Alice Ash", own)):
        assert plain.get_by_role("link", name=name).get_attribute("href").partition("#")[0] == path
    plain.get_by_role("link", name="Hide names").click()
    expect(plain.get_by_role("link", name="A.A.", exact=True)).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_it_is_accessible_also_while_something_is_asked(page, booked, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for path in (page.url, f"/agenda/week?day={booked.starts_at.date()}"):
        page.goto(path)
        assert axe(page) == []
    if width > 1000:
        pick_up(page)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#ask-move")).to_be_visible()
        assert axe(page) == []
