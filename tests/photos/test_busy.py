"""Photos are read two at a time. Who sends many, or slow ones, makes nobody else wait."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from anyio import to_thread
from sqlmodel import select

from portal.accounts import service as accounts
from portal.accounts.rules import Viewer
from portal.kit.db import transaction
from portal.photos import decode as module
from portal.photos.models import Photo
from tests.make import a_jpeg
from tests.photos import make_scalps as scalps

THREADS = 5
JSON = {"accept": "application/json"}


@pytest.fixture
def reading(monkeypatch):
    """`reading(1.5)`: two photos of others are being read, for as long as the test lasts; a wait ends after so much."""
    with contextlib.ExitStack() as held:

        def begin(patience: float) -> None:
            monkeypatch.setattr(module, "PATIENCE", patience)
            for _ in range(2):
                held.enter_context(module._CAGE._turns.taken())

        yield begin


@pytest.fixture
def at_once(app, engine):
    """Run requests of several people in one portal with few threads: `act(*browsers)`, one for each of them."""

    def run(people: Sequence[Viewer], act: Callable[..., Coroutine[Any, Any, None]]) -> None:
        async def all_of_it() -> None:
            to_thread.current_default_thread_limiter().total_tokens = THREADS
            async with contextlib.AsyncExitStack() as open_browsers:
                await act(*[await open_browsers.enter_async_context(_browser(app, token)) for token in tokens])

        with transaction(engine) as db:
            tokens = [accounts.start_sign_in(db, viewer.id, "a test") for viewer in people]
        with ThreadPoolExecutor(1) as thread:  # the main one has a loop of its own while a browser is open
            thread.submit(asyncio.run, all_of_it()).result()

    return run


def _browser(app, token: str) -> httpx2.AsyncClient:
    headers = {"sec-fetch-site": "same-origin"}
    browser = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1:8000", headers=headers, timeout=60
    )
    browser.cookies.set(app.state.cookie_name, token)
    return browser


def _file(number: int = 0) -> dict[str, tuple[str, bytes]]:
    return {"photos": ("a.jpg", a_jpeg() + bytes([number]))}


def test_who_sends_many_at_once_is_told_to_wait_and_others_are_served(at_once, reading, alice, charlie):
    reading(6)

    async def act(of_alice, of_charlie):
        answers: list[httpx2.Response] = []

        async def send(number: int) -> None:
            answers.append(await of_alice.post("/photos", data={"view": "crown"}, files=_file(number)))

        sending = [asyncio.create_task(send(number)) for number in range(8)]
        await asyncio.sleep(0.3)
        written = await of_charlie.post("/messages", data={"body": "When is my next visit?"})
        assert written.status_code == 303
        assert len(answers) < len(sending), "some of the photos still wait"
        await asyncio.gather(*sending)
        assert [answer.status_code for answer in answers] == [503] * 8
        assert {answer.headers["retry-after"] for answer in answers} == {"10"}
        assert "Please send it again in a moment." in answers[0].text

    at_once([alice, charlie], act)


def test_a_person_whose_photo_is_read_slowly_keeps_nobody_from_the_other_place(alice_browser, charlie_browser, alice):
    with module._CAGE._turns.taken(alice.id):
        answer = charlie_browser.post("/photos", data={"view": "crown"}, files=_file(), headers=JSON)
        assert answer.json()["ok"]


def test_of_many_files_none_is_tried_in_vain_after_the_first(alice_browser, reading, engine):
    reading(1)
    began = time.monotonic()
    files = [("photos", (f"IMG_{number}.jpg", a_jpeg() + bytes([number]))) for number in range(20)]
    page = alice_browser.post("/photos", data={"view": "crown"}, files=files)
    assert time.monotonic() - began < 15, "twenty waits would be twenty seconds"
    assert page.status_code == 422
    assert page.text.count("We are busy reading other photos") >= 20
    with transaction(engine, write=False) as db:
        assert not db.exec(select(Photo)).all()


def test_another_view_waits_no_longer_than_a_photo(alice_browser, reading):
    raw = scalps.dated()
    photo = alice_browser.post("/photos", data={"view": "crown"}, files={"photos": ("a.jpg", raw)}, headers=JSON).json()
    reading(0.1)
    answer = alice_browser.post(f"/photos/{photo['photo']}/view", data={"view": "back"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
