"""Looking at a series in a real browser: slider, fade, zoom in step, time-lapse, three points; and without a script."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect
from sqlmodel import col, select

from portal.accounts import service as accounts
from portal.accounts.models import Person
from portal.comparison import queries
from portal.comparison.rules import AlignState
from portal.kit.db import transaction
from portal.photos.rules import Wetness
from portal.photos.vault import Vault
from tests.comparison.make_series import a_stored_photo, measured
from tests.journeys.conftest import Site
from tests.tools.crawl import faults, looks

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]
WHO, FIRST = "client4@example.test", date(2026, 1, 5)
TRANSFORMS = "pictures => pictures.map(picture => getComputedStyle(picture).transform)"
SPOTS = ((0.2, 0.3), (0.7, 0.3), (0.5, 0.7))


@dataclass
class Crown:
    """Four photos a month apart: two that agree, one with wet hair, one the computer is not sure of."""

    site: Site
    ids: list[UUID]

    def pair(self, number: int) -> str:
        return f"/photos/compare?view=crown&before={self.ids[0]}&after={self.ids[number]}"

    def tapped(self, number: int) -> list[list[float]] | None:
        with transaction(self.site.app.state.engine, write=False) as db:
            row = queries.landmarks(db, self.ids[number])
            return row.points if row else None


@pytest.fixture(scope="module")
def crown(site: Site) -> Crown:
    state = site.app.state
    vault = Vault(state.storage, state.photo_master)
    with transaction(state.engine) as db:
        client = db.exec(select(Person).where(col(Person.email) == WHO)).one()
        days = [FIRST + timedelta(days=30 * month) for month in range(4)]
        photos = [a_stored_photo(db, vault, client.id, day, 60 + 40 * month) for month, day in enumerate(days)]
        states = [AlignState.ALIGNED] * 3 + [AlignState.PROPOSED]
        for number, (photo, found) in enumerate(zip(photos, states, strict=True)):
            measured(db, vault, photo, photos[0], state=found, value=40 + number)
        photos[2].wetness = Wetness.WET
        db.add(photos[2])
        return Crown(site, [photo.id for photo in photos])


@pytest.fixture
def visit(site: Site, chromium: Browser) -> Iterator[Visit]:
    """Her browser, signed in without the form: so many stories in a minute would be too many tries at the door."""
    made: list[BrowserContext] = []

    def come(*, width: int = 1280, scripts: bool = True) -> Page:
        state = site.app.state
        with transaction(state.engine) as db:
            client = db.exec(select(Person).where(col(Person.email) == WHO)).one()
            token = accounts.start_sign_in(db, client.id, "a test")
        size: ViewportSize = {"width": width, "height": 900}
        context = chromium.new_context(base_url=site.url, viewport=size, java_script_enabled=scripts)
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": state.cookie_name, "value": token, "url": site.url}])
        made.append(context)
        return context.new_page()

    yield come
    for context in made:
        context.close()


def transforms(page: Page) -> list[str]:
    return cast("list[str]", page.eval_on_selector_all("[data-picture]", TRANSFORMS))


def tap(picture: Locator) -> None:
    """The three spots, one after the other."""
    for x, y in SPOTS:
        box = picture.bounding_box()
        assert box is not None
        picture.click(position={"x": box["width"] * x, "y": box["height"] * y})


def test_the_slider_is_moved_by_keyboard(visit: Visit, crown: Crown) -> None:
    page = visit()
    page.goto(crown.pair(1))
    page.get_by_role("radio", name="Side by side").focus()
    page.keyboard.press("ArrowRight")
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^Slider at 60 %"))
    later = page.locator("[data-side=after] [data-frame]")
    expect(later).to_have_css("clip-path", re.compile("60%"))
    assert [fault for _ in looks(page) for fault in faults(page)] == []


def test_one_photo_fades_into_the_other(visit: Visit, crown: Crown) -> None:
    page = visit()
    page.goto(crown.pair(1))
    page.get_by_role("radio", name="Fade").check()
    page.locator("[data-stage]").focus()
    for _ in range(5):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("[data-side=after] [data-frame]")).to_have_css("opacity", "1")
    page.reload()
    expect(page.get_by_role("radio", name="Fade")).to_be_checked()


def test_both_photos_are_zoomed_and_moved_in_step(visit: Visit, crown: Crown) -> None:
    page = visit()
    page.goto(crown.pair(1))
    seen = {tuple(transforms(page))}
    page.get_by_role("button", name="Zoom in").click()
    page.locator("[data-stage]").focus()
    for key in ("+", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
        seen.add(tuple(transforms(page)))
    expect(page.get_by_text("225 %")).to_be_visible()
    assert len(seen) == 4
    assert all(first == second for first, second in seen)
    page.get_by_role("button", name="Show the whole photos").click()
    assert transforms(page) == ["matrix(1, 0, 0, 1, 0, 0)"] * 2


def test_the_wheel_belongs_to_the_page_until_the_picture_is_pressed(visit: Visit, crown: Crown) -> None:
    page = visit()
    page.goto(crown.pair(1))
    frame = page.locator("[data-frame]").first
    frame.hover()
    page.mouse.wheel(0, -200)
    page.wait_for_timeout(50)
    assert transforms(page) == ["matrix(1, 0, 0, 1, 0, 0)"] * 2
    frame.click()
    page.mouse.wheel(0, -200)
    expect(page.locator("[data-zoom-level]")).not_to_have_text("100 %")


def test_two_fingers_zoom_both(visit: Visit, crown: Crown) -> None:
    page = visit(width=390)
    page.goto(crown.pair(1))
    frame = page.locator("[data-frame]").first
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 3
    touch = page.context.new_cdp_session(page)
    for kind, gap in (("touchStart", 15), ("touchMove", 30), ("touchMove", 45)):
        fingers: list[dict[str, Any]] = [{"x": x - gap, "y": y, "id": 1}, {"x": x + gap, "y": y, "id": 2}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator("[data-zoom-level]")).to_have_text(re.compile("^(29|30)[0-9] %$"))
    first, second = transforms(page)
    assert first == second


def test_a_pair_that_is_no_result_lies_beside_and_never_over_each_other(visit: Visit, crown: Crown) -> None:
    page = visit()
    for number in (2, 3):
        page.goto(crown.pair(number))
        expect(page.get_by_text("This pair is not a result")).to_be_visible()
        expect(page.get_by_role("button", name="Zoom in")).to_be_visible()
        assert page.get_by_role("radio").count() == 0
    expect(page.get_by_text("Not aligned:")).to_be_visible()


def test_the_months_play_one_after_the_other(visit: Visit, crown: Crown) -> None:
    page = visit()
    page.goto("/photos/series/crown")
    when = page.locator("[data-when]")
    expect(when).to_have_text("1 of 2: 5 January 2026")
    page.get_by_label("Speed").select_option("fast")
    page.get_by_role("button", name="Play").click()
    expect(when).to_have_text("2 of 2: 4 February 2026")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.get_by_role("slider", name="Photo of the time-lapse").focus()
    page.keyboard.press("ArrowLeft")
    expect(when).to_have_text("1 of 2: 5 January 2026")
    expect(page.get_by_role("button", name="The photo before")).to_be_disabled()
    assert [fault for _ in looks(page) for fault in faults(page)] == []


def test_without_a_script_the_pair_and_the_months_are_there(visit: Visit, crown: Crown) -> None:
    page = visit(width=390, scripts=False)
    page.goto(crown.pair(1))
    boxes = [picture.bounding_box() for picture in page.locator("[data-picture]").all()]
    first, second = (box for box in boxes if box)
    assert first["y"] == second["y"]
    assert first["x"] + first["width"] <= second["x"]
    expect(page.get_by_role("radio", name="Slider")).to_be_hidden()
    page.get_by_role("link", name="Even light on both").click()
    expect(page.get_by_text("light of both photos was evened out")).to_be_visible()
    page.get_by_role("link", name="All months").click()
    expect(page.get_by_role("heading", name="Month by month")).to_be_visible()
    expect(page.get_by_role("heading", name="Time-lapse")).to_be_hidden()


def test_three_points_are_tapped_one_step_at_a_time_without_a_script(visit: Visit, crown: Crown) -> None:
    page = visit(width=390, scripts=False)
    page.goto(f"/photos/{crown.ids[2]}/landmarks")
    for _ in range(2):
        for x, y in SPOTS:
            picture = page.locator("input[type=image]")
            box = picture.bounding_box()
            assert box is not None
            picture.click(position={"x": box["width"] * x, "y": box["height"] * y})
            page.wait_for_load_state()
    page.get_by_role("button", name="Use these points").click()
    expect(page.get_by_text("The photo is being laid over the first one")).to_be_visible()
    kept = crown.tapped(2)
    assert kept is not None
    for point, spot in zip(kept, SPOTS, strict=True):
        assert point == pytest.approx(list(spot), abs=0.01)


def test_three_points_are_tapped_and_corrected(visit: Visit, crown: Crown) -> None:
    page = visit()
    page.goto(f"/photos/{crown.ids[3]}/landmarks?anew=yes")
    page.get_by_role("button", name="Use these points").click()
    expect(page.locator("[data-says]")).to_have_text("6 points are missing. Next: point 1 on the first photo.")
    for name in ("baseline", "photo"):
        tap(page.locator(f"[data-taps={name}] [data-box]"))
    second = page.get_by_role("button", name="This photo, point 2")
    second.focus()
    for _ in range(4):
        page.keyboard.press("Shift+ArrowDown")
    expect(second).to_have_accessible_name(re.compile("70 % from the left, 38 % from the top"))
    assert [fault for _ in looks(page) for fault in faults(page)] == []
    page.get_by_role("button", name="Use these points").click()
    expect(page.get_by_text("The photo is being laid over the first one")).to_be_visible()
    kept = crown.tapped(3)
    assert kept is not None
    assert kept[1] == pytest.approx([0.7, 0.38], abs=0.01)


def test_points_are_set_by_keyboard_alone(visit: Visit, crown: Crown) -> None:
    page = visit()
    page.goto(f"/photos/{crown.ids[3]}/landmarks?anew=yes")
    page.locator("[data-taps=baseline] input[type=image]").focus()
    page.keyboard.press("Enter")
    point = page.get_by_role("button", name="First photo, point 1")
    expect(point).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    expect(point).to_have_accessible_name(re.compile("48 % from the left, 50 % from the top"))
