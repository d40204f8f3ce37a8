"""The client's own recovery, and all clients in recovery for practitioners."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentClient, CurrentPractitioner
from portal.audit import service as audit
from portal.escalations import queries as escalations
from portal.kit import clock
from portal.kit.routing import Db, Router
from portal.kit.web import render
from portal.recovery import queries, rules, watched
from portal.side_effects import words

router = Router(prefix="/recovery")
Chosen = Annotated[UUID | None, Query(alias="session")]


@router.get("", name="recovery:mine")
def mine(request: Request, db: Db, client: CurrentClient, appointment_id: Chosen = None) -> Response:
    found = queries.own(db, client, appointment_id, clock.now())
    return render(request, "recovery/mine.html", told=found, rules=rules, words=words)


@router.get("/clients", name="recovery:clients")
def clients(request: Request, db: Db, viewer: CurrentPractitioner, after: UUID | None = None) -> Response:
    page = watched.clients(db, viewer, clock.now(), after)
    for card in page.rows:
        audit.seen(db, viewer, "recovery.seen", card.standing.client_id)
    weeks = escalations.load(db, viewer)
    known = {"weeks": weeks, "share": rules.share(weeks), "days": rules.IN_RECOVERY.days}
    return render(request, "recovery/clients.html", page=page, after=after, words=words, **known)
