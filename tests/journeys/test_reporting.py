"""Reporting on a phone: how many taps a mild report takes, the drawing of zones, a connection that comes and goes."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlmodel import col, select

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.kit import clock
from portal.kit.db import transaction
from portal.side_effects.models import ReportDraft, SideEffectReport
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind
from tests.journeys.conftest import Site
from tests.journeys.darkroom import come
from tests.make import a_jpeg
from tests.make_questionnaires import health_answers
from tests.make_side_effects import a_session_done
from tests.tools.crawl import faults, looks

pytestmark = pytest.mark.browser
WHO, PHONE, MOST_TAPS = "reporter@example.test", {"width": 390, "height": 844}, 8
NEW, UNSAVED = "/side-effects/new", "Not saved just now; we keep trying; nothing on this page is lost."
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def reporter(site: Site) -> None:
    """Somebody who was treated five hours ago, and nothing in whose answers asks for an earlier look."""
    with transaction(site.app.state.engine) as db:
        person = Person(name="Rosa Reed", email=WHO, password_hash="-")
        db.add(person)
        db.flush()
        health_answers(db, person.as_viewer())
        treatment = db.exec(select(Treatment).where(Treatment.kind == Kind.SESSION)).first()
        a_session_done(db, person.as_viewer(), accounts.practitioners(db)[0], 5, treatment)


@pytest.fixture
def visit(site: Site, chromium: Browser, reporter: None) -> Iterator[Visit]:
    made = []

    def make(path: str = NEW, **options) -> Page:
        page = come(site, chromium, WHO, viewport=PHONE, **options)
        made.append(page.context)
        page.goto(path)
        return page

    yield make
    for context in made:
        context.close()
    with transaction(site.app.state.engine) as db:
        for draft in db.exec(select(ReportDraft)):
            db.delete(draft)


class Taps:
    """Taps on a phone, counted; and how many different fields they were on."""

    def __init__(self) -> None:
        self.on: list[str] = []

    def __call__(self, what: Locator) -> None:
        self.on.append(what.get_attribute("name") or what.get_attribute("for") or "a button")
        what.click()

    @property
    def fields(self) -> int:
        return len(set(self.on) - {"a button"})


def _reports(site: Site) -> Sequence[SideEffectReport]:
    with transaction(site.app.state.engine, write=False) as db:
        hers = select(SideEffectReport).join(Person, col(Person.id) == SideEffectReport.client_id)
        return db.exec(hers.where(Person.email == WHO).order_by(col(SideEffectReport.reported_at))).all()


def _mild(page: Page, tap: Callable[[Locator], object] = Locator.click) -> None:
    """Redness, mild, the same, on the crown."""
    tap(page.get_by_label("None of these").first)
    tap(page.get_by_label("Redness", exact=True))
    tap(page.get_by_label("Mild: clearly there"))
    tap(page.get_by_label("The same, or it has just begun"))
    tap(page.get_by_role("checkbox", name="Crown"))


def _send(page: Page) -> Locator:
    return page.get_by_role("button", name="Get my answer")


def _says(page: Page, words: str) -> None:
    expect(page.locator("[data-says]")).to_contain_text(words, timeout=15_000)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_mild_report_takes_few_taps(site: Site, visit: Visit, capsys: pytest.CaptureFixture[str], *, scripts: bool):
    page, tap = visit(java_script_enabled=scripts), Taps()
    began = clock.now()
    _mild(page, tap)
    tap(_send(page))
    page.wait_for_url(lambda url: not url.endswith("/new"))
    expect(page.get_by_role("heading", name="Expected at this time")).to_be_visible()
    expect(page.get_by_text("Redness mild, 5 hours after your session: usual until hour 48.")).to_be_visible()
    took = (clock.now() - began).total_seconds()
    with capsys.disabled():
        print(
            f"\n  mild report with a zone, 390 px: {len(tap.on)} taps on {tap.fields} fields, {took:.1f} s for a robot"
        )
    assert len(tap.on) <= MOST_TAPS
    assert _reports(site)[-1].zones == ["vertex"]


def test_what_is_typed_is_there_again_on_another_device_and_can_be_begun_anew(visit: Visit):
    page = visit()
    _mild(page)
    page.get_by_label("In your own words").fill("since the shower")
    _says(page, "Saved at")
    other = visit()
    expect(other.get_by_text("It was not sent.")).to_be_visible()
    expect(other.get_by_label("Mild: clearly there")).to_be_checked()
    expect(other.get_by_role("checkbox", name="Crown")).to_be_checked()
    expect(other.get_by_label("In your own words")).to_have_value("since the shower")
    other.get_by_role("button", name="Start anew").click()
    expect(other.get_by_text("It was not sent.")).to_have_count(0)
    expect(other.get_by_label("In your own words")).to_have_value("")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_it_can_be_left_and_gone_on_with(visit: Visit, *, scripts: bool):
    page = visit(java_script_enabled=scripts)
    page.get_by_label("Itch", exact=True).check()
    page.get_by_role("button", name="Save and go on later").click()
    page.wait_for_url("**/side-effects")
    page.get_by_role("link", name="Go on with it").click()
    expect(page.get_by_label("Itch", exact=True)).to_be_checked()


def test_a_lost_connection_loses_nothing_and_says_so(site: Site, visit: Visit):
    page, before = visit(), len(_reports(site))
    page.context.set_offline(True)
    _mild(page)
    _says(page, UNSAVED)
    page.context.set_offline(False)
    _says(page, "Saved at")
    page.context.set_offline(True)
    _send(page).click()
    _says(page, "Not sent just now")
    assert page.get_by_label("Mild: clearly there").is_checked()
    assert len(_reports(site)) == before
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Expected at this time")).to_be_visible(timeout=20_000)
    assert len(_reports(site)) == before + 1


def test_a_report_whose_answer_was_lost_is_one_report(site: Site, visit: Visit):
    page, before, lost = visit(), len(_reports(site)), []
    _mild(page)
    wire = page.context.new_cdp_session(page)

    def loses_the_first_answer(event: dict[str, object]) -> None:
        verb, more = ("continueRequest", {}) if lost else ("failRequest", {"errorReason": "ConnectionReset"})
        lost.append(event.get("responseStatusCode"))
        wire.send(f"Fetch.{verb}", {"requestId": event["requestId"], **more})

    wire.on("Fetch.requestPaused", loses_the_first_answer)
    wire.send("Fetch.enable", {"patterns": [{"urlPattern": f"*{NEW}", "requestStage": "Response"}]})
    _send(page).click()
    expect(page.get_by_role("heading", name="Expected at this time")).to_be_visible(timeout=20_000)
    assert lost[:2] == [200, 303]
    assert len(_reports(site)) == before + 1


def test_a_server_that_is_down_is_tried_again(site: Site, visit: Visit):
    page, before = visit(), len(_reports(site))
    page.route(f"**{NEW}", lambda route: route.fulfill(status=503, content_type="text/html", body="<p>Later"))
    _mild(page)
    _send(page).click()
    _says(page, "Not sent just now")
    page.unroute(f"**{NEW}")
    expect(page.get_by_role("heading", name="Expected at this time")).to_be_visible(timeout=20_000)
    assert len(_reports(site)) == before + 1


def test_a_mistake_keeps_everything_also_the_photo_that_was_chosen(site: Site, visit: Visit):
    page = visit()
    _mild(page)
    page.get_by_label("A photo").set_input_files({"name": "red.jpg", "mimeType": "image/jpeg", "buffer": a_jpeg()})
    page.get_by_label("Temperature").fill("99")
    _send(page).click()
    expect(page.locator("#e-temperature")).to_contain_text("Please give the temperature")
    expect(page.locator("[data-problems]")).to_be_focused()
    assert page.evaluate("document.querySelector('[name=photo]').files[0].name") == "red.jpg"
    page.get_by_label("Temperature").fill("36.8")
    _send(page).click()
    page.wait_for_url(lambda url: not url.endswith("/new"))
    assert _reports(site)[-1].answers["temperature"] == 36.8


def test_a_photo_that_is_too_large_is_said_before_it_is_sent_and_can_be_left_out(site: Site, visit: Visit):
    page, before = visit(), len(_reports(site))
    _mild(page)
    page.evaluate(
        """() => { const held = new DataTransfer();
        held.items.add(new File([new Uint8Array(26 * 1024 * 1024)], "huge.jpg"));
        document.querySelector("[name=photo]").files = held.files; }"""
    )
    _send(page).click()
    _says(page, "larger than 25 MB")
    assert len(_reports(site)) == before
    page.get_by_role("button", name="Send without the photo").click()
    expect(page.get_by_role("heading", name="Expected at this time")).to_be_visible()


def test_zones_are_ticked_on_the_drawing_by_their_names_and_by_keyboard(visit: Visit):
    page = visit()
    crown, left = (page.get_by_role("checkbox", name=name) for name in ("Crown", "Left temple"))
    page.locator(".pick-spot[data-zone=vertex]").click(position={"x": 8, "y": 8})
    expect(crown).to_be_checked()
    page.locator(".pick-name", has_text="Left temple").click()
    expect(left).to_be_checked()
    left.focus()
    page.keyboard.press("Space")
    expect(left).not_to_be_checked()
    drawn = page.locator(".pick-zone[data-zone=vertex]").evaluate("zone => getComputedStyle(zone).strokeWidth")
    assert drawn != page.locator(".pick-zone[data-zone=mid]").evaluate("zone => getComputedStyle(zone).strokeWidth")


def test_a_red_flag_can_be_sent_alone_at_once(visit: Visit):
    page = visit()
    page.get_by_label("Swelling of lips or face").check()
    page.get_by_role("button", name="Send only this").click()
    expect(page.get_by_role("heading", name="Call now")).to_be_visible()


def test_its_pages_are_sound_at_every_width_and_colour(visit: Visit):
    page, found = visit(), []
    _mild(page)
    _says(page, "Saved at")
    for path in (NEW, "/side-effects"):
        page.goto(path)
        found += [f"{path} {width} px, {scheme}: {fault}" for width, scheme in looks(page) for fault in faults(page)]
    page.goto(NEW)
    _send(page).click()
    page.wait_for_url(lambda url: not url.endswith("/new"))
    found += [f"answer {width} px, {scheme}: {fault}" for width, scheme in looks(page) for fault in faults(page)]
    assert not found, "\n".join(found)
