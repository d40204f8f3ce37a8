"""Our own camera in a real browser: a film of a crown, first too far away, then where it belongs; or always there."""

import base64
import contextlib
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLate

from portal.photos.rules import DateSource
from portal.photos.views import View
from tests.journeys.conftest import Site
from tests.journeys.darkroom import come, film, photos_of, put_away, still, with_camera
from tests.tools.crawl import faults, looks

pytestmark = pytest.mark.browser
WHO = "client@example.test"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
Visit = Callable[..., Page]

# Notes what the page does with camera, voice and vibration, and copies each frame of a burst; it changes nothing.
WITNESS = """
window.heard = []; window.streams = []; window.frames = []; window.buzzes = 0;
const speak = speechSynthesis.speak.bind(speechSynthesis);
speechSynthesis.speak = (words) => { heard.push(words.text); speak(words); };
const buzz = navigator.vibrate.bind(navigator);
navigator.vibrate = (pattern) => { buzzes += 1; return buzz(pattern); };
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => { const s = await open(wanted); streams.push(s); return s; };
const make = window.createImageBitmap.bind(window);
window.createImageBitmap = async (source, ...rest) => {
  const made = await make(source, ...rest);
  if (source instanceof HTMLVideoElement) {
    const copy = Object.assign(document.createElement("canvas"), { width: made.width, height: made.height });
    copy.getContext("2d").drawImage(made, 0, 0);
    frames.push(copy);
  }
  return made;
};
"""


@pytest.fixture(scope="module")
def crown_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "crown.mjpeg"
    film(path)
    return path


@pytest.fixture(scope="module")
def filmed(chromium: Browser, crown_film: Path) -> Iterator[Browser]:
    browser = with_camera(chromium, crown_film)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def held(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = tmp_path_factory.mktemp("film") / "still.mjpeg"
    still(path)
    browser = with_camera(chromium, path)
    yield browser
    browser.close()


@pytest.fixture
def visit(site: Site, filmed: Browser) -> Iterator[Visit]:
    yield partial(_comes, site, filmed)
    _leaves(site, filmed)


@pytest.fixture
def visit_held(site: Site, held: Browser) -> Iterator[Visit]:
    """With a camera that is always in its place: whoever needs no film must not wait for its good moment."""
    yield partial(_comes, site, held)
    _leaves(site, held)


def _comes(site: Site, browser: Browser, **options: object) -> Page:
    page = come(site, browser, WHO, **(PHONE | options))
    page.add_init_script(WITNESS)
    page.goto("/photos/new")
    return page


def _leaves(site: Site, browser: Browser) -> None:
    for context in browser.contexts:
        context.close()
    put_away(site, WHO)


def test_the_shutter_is_free_where_the_picture_fits_and_the_sharpest_that_fits_is_kept(site: Site, visit: Visit):
    page = visit()
    _opens(page, "Crown")
    ghost = page.locator("[data-camera-ghost]")
    expect(ghost).to_be_visible()
    assert ghost.evaluate("image => image.complete && image.naturalWidth > 500")
    _takes_it_by_hand(page)
    shutter = _shutter(page)
    _waits_for(page, "Closer")
    expect(shutter).to_be_disabled()
    expect(shutter).to_be_enabled()
    expect(page.locator("[data-about=position]")).to_contain_text("Fits")
    use = page.get_by_role("button", name="Use this photo")
    _tries(shutter.click, until=use)
    use.click()
    frames = _frames(page)
    _sends(page)
    stored = _stored(site, page)
    _is_the_sharpest(stored, frames)


def test_a_view_one_cannot_see_is_taken_by_ear(site: Site, visit: Visit):
    page = visit()
    before = len(photos_of(site, WHO))
    _opens(page, "Crown")
    expect(page.get_by_role("button", name="Use this photo")).to_be_focused(timeout=25_000)
    expect(page.locator("[data-camera-live]")).to_have_text(re.compile("^Taken"))
    heard = page.evaluate("heard")
    assert "Closer" in heard, heard
    assert heard[-1].startswith("Taken"), heard
    assert page.evaluate("buzzes") >= 2
    page.get_by_role("button", name="Use this photo").click()
    _sends(page)
    latest = photos_of(site, WHO)[0]
    assert len(photos_of(site, WHO)) == before + 1
    assert (latest.view, latest.date_source) == (View.CROWN, DateSource.CAMERA)
    assert latest.taken_zone


def test_it_is_taken_by_keyboard_and_by_the_names_a_screen_reader_says(site: Site, visit: Visit):
    page = visit()
    before = len(photos_of(site, WHO))
    page.get_by_role("radio", name="Crown").focus()
    page.keyboard.press("Space")
    _tabs_to(page, page.get_by_role("button", name="Take it now"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Crown")).to_be_visible()
    expect(_shutter(page)).to_be_focused()
    _tabs_to(page, page.get_by_role("button", name="Settings"))
    page.keyboard.press("Enter")
    for name in ("Take it by itself when it fits", "Guide me by sounds and words"):
        _tabs_to(page, page.get_by_role("checkbox", name=name))
        page.keyboard.press("Space")
        expect(page.get_by_role("checkbox", name=name)).not_to_be_checked()
    slider = page.get_by_role("slider", name="Earlier photo")
    _tabs_to(page, slider)
    faint = slider.input_value()
    page.keyboard.press("ArrowRight")
    assert slider.input_value() > faint
    page.get_by_role("heading", name="Crown").click()  # the space bar works wherever there is nothing to press
    use = page.get_by_role("button", name="Use this photo")
    _tries(lambda: _presses_space(page), until=use)
    expect(use).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name=re.compile("^View of crown"))).to_be_focused()
    _tabs_to(page, page.get_by_role("button", name="Send", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="1 of 1 photo safely stored")).to_be_visible()
    assert len(photos_of(site, WHO)) == before + 1


def test_it_can_be_taken_again_at_once(visit: Visit):
    page = visit()
    _opens(page, "Crown")
    page.get_by_role("button", name="Take it again").click(timeout=25_000)
    expect(_shutter(page)).to_be_focused()
    expect(page.get_by_role("button", name="Use this photo")).to_be_hidden()


def test_nobody_is_locked_out_by_a_picture_that_never_fits(site: Site, visit: Visit):
    page = visit()
    _opens(page, "Front hairline")
    anyway = page.get_by_role("button", name="Take it anyway")
    expect(anyway).to_be_hidden()
    expect(_shutter(page)).to_be_disabled()
    _shutter(page).press("Enter")
    expect(page.locator("[data-camera-live]")).to_contain_text("Not yet")
    anyway.click(timeout=15_000)
    expect(page.locator("[data-camera-live]")).to_contain_text("Taken, but")
    page.get_by_role("button", name="Use this photo").click()
    _sends(page)
    assert photos_of(site, WHO)[0].view is View.FRONT_HAIRLINE


def test_without_an_earlier_photo_the_outline_is_enough(visit_held: Visit):
    page = visit_held()
    _opens(page, "Left temple")
    expect(page.locator("[data-camera-ghost]")).to_be_hidden()
    expect(page.locator("[data-outline=left_temple]")).to_be_visible()
    expect(page.locator("[data-about=position]")).to_contain_text("Use the outline")
    expect(_shutter(page)).to_be_enabled()


def test_the_camera_is_off_when_it_is_closed_and_nothing_is_left(visit: Visit):
    page = visit()
    _opens(page, "Crown")
    page.get_by_role("button", name="Close the camera").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    states = page.evaluate("streams.flatMap(stream => stream.getTracks().map(track => track.readyState))")
    assert states
    assert set(states) == {"ended"}
    expect(page.locator(".send")).to_have_count(0)


def test_leaving_with_a_photo_that_is_nowhere_else_is_asked_about(visit: Visit):
    page = visit()
    _opens(page, "Crown")
    page.get_by_role("button", name="Use this photo").click(timeout=25_000)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Back to my photos").click()
    page.wait_for_url("**/photos")
    assert asked == ["beforeunload"]


def test_a_refused_camera_says_so_and_files_remain(site: Site, chromium: Browser, crown_film: Path):
    browser = with_camera(chromium, crown_film, allowed=False)
    page = come(site, browser, WHO)
    page.goto("/photos/new?view=crown")
    page.get_by_role("button", name="Take it now").click()
    expect(page.get_by_role("status").filter(has_text="The camera is not allowed on this page")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_label("Photos", exact=True)).to_be_visible()
    browser.close()


def test_the_camera_is_sound_at_every_size(visit: Visit):
    page = visit(is_mobile=False, reduced_motion="reduce")
    _opens(page, "Crown")
    _takes_it_by_hand(page)
    found = [f"live, {width} px, {scheme}: {fault}" for width, scheme in looks(page) for fault in faults(page)]
    assert not found, "\n".join(found)


def _opens(page: Page, view: str) -> None:
    page.get_by_role("radio", name=view).check()
    page.get_by_role("button", name="Take it now").click()
    expect(page.get_by_role("dialog", name=view)).to_be_visible()


def _takes_it_by_hand(page: Page) -> None:
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("checkbox", name="Take it by itself when it fits").uncheck()
    page.get_by_role("button", name="Settings").click()


def _shutter(page: Page) -> Locator:
    return page.get_by_role("button", name="Take the photo")


def _presses_space(page: Page) -> None:
    expect(_shutter(page)).to_be_enabled()
    page.keyboard.press("Space")


def _tries(press: Callable[[], None], until: Locator) -> None:
    """On a busy machine a picture may fit no longer by the time the finger is there."""
    for _ in range(5):
        until.page.evaluate("frames.length = 0")
        with contextlib.suppress(TooLate):
            press()
            return until.wait_for(timeout=8_000)
    raise AssertionError("the shutter took nothing")


def _waits_for(page: Page, word: str) -> None:
    expect(page.locator("[data-camera-say]")).to_have_text(word)


def _tabs_to(page: Page, wanted: Locator) -> None:
    for _ in range(80):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by the keyboard")


def _sends(page: Page) -> None:
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("[data-says]").or_(page.get_by_role("heading", name="Your photos"))).to_contain_text(
        re.compile("safely stored|Your photos"), timeout=30_000
    )


def _frames(page: Page) -> list[Image.Image]:
    data = page.evaluate("frames.map(frame => frame.toDataURL('image/png'))")
    return [Image.open(io.BytesIO(base64.b64decode(one.partition(",")[2]))).convert("L") for one in data]


def _stored(site: Site, page: Page) -> Image.Image:
    photo = photos_of(site, WHO)[0]
    data = page.request.get(f"{site.url}/photos/{photo.id}/large.jpg").body()
    return Image.open(io.BytesIO(data)).convert("L")


def _is_the_sharpest(stored: Image.Image, frames: list[Image.Image]) -> None:
    """Of the frames the burst saw, the stored photo is like the one with the most detail, and not like a softer one."""
    assert len(frames) == 6
    detail = [ImageStat.Stat(frame.filter(ImageFilter.FIND_EDGES)).mean[0] for frame in frames]
    unlike = [ImageStat.Stat(ImageChops.difference(frame, stored)).mean[0] for frame in frames]
    sharpest = detail.index(max(detail))
    assert min(detail) < 0.9 * max(detail), "the film showed the burst nothing to choose from"
    assert unlike[sharpest] < min(unlike) + 0.5
    assert unlike[sharpest] < 0.5 * max(unlike), (detail, unlike)
