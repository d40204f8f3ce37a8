"""The queue and the list of clients."""

from collections import Counter

from fastapi import Request
from starlette.responses import Response

from portal.accounts import queries as people
from portal.accounts.auth import CurrentPractitioner
from portal.audit import service as audit
from portal.kit.routing import Db, Router
from portal.kit.web import render
from portal.worklist import queries
from portal.worklist.rules import Kind, Rank

router = Router()


@router.get("/queue", name="worklist:queue")
def queue(request: Request, db: Db, practitioner: CurrentPractitioner, show: Kind | None = None) -> Response:
    waiting = queries.queue(db, practitioner)
    counts = Counter(one.kind for one in waiting)
    shown = [one for one in waiting if show in {None, one.kind}]
    urgent = sum(one.rank is Rank.URGENT for one in waiting)
    known = {"counts": counts, "kinds": list(Kind), "most": queries.MOST, "show": show, "urgent": urgent}
    return render(request, "worklist/queue.html", waiting=shown, **known)


@router.get("/clients", name="worklist:clients")
def clients(request: Request, db: Db, practitioner: CurrentPractitioner, words: str = "") -> Response:
    found = people.clients(db, practitioner, words.strip()[:80])
    for client in found if words else ():
        audit.seen(db, practitioner, "clients.found", client.id)
    return render(request, "worklist/clients.html", clients=found, words=words)
