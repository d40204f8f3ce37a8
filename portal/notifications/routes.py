"""The list of notices."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from portal.accounts.auth import SignedIn
from portal.kit.forms import Posted
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, redirect_to, render
from portal.notifications import queries, service

router = Router(prefix="/notices")


@router.get("", name="notifications:list")
def list_(request: Request, db: Db, viewer: SignedIn) -> Response:
    return render(request, "notifications/list.html", notices=queries.latest(db, viewer))


@router.post("/read", name="notifications:read-all")
def read_all(request: Request, db: Db, viewer: SignedIn, posted: Posted) -> Response:
    service.mark_read(db, viewer)
    return redirect(request, "notifications:list")


@router.post("/{notice_id}/open", name="notifications:open")
def open_(request: Request, db: Db, viewer: SignedIn, posted: Posted, notice_id: UUID) -> Response:
    notice = queries.one(db, viewer, notice_id)
    service.mark_read(db, viewer, notice_id)
    return redirect_to(request, notice.href) if notice.href else redirect(request, "notifications:list")
