"""Each path that leads to a treatment session. A path answers None when it led there, else what was said."""

import re
from collections.abc import Callable
from html import unescape

from sqlmodel import select
from starlette.testclient import TestClient

from portal.accounts.models import Person
from portal.bookings import console, service
from portal.kit import clock
from portal.kit.errors import Refused
from portal.treatments import queries as treatments
from portal.waiting import queries as waiting
from portal.waiting import service as waiting_service
from tests.gate.world import LAST, NEW, OFFERED, World, at

Path = Callable[[World], str | None]
NEEDLING = {"treatment": "scalp-micro-needling"}


def _post(browser: TestClient, address: str, **fields: object) -> str | None:
    """Send a form; None when it led to another page."""
    answer = browser.post(address, data=fields)
    if answer.status_code == 303:
        return None
    assert answer.status_code in {409, 422}, (answer.status_code, answer.text[:400])
    return unescape(re.sub(r"<[^>]+>", " ", answer.text))


def _client_books(world: World) -> str | None:
    return _post(world.browser(world.cast.alice), "/appointments", slot=world.slot(NEW), **NEEDLING)


def _client_holds(world: World) -> str | None:
    return _post(world.browser(world.cast.alice), "/appointments/hold", slot=world.slot(NEW), **NEEDLING)


def _team_books(world: World) -> str | None:
    page = f"/clients/{world.cast.alice.id}/appointments/new"
    return _post(world.browser(world.cast.bob), page, slot=world.slot(NEW), **NEEDLING)


def _client_moves(world: World) -> str | None:
    page = f"/appointments/{world.first}/move"
    return _post(world.browser(world.cast.alice), page, slot=world.slot(NEW), reason="A journey")


def _team_moves(world: World) -> str | None:
    page = f"/appointments/{world.first}/move"
    return _post(world.browser(world.cast.bob), page, slot=world.slot(NEW), reason="A journey")


def _client_books_the_course(world: World) -> str | None:
    slots = [world.slot(NEW), world.slot(LAST)]
    return _post(world.browser(world.cast.alice), "/course/sessions", slot=slots)


def _team_books_the_course(world: World) -> str | None:
    page, slots = f"/clients/{world.cast.alice.id}/course/sessions", [world.slot(NEW), world.slot(LAST)]
    return _post(world.browser(world.cast.bob), page, slot=slots)


def _list_offers(world: World) -> str | None:
    """The offer that stands is taken back, so that the list may offer the time anew."""
    with world.db() as db:
        for one in waiting.every_open_offer(db):
            waiting_service.withdraw(db, one)
    with world.db() as db:
        waiting_service.freed(db, service.FreedTime(world.cast.bob.id, at(db, OFFERED, 13), at(db, OFFERED, 15)))
    with world.db() as db:
        while waiting_service.offer_next(db):
            pass
        return None if waiting.every_open_offer(db) else "Nobody is offered it."


def _client_accepts(world: World) -> str | None:
    with world.db() as db:
        try:
            waiting_service.accept(db, world.cast.alice, waiting.offer(db, world.cast.alice, world.offer))
        except Refused as error:
            return error.sentence
    return None


def _command_line(world: World) -> str | None:
    with world.db() as db:
        mail = dict(db.exec(select(Person.id, Person.email)).all())
        when = at(db, NEW).isoformat()
        slug = treatments.needling(db).slug
        try:
            console.book(db, mail[world.cast.alice.id], mail[world.cast.bob.id], slug, when)
        except Refused as error:
            return error.sentence
    return None


def _attending(world: World) -> str | None:
    """The second session begins; what was put on hold before cannot take place."""
    with world.db() as db:
        starts_at = world.appointment(db, world.second).starts_at
    with clock.travelled(starts_at - clock.now()), world.db() as db:
        try:
            service.attend(db, world.cast.bob, world.appointment(db, world.second))
        except Refused as error:
            return error.sentence
    return None


PATHS: dict[str, Path] = {
    "client books": _client_books,
    "client holds a time": _client_holds,
    "team books": _team_books,
    "client moves": _client_moves,
    "team moves": _team_moves,
    "client books the course": _client_books_the_course,
    "team books the course": _team_books_the_course,
    "waiting list offers": _list_offers,
    "client accepts an offer": _client_accepts,
    "command line": _command_line,
    "session begins": _attending,
}
