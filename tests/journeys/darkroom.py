"""What stories about photos share: a film for the fake camera, a browser that plays it, what became of the photos."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter
from playwright.sync_api import Browser, BrowserContext, Page
from sqlmodel import col, select

from portal.accounts import service as accounts
from portal.accounts.models import Person
from portal.demo import album, scalp
from portal.kit import clock
from portal.kit.db import transaction
from portal.photos.models import Photo
from tests.journeys.conftest import Site
from tests.tools.browser import QUIET, chromium_path

SIZE = (600, 800)
BLURS = (0.9, 0.6, 0.0)
# Frames, 30 a second: of the wrong place, of the right one, and of each blur in turn. A busy machine must have the time
# to turn the automatic shutter off in the first, and to hold still for a second in the second.
AWAY, THERE, EACH = 120, 60, 4


def film(path: Path) -> None:
    """A crown from too far away and blurred; then in its place, where one part in three is sharp; and again."""
    far = _crown(zoom=0.75).filter(ImageFilter.GaussianBlur(4))
    near = _crown()
    blurred = [near.filter(ImageFilter.GaussianBlur(blur)) if blur else near for blur in BLURS]
    there = [frame for blur in blurred for frame in [_jpeg(blur)] * EACH]
    path.write_bytes(b"".join([*[_jpeg(far)] * AWAY, *there * (THERE // len(BLURS))]))


def still(path: Path) -> None:
    """A crown in its place and sharp, for as long as anybody looks."""
    path.write_bytes(_jpeg(_crown()))


def _crown(**where: float) -> Image.Image:
    return scalp.draw("crown", person_seed=album.PERSON, shot_seed=9, coverage=0.6, size=SIZE, **where)


def _jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=88)
    return file.getvalue()


def with_camera(chromium: Browser, path: Path, *, allowed: bool = True) -> Browser:
    """A browser whose only camera plays a film; `allowed`: whoever is asked for it says yes."""
    args = [*QUIET, "--no-sandbox", "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={path}"]
    args += ["--use-fake-ui-for-media-stream"] if allowed else []
    return chromium.browser_type.launch(executable_path=chromium_path(), args=args)


def come(site: Site, browser: Browser, address: str, **options: Any) -> Page:
    """Somebody's browser, signed in without the form: so many in a minute would be too many tries at the door."""
    state = site.app.state
    with transaction(state.engine) as db:
        client = db.exec(select(Person).where(col(Person.email) == address)).one()
        token = accounts.start_sign_in(db, client.id, "a test")
    context: BrowserContext = browser.new_context(base_url=site.url, **options)
    context.set_default_timeout(20_000)
    context.add_cookies([{"name": state.cookie_name, "value": token, "url": site.url}])
    return context.new_page()


def photos_of(site: Site, address: str) -> Sequence[Photo]:
    """Somebody's photos, the latest first."""
    with transaction(site.app.state.engine, write=False) as db:
        client = db.exec(select(Person).where(col(Person.email) == address)).one()
        theirs = select(Photo).where(Photo.client_id == client.id).order_by(col(Photo.received_at).desc())
        return db.exec(theirs).all()


def put_away(site: Site, address: str) -> None:
    """Nobody has to look through the photos of a test: they leave the queue, which other stories read."""
    with transaction(site.app.state.engine) as db:
        for photo in photos_of(site, address):
            row = db.get_one(Photo, photo.id)
            row.reviewed_at = row.reviewed_at or clock.now()
            db.add(row)
