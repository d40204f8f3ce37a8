"""The client's side: where the decision stands."""

from fastapi import Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentClient
from portal.kit.routing import Db, Router
from portal.kit.web import render
from portal.questionnaires import queries as health
from portal.suitability import queries

router = Router(prefix="/suitability")


@router.get("", name="suitability:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    standing = queries.standing(db, client, client.id)
    names = accounts.names(db, [verdict.practitioner_id for verdict in standing.verdicts])
    sent = health.newest(db, client, client.id)
    return render(request, "suitability/mine.html", standing=standing, names=names, sent=sent)
