"""A client's yes to an appointment."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from portal.accounts.auth import CurrentClient
from portal.bookings import queries as bookings
from portal.calendars import service
from portal.kit.forms import Posted
from portal.kit.routing import Db, Router
from portal.kit.web import redirect

router = Router(prefix="/appointments")


@router.post("/{appointment_id}/confirm", name="calendars:confirm")
def confirm(request: Request, db: Db, client: CurrentClient, posted: Posted, appointment_id: UUID) -> Response:
    service.confirm(db, client, bookings.appointment(db, client, appointment_id))
    return redirect(request, "bookings:show", appointment_id=appointment_id, flash="Thank you, we expect you.")
