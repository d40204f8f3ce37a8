"""The thread as the client sees it, and as a practitioner sees it."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentClient, CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.kit import limits
from portal.kit.db import afterwards
from portal.kit.forms import Bound, bind, blank
from portal.kit.paging import parse_before
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.messages import queries, service
from portal.messages.forms import MessageForm
from portal.messages.models import Message

router = Router()
Entry = Annotated[Bound[MessageForm], Depends(bind(MessageForm))]
_AN_HOUR = {"limit": 60, "seconds": 3600}


@router.get("/messages", name="messages:mine")
def mine(request: Request, db: Db, client: CurrentClient, before: str | None = None) -> Response:
    return _page(request, db, client, client.id, form=blank(), before=before)


@router.post("/messages", name="messages:send")
def send(request: Request, db: Db, client: CurrentClient, form: Entry) -> Response:
    if not form.ok:
        return _page(request, db, client, client.id, form=form, status=422)
    limits.spend(db, "messages", str(client.id), **_AN_HOUR)
    service.send(db, client, client.id, form.value)
    return redirect(request, "messages:mine", flash="Your message is sent.", fragment="newest")


@router.get("/clients/{client_id}/messages", name="messages:thread")
def thread(
    request: Request, db: Db, viewer: CurrentPractitioner, client_id: UUID, before: str | None = None
) -> Response:
    return _page(request, db, viewer, client_id, form=blank(), before=before)


@router.post("/clients/{client_id}/messages", name="messages:answer")
def answer(request: Request, db: Db, viewer: CurrentPractitioner, client_id: UUID, form: Entry) -> Response:
    person = accounts.client(db, viewer, client_id)
    if not form.ok:
        return _page(request, db, viewer, client_id, form=form, status=422)
    service.send(db, viewer, person.id, form.value)
    return redirect(request, "messages:thread", client_id=client_id, flash="Your message is sent.", fragment="newest")


def _page(
    request: Request,
    db: Db,
    viewer: Viewer,
    client_id: UUID,
    *,
    form: Bound[Any],
    before: str | None = None,
    status: int = 200,
) -> Response:
    person = accounts.client(db, viewer, client_id)
    page = queries.thread(db, viewer, client_id, parse_before(before))
    names = queries.authors(db, page.rows)
    audit.seen(db, viewer, "messages.seen", client_id)
    _opened(db, viewer, client_id, page.rows)
    known = {"person": person, "page": page, "names": names, "is_older": bool(before)}
    return render(request, "messages/thread.html", status, form=form, **known)


def _opened(db: Db, viewer: Viewer, client_id: UUID, shown: Sequence[Message]) -> None:
    """A look is kept as the audit keeps one: after the page is made, in a transaction of its own."""
    if shown:
        until = shown[0].sent_at
        afterwards(db, lambda later: service.mark_read(later, viewer, client_id, until))
