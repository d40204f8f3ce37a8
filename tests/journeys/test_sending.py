"""Sending photos in a real browser: previews, thirty at once, drops, a lost connection, the same photo twice."""

import base64
import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, Locator, Page, Route, expect

from portal.demo import album, scalp
from portal.photos.models import Photo
from portal.photos.rules import HairLength, Parting, Product, Wetness
from portal.photos.views import View
from tests.journeys.conftest import Site
from tests.journeys.darkroom import come, photos_of, put_away
from tests.make import a_jpeg
from tests.tools.crawl import faults, looks

pytestmark = pytest.mark.browser
WHO = "client3@example.test"
Visit = Callable[..., Page]
TAKEN = datetime(2026, 2, 3, 9, 30)  # noqa: DTZ001 - a camera's local clock
DARK_CORNER = {1: "top left", 3: "bottom right", 6: "top right", 8: "bottom left"}
SHOTS = 3

# Counts how many requests were sent, and how many at most were on their way at once.
COUNTS = """
window.sent = 0; window.most = 0; let now = 0;
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (body) {
  sent += 1;
  most = Math.max(most, now += 1);
  this.addEventListener("readystatechange", () => { now -= this.readyState === 4; });
  return send.call(this, body);
};
0;
"""


@pytest.fixture
def visit(site: Site, chromium: Browser) -> Iterator[Visit]:
    made = []

    def make(path: str = "/photos/new?view=crown", **options) -> Page:
        page = come(site, chromium, WHO, **({"viewport": {"width": 390, "height": 844}} | options))
        made.append(page.context)
        page.goto(path)
        return page

    yield make
    for context in made:
        context.close()
    put_away(site, WHO)


@pytest.fixture
def photos(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., list[Path]]:
    """`photos(3)`: files that no other test has sent."""
    seed = sum(request.node.name.encode())

    def make(count: int, **options) -> list[Path]:
        files = [tmp_path / f"IMG_{number:04}.jpg" for number in range(count)]
        for number, file in enumerate(files):
            file.write_bytes(a_jpeg(taken_at=TAKEN, shade=30 + number * 7, size=(640, 480 + seed % 400), **options))
        return files

    return make


@pytest.fixture(scope="module")
def crowns() -> list[bytes]:
    """Drawn crowns: two sharp ones, then one that is blurred."""
    drawn = [
        scalp.draw("crown", person_seed=album.PERSON, shot_seed=70 + shot, coverage=0.6).filter(
            ImageFilter.GaussianBlur(3 * (shot == 2))
        )
        for shot in range(SHOTS)
    ]
    return [scalp.jpeg(image, taken_at=TAKEN) for image in drawn]


@pytest.mark.parametrize("orientation", DARK_CORNER)
def test_the_preview_is_the_right_way_up_before_anything_is_sent(visit: Visit, photos, orientation: int):
    page = visit()
    _chooses(page, photos(1, orientation=orientation))
    page.wait_for_selector(".send[data-drawn]")
    assert _dark_corner(page.locator("[data-picture]")) == DARK_CORNER[orientation]


def test_a_picture_the_browser_cannot_show_is_said_so_kindly(visit: Visit, tmp_path: Path):
    page, file = visit(), tmp_path / "IMG_1.HEIC"
    file.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    _chooses(page, [file])
    expect(_line(page)).to_contain_text("This browser cannot show HEIC. We can read it: it will be sent as it is.")


def test_thirty_files_go_one_at_a_time_and_all_arrive(site: Site, visit: Visit, photos):
    page, before = visit(), len(photos_of(site, WHO))
    page.evaluate(COUNTS)
    _chooses(page, photos(30))
    expect(page.locator(".send")).to_have_count(30)
    expect(_status(page, "30 photos ready to send.")).to_be_visible()
    _send(page)
    expect(_status(page, "30 of 30 photos safely stored")).to_be_visible(timeout=120_000)
    assert page.evaluate("[sent, most]") == [30, 1]
    assert len(photos_of(site, WHO)) == before + 30


def test_dropped_files_are_taken_wherever_they_fall(visit: Visit, photos):
    page = visit()
    data = [base64.b64encode(file.read_bytes()).decode() for file in photos(2)]
    files = page.evaluate_handle(
        """files => { const held = new DataTransfer(); files.forEach((data, number) => held.items.add(new File(
        [Uint8Array.from(atob(data), letter => letter.charCodeAt(0))], `dropped-${number}.jpg`,
        { type: "image/jpeg" }))); return held; }""",
        data,
    )
    page.dispatch_event("main", "dragenter", {"dataTransfer": files})
    expect(page.locator("[data-dropzone]")).to_have_attribute("data-over", "")
    page.dispatch_event("main", "drop", {"dataTransfer": files})
    expect(page.locator("[data-dropzone]")).not_to_have_attribute("data-over", "")
    expect(page.locator(".send-name")).to_have_text(["dropped-0.jpg", "dropped-1.jpg"])


def test_a_connection_lost_in_the_middle_resumes_by_itself(site: Site, visit: Visit, photos):
    page, before = visit(), len(photos_of(site, WHO))
    _chooses(page, photos(4))
    _send(page)
    expect(_line(page, 0)).to_contain_text("Safely stored")
    page.context.set_offline(True)
    expect(_line(page, 3).or_(_line(page, 2)).or_(_line(page, 1)).filter(has_text="kept on this page")).to_be_visible()
    expect(_status(page, "What was stored stays stored; the rest is kept on this page")).to_be_visible()
    page.context.set_offline(False)
    expect(_status(page, "4 of 4 photos safely stored")).to_be_visible(timeout=30_000)
    assert len(photos_of(site, WHO)) == before + 4


def test_leaving_in_the_middle_is_asked_about(visit: Visit, photos):
    page, asked = visit(), []
    _chooses(page, photos(1))
    page.context.set_offline(True)
    _send(page)
    expect(_line(page)).to_contain_text("kept on this page")
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]


def test_a_photo_whose_answer_was_lost_is_stored_once(site: Site, visit: Visit, photos):
    page, before, lost = visit(), len(photos_of(site, WHO)), []
    wire = page.context.new_cdp_session(page)

    def loses_the_first_answer(event: dict[str, object]) -> None:
        verb, more = ("continueRequest", {}) if lost else ("failRequest", {"errorReason": "ConnectionReset"})
        lost.append(event.get("responseStatusCode"))
        wire.send(f"Fetch.{verb}", {"requestId": event["requestId"], **more})

    wire.on("Fetch.requestPaused", loses_the_first_answer)
    wire.send("Fetch.enable", {"patterns": [{"urlPattern": "*/photos", "requestStage": "Response"}]})
    _chooses(page, photos(1))
    _send(page)
    expect(_line(page)).to_contain_text("It had arrived before the connection was lost.")
    assert lost == [200, 200]
    assert len(photos_of(site, WHO)) == before + 1


def test_a_server_that_cannot_take_it_now_loses_nothing(site: Site, visit: Visit, photos):
    page, before = visit(), len(photos_of(site, WHO))
    page.route("**/photos", lambda route: route.fulfill(status=503, content_type="text/html", body="<p>Later"))
    _chooses(page, photos(1))
    _send(page)
    expect(_line(page)).to_contain_text("We cannot take in photos at this moment", timeout=60_000)
    page.unroute("**/photos")
    _send(page)
    expect(_status(page, "1 of 1 photo safely stored")).to_be_visible()
    assert len(photos_of(site, WHO)) == before + 1


def test_a_busy_server_is_not_called_a_lost_connection(site: Site, visit: Visit, photos):
    page, before, busy = visit(), len(photos_of(site, WHO)), [503, 503]

    def answers(route: Route) -> None:
        if busy:
            route.fulfill(status=busy.pop(), content_type="text/html", headers={"retry-after": "10"}, body="<p>Later")
        else:
            route.continue_()

    page.route("**/photos", answers)
    _chooses(page, photos(1))
    _send(page)
    expect(_line(page)).to_contain_text("The server is busy. This photo is kept on this page")
    expect(_status(page, "The clinic’s server is busy")).to_be_visible()
    expect(_status(page, "1 of 1 photo safely stored")).to_be_visible(timeout=15_000)
    assert len(photos_of(site, WHO)) == before + 1


def test_a_consent_withdrawn_meanwhile_is_said(visit: Visit, photos):
    page = visit()
    page.route("**/photos", lambda route: route.fulfill(status=409, content_type="text/html", body="<p>Refused"))
    _chooses(page, photos(1))
    _send(page)
    expect(_line(page)).to_contain_text("Your photos or your consent have changed meanwhile")
    expect(_line(page)).to_contain_text("Please load this page again")


def test_the_same_photo_twice_is_stored_once_and_said_so(site: Site, visit: Visit, photos):
    page, before = visit(), len(photos_of(site, WHO))
    (file,) = photos(1)
    _chooses(page, [file])
    _chooses(page, [file])
    _send(page)
    expect(_line(page, 1)).to_contain_text("You sent this photo before")
    assert len(photos_of(site, WHO)) == before + 1


def test_a_bad_file_is_told_under_its_name_and_costs_the_others_nothing(site: Site, visit: Visit, photos, tmp_path):
    page, before = visit(), len(photos_of(site, WHO))
    (tmp_path / "letter.jpg").write_text("Dear clinic")
    _chooses(page, [tmp_path / "letter.jpg", *photos(1)])
    _send(page)
    expect(_line(page, 0)).to_contain_text("not a photo we can read")
    expect(_line(page, 1)).to_contain_text("Safely stored")
    expect(_status(page, "One was not stored.")).to_be_visible()
    page.get_by_role("button", name="Remove letter.jpg").click()
    expect(page.get_by_role("link", name="Go on")).to_be_visible()
    assert len(photos_of(site, WHO)) == before + 1


def test_faults_are_told_under_the_photo_which_is_kept_or_taken_again(
    site: Site, visit: Visit, crowns: list[bytes], tmp_path: Path
):
    page, file = visit(reduced_motion="reduce"), tmp_path / "soft.jpg"
    file.write_bytes(crowns[2])
    _chooses(page, [file])
    _send(page)
    expect(_line(page).get_by_role("listitem").first).to_contain_text("not sharp")
    found = [f"{width} px, {scheme}: {fault}" for width, scheme in looks(page) for fault in faults(page)]
    assert not found, "\n".join(found)
    page.get_by_role("button", name="Take it again").click()
    expect(page.get_by_role("radio", name="Crown")).to_be_focused()
    page.get_by_role("button", name="Keep it anyway").click()
    expect(_line(page)).to_contain_text("Kept.")
    assert _latest(site).kept_at is not None


def test_a_good_photo_leads_on_without_a_word_more(visit: Visit, crowns: list[bytes], tmp_path: Path):
    page, file = visit(), tmp_path / "good.jpg"
    file.write_bytes(crowns[0])
    _chooses(page, [file])
    _send(page)
    page.wait_for_url(re.compile("/photos$|/photos/undated$|/photos/sent$"))


def test_each_photo_goes_under_its_own_view(site: Site, visit: Visit, photos):
    page = visit("/photos/new")
    one, two = photos(2)
    _chooses(page, [one])
    page.get_by_role("radio", name="Crown").check()
    expect(page.get_by_label("View of IMG_0000.jpg")).to_have_value("crown")
    _chooses(page, [two])
    page.get_by_label("View of IMG_0001.jpg").select_option(label="Back")
    page.get_by_role("radio", name="Mid-line parting").check()
    _send(page)
    expect(_status(page, "2 of 2 photos safely stored")).to_be_visible()
    assert [photo.view for photo in photos_of(site, WHO)[:2]] == [View.BACK, View.CROWN]


def test_hair_is_answered_in_one_press_and_claimed_by_nobody_else(site: Site, visit: Visit, photos):
    page = visit()
    expect(page.locator(".segment :checked")).to_have_count(0)
    _chooses(page, photos(1))
    page.get_by_role("button", name=re.compile("^Dry")).click()
    _send(page)
    expect(_status(page, "1 of 1 photo safely stored")).to_be_visible()
    latest = _latest(site)
    assert (latest.wetness, latest.product) == (Wetness.DRY, Product.NONE)
    has_earlier = page.locator("[name=view]:checked").get_attribute("data-ghost")
    assert latest.parting is (Parting.SAME if has_earlier else Parting.UNKNOWN)
    page.goto("/photos/new?view=back")
    _chooses(page, photos(2)[1:])
    _send(page)
    expect(_status(page, "1 of 1 photo safely stored")).to_be_visible()
    assert {_latest(site).wetness, _latest(site).length} == {Wetness.UNKNOWN, HairLength.UNKNOWN}


def test_without_scripts_everything_is_there_and_several_files_go_at_once(site: Site, visit: Visit, photos):
    page = visit("/photos/new", java_script_enabled=False)
    before = len(photos_of(site, WHO))
    page.get_by_text("Crown", exact=True).click()
    expect(page.locator("[data-guide=crown]")).to_be_visible()
    expect(page.locator("[data-guide=midline]")).to_be_hidden()
    expect(page.get_by_role("button", name="Take it now")).to_have_count(0)
    page.get_by_text("Wet", exact=True).click()
    page.get_by_label("Photos", exact=True).set_input_files(photos(3))
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("body")).to_contain_text("3 photos are safely stored.")
    assert len(photos_of(site, WHO)) == before + 3
    assert {photo.wetness for photo in photos_of(site, WHO)[:3]} == {Wetness.WET}


def _chooses(page: Page, files: list[Path]) -> None:
    page.get_by_label("Photos", exact=True).set_input_files(files)


def _send(page: Page) -> None:
    page.get_by_role("button", name="Send", exact=True).click()


def _line(page: Page, number: int = 0) -> Locator:
    return page.locator(".send").nth(number)


def _status(page: Page, words: str) -> Locator:
    return page.get_by_role("status").filter(has_text=words)


def _latest(site: Site) -> Photo:
    return photos_of(site, WHO)[0]


def _dark_corner(canvas: Locator) -> str:
    drawn = canvas.evaluate("canvas => canvas.toDataURL('image/png')").partition(",")[2]
    grey = Image.open(io.BytesIO(base64.b64decode(drawn))).convert("L")
    places = {"top left": (0, 0), "top right": (1, 0), "bottom left": (0, 1), "bottom right": (1, 1)}
    spots = {
        name: (int((0.1 + 0.8 * x) * grey.width), int((0.1 + 0.8 * y) * grey.height)) for name, (x, y) in places.items()
    }
    return min(spots, key=lambda name: grey.getpixel(spots[name]))
