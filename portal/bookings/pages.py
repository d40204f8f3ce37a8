"""One appointment as a page, as the page that confirms it, and as a file for a calendar."""

from typing import Any

from fastapi import Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.bookings import advice, gatekeeping, ics, queries, rules
from portal.bookings.forms import status_of
from portal.bookings.models import Appointment, SlotHold
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.forms import Bound, blank
from portal.kit.routing import Db
from portal.kit.web import render, url
from portal.treatments import queries as treatments


def show(
    request: Request, db: Db, viewer: Viewer, appointment: Appointment, form: Bound[Any] | None = None
) -> Response:
    """One appointment, with whatever form was filled in wrongly."""
    audit.seen(db, viewer, "bookings.seen", appointment.client_id, appointment)
    form = form or blank()
    (visit,) = queries.visits(db, [appointment])
    at, windows, policy = clock.now(), queries.windows(db, viewer), clinic.policy(db)
    overrides = queries.overrides_of(db, viewer, appointment.id)
    signers = [who for one in overrides for who in (one.by_id, one.countersigned_by_id) if who]
    known = {
        "form": form,
        "visit": visit,
        "policy": policy,
        "advice": advice.about(visit.treatment),
        "is_open": appointment.is_booked and at < appointment.starts_at,
        "may_move": windows.may_move(appointment.starts_at, at)
        and (viewer.is_staff or appointment.moves < policy.most_moves),
        "may_cancel": windows.may_cancel(appointment.starts_at, at),
        "may_attend": rules.may_attend(appointment.starts_at, at),
        "answer": gatekeeping.standing(db, appointment) if appointment.is_on_hold else None,
        "overrides": overrides,
        "signers": accounts.names(db, signers),
        "requests": queries.requests_of(db, viewer, appointment.id),
        "moves": queries.moves_of(db, viewer, appointment.id) if viewer.is_practitioner else (),
    }
    return render(request, "bookings/show.html", status_of(form), **known)


def confirming(request: Request, db: Db, kept: SlotHold) -> Response:
    """What is about to be booked. A time that is no longer kept may still be free: booking finds out."""
    treatment = treatments.get(db, kept.treatment_id)
    name = accounts.names(db, [kept.practitioner_id])[kept.practitioner_id]
    known = {"kept": kept, "treatment": treatment, "name": name, "policy": clinic.policy(db), "form": blank()}
    return render(request, "bookings/confirm.html", is_kept=kept.expires_at > clock.now(), **known)


def calendar_file(request: Request, db: Db, appointment: Appointment) -> Response:
    """The file, for keeping; nobody else keeps a copy."""
    profile = clinic.profile(db)
    page = request.app.state.settings.base_url + url(request, "bookings:show", appointment_id=appointment.id)
    file = ics.event(appointment, profile.name, profile.address, page, clock.now())
    made = Response(file, media_type="text/calendar; charset=utf-8")
    made.headers["content-disposition"] = 'attachment; filename="appointment.ics"'
    made.headers["cache-control"] = "no-store"
    return made
