"""The main job, whole: a stranger asks, becomes a client, is found suitable, treated, watched and answered."""

import io
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from portal.bookings.models import Appointment
from portal.demo import scalp
from portal.kit import clock
from portal.kit.db import transaction
from tests.journeys.conftest import Site, sign_in
from tests.journeys.papers import signs_consent

pytestmark = pytest.mark.browser
NORA, PASSWORD = "nora@example.test", "three-calm-otters-drift"
UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
Visit = Callable[..., Page]


def test_from_enquiry_to_the_answer(site: Site, visit: Visit, tmp_path: Path) -> None:
    """Each chapter is what one person does; nobody else's browser sees any of it."""
    client, staff = visit(width=390), visit("practitioner")
    _enquires(client)
    _is_invited(site, staff)
    _sets_a_password(site, client)
    consultation = _books(client, "free-consultation")
    site.at(_starts(site, consultation) + timedelta(minutes=31))
    client_path = _is_found_suitable(site, visit)
    site.at(clock.now() + timedelta(days=1))
    sign_in(client, NORA, PASSWORD)
    signs_consent(site, client, "Nora Fields")
    needling = _books(client, "scalp-micro-needling")
    site.at(_starts(site, needling) + timedelta(minutes=65))
    record = _record_is_signed(visit, needling)
    sign_in(client, NORA, PASSWORD)
    photos = _sends_two_photos(client, tmp_path)
    site.at(clock.now() + timedelta(hours=30))
    sign_in(client, NORA, PASSWORD)
    report = _reports_a_side_effect(client)
    _is_reviewed(visit, photos[0], report)
    _reads_the_answer(client, photos[0], report)
    _nobody_else_sees(visit, [consultation, needling, record, report, *photos, client_path])
    _nothing_carries_metadata(site, client, photos)


def _enquires(page: Page) -> None:
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Free consultation", exact=True).first.click()
    page.get_by_label("Your name").fill("Nora Fields")
    page.get_by_label("E-mail address").fill(NORA)
    page.get_by_label("What would you like to know?").fill("Is this something for a widening parting?")
    page.get_by_role("radio", name="A call").check()
    page.get_by_label("Phone").fill("+49 30 901820")
    page.get_by_label("You may contact me").check()
    page.get_by_role("button", name="Send my enquiry").click()
    expect(page.get_by_role("heading", name="Thank you. We have it.")).to_be_visible()


def _is_invited(site: Site, staff: Page) -> None:
    assert "We have your enquiry" in [message["Subject"] for message in site.mail_to(NORA)]
    staff.goto("/enquiries")
    staff.get_by_role("link", name="Is this something for a widening parting?").click()
    expect(staff.get_by_text("+4930901820")).to_be_visible()
    staff.get_by_role("button", name="Invite as a client").click()
    expect(staff.get_by_text("Nora Fields is invited")).to_be_visible()


def _sets_a_password(site: Site, page: Page) -> None:
    page.goto(site.link_to(NORA))
    assert page.url.endswith("/link"), "the token does not stay in the address bar"
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Set my password").click()
    expect(page.get_by_role("heading", name=re.compile("Nora"))).to_be_visible()


def _books(page: Page, treatment: str) -> str:
    page.goto(f"/appointments/new?treatment={treatment}")
    page.locator("label.slot").first.click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("We keep this time for you until")).to_be_visible()
    page.get_by_role("button", name="Confirm and book").click()
    page.wait_for_url(re.compile(f"/appointments/{UUID}"))
    return "/appointments/" + re.findall(UUID, page.url)[0]


def _starts(site: Site, path: str) -> datetime:
    with transaction(site.app.state.engine, write=False) as db:
        return db.get_one(Appointment, uuid.UUID(re.findall(UUID, path)[0])).starts_at


def _is_found_suitable(site: Site, visit: Visit) -> str:
    staff = visit("practitioner")
    staff.goto("/clients?words=Nora")
    staff.get_by_role("link", name="Nora Fields").click()
    client_path = "/clients/" + re.findall(UUID, staff.url)[0]
    staff.goto(f"{client_path}/appointments/new?treatment=scalp-micro-needling")
    expect(staff.get_by_text("Book a consultation, then sign a verdict").first).to_be_visible()
    staff.goto(f"{client_path}/verdict")
    staff.get_by_role("radio", name="Suitable", exact=True).check()
    staff.get_by_label("Treatment").select_option(label="Scalp micro-needling")
    staff.get_by_label("Reasons").fill("Healthy skin, pattern thinning along the parting.")
    staff.get_by_label("Sessions").fill("3")
    staff.get_by_label("Greatest depth in mm").fill("1.5")
    staff.get_by_label("Valid until").fill((clock.now() + timedelta(days=170)).date().isoformat())
    staff.get_by_role("checkbox", name="Crown").check()
    staff.get_by_role("button", name="Sign the verdict").click()
    staff.goto(f"{client_path}/course")
    staff.get_by_label(re.compile("Sessions")).fill("3")
    staff.get_by_label(re.compile("Days between|Interval|interval")).fill("28")
    staff.get_by_label(re.compile("review|look", re.IGNORECASE)).first.fill(
        (clock.now() + timedelta(days=120)).date().isoformat()
    )
    staff.get_by_label(re.compile("stop", re.IGNORECASE)).fill("No visible change after the third session.")
    staff.get_by_role("main").get_by_role("button").first.click()
    return client_path


def _record_is_signed(visit: Visit, appointment: str) -> str:
    staff = visit("practitioner")
    staff.goto(f"{appointment}/record")
    staff.get_by_label("Device").fill("Needling pen, model 2")
    staff.get_by_label("Cartridge lot").fill("B-77")
    staff.get_by_label("Cartridge expires on").fill((clock.now() + timedelta(days=90)).date().isoformat())
    crown = staff.get_by_role("group", name="Crown")
    crown.get_by_label("Depth in mm").fill("1.0")
    crown.get_by_label("Passes").fill("4")
    staff.get_by_role("radio", name="Mild redness").check()
    staff.locator("#f-topical").fill("Hyaluronic acid")
    staff.get_by_label("I went through the aftercare").check()
    staff.get_by_role("button", name="Sign this record").click()
    staff.wait_for_url(re.compile(f"/records/{UUID}"))
    return "/records/" + re.findall(UUID, staff.url)[0]


def _sends_two_photos(page: Page, folder: Path) -> list[str]:
    taken = datetime(2026, 3, 1, 9, 30)  # noqa: DTZ001 - a camera's local clock
    files = [folder / "IMG_0001.jpg", folder / "IMG_0002.jpg"]
    for number, file in enumerate(files):
        drawn = scalp.draw("crown", person_seed=7, shot_seed=number, coverage=0.5, size=(810, 1080)).resize(
            (1200, 1600)
        )
        file.write_bytes(scalp.jpeg(drawn, taken_at=taken + timedelta(days=number), orientation=6))
    page.goto("/photos/new")
    page.get_by_text("Crown", exact=True).click()
    page.get_by_label("Photos", exact=True).set_input_files(files)
    expect(page.locator(".send")).to_have_count(2)
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/photos")
    return ["/photos/" + key for key in dict.fromkeys(re.findall(rf'href="/photos/({UUID})"', page.content()))]


def _reports_a_side_effect(page: Page) -> str:
    page.goto("/side-effects/new")
    page.get_by_role("radio", name="None of these").first.check()
    page.get_by_role("checkbox", name=re.compile("^Redness")).first.check()
    page.locator("[name=redness][value=mild]").check()
    page.locator("[name=trend][value=better]").check()
    page.get_by_role("button", name="Get my answer").click()
    page.wait_for_url(re.compile(f"/side-effects/{UUID}"))
    return "/side-effects/" + re.findall(UUID, page.url)[0]


def _is_reviewed(visit: Visit, photo: str, report: str) -> None:
    staff = visit("practitioner")
    staff.goto("/queue")
    expect(staff.get_by_text("Nora Fields").first).to_be_visible()
    for path, words in ((photo, "A sharp photo, thank you."), (report, "This is what we expect on day two.")):
        staff.goto(path)
        staff.get_by_label("Reply to the client").fill(words)
        staff.get_by_label("Private note").fill("For colleagues only.")
        staff.get_by_role("button", name="Save the review").click()


def _reads_the_answer(page: Page, photo: str, report: str) -> None:
    page.goto("/home")
    expect(page.get_by_text("A sharp photo, thank you.")).to_be_visible()
    for path, words in ((photo, "A sharp photo, thank you."), (report, "This is what we expect on day two.")):
        page.goto(path)
        expect(page.get_by_text(words)).to_be_visible()
        assert "For colleagues only" not in page.content()


def _nobody_else_sees(visit: Visit, paths: list[str]) -> None:
    other, admin, stranger = visit("client2"), visit("admin"), visit()
    for path in paths:
        for page, allowed in ((other, {403, 404}), (admin, {403, 404}), (stranger, {200})):
            answer = page.goto(path)
            assert answer is not None
            assert answer.status in allowed, (path, page.url)
            assert "Nora" not in page.content()
        assert "/sign-in" in stranger.url


def _nothing_carries_metadata(site: Site, page: Page, photos: list[str]) -> None:
    for path in photos:
        for size in ("small", "medium", "large"):
            data = page.request.get(f"{path}/{size}.jpg").body()
            picture = Image.open(io.BytesIO(data))
            assert picture.height > picture.width, "turned upright"
            assert not picture.getexif()
            assert b"Exif" not in data
    stored = [file.read_bytes() for file in (site.data / "uploads").rglob("*") if file.is_file()]
    assert stored
    assert not any(b"Exif" in data or data.startswith(b"\xff\xd8") for data in stored)
