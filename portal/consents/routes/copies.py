"""Signatures as they were given: the copy to print, the exact text to keep, a client’s consents for practitioners."""

from uuid import UUID

from fastapi import Request
from starlette.responses import PlainTextResponse, Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentPractitioner, SignedIn
from portal.audit import service as audit
from portal.consents import queries, rules
from portal.kit.routing import Db, Router
from portal.kit.web import render

router = Router()


@router.get("/consents/signed/{consent_id}", name="consents:show")
def show(request: Request, db: Db, viewer: SignedIn, consent_id: UUID) -> Response:
    consent = queries.consent(db, viewer, consent_id)
    audit.seen(db, viewer, "consents.seen", consent.client_id, consent)
    return render(request, "consents/show.html", consent=consent)


@router.get("/consents/signed/{consent_id}/text", name="consents:exact")
def exact(request: Request, db: Db, viewer: SignedIn, consent_id: UUID) -> Response:
    """The bytes whose SHA-256 the copy shows."""
    consent = queries.consent(db, viewer, consent_id)
    audit.seen(db, viewer, "consents.seen", consent.client_id, consent)
    headers = {"content-disposition": 'attachment; filename="consent.txt"', "cache-control": "no-store"}
    return PlainTextResponse(rules.canonical(consent.text), headers=headers)


@router.get("/clients/{client_id}/consents", name="consents:of-client")
def of_client(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID) -> Response:
    client = accounts.client(db, practitioner, client_id)
    matters = queries.of_client(db, practitioner, client.id)
    given = queries.signatures(db, practitioner, client.id)
    audit.seen(db, practitioner, "consents.seen", client.id)
    return render(request, "consents/of_client.html", client=client, matters=matters, given=given)
