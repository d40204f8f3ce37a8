"""Days on which the clinic or one of its places is shut, for an admin."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentAdmin
from portal.availability import premises, queries
from portal.availability.answers import by_id, done, place_options, standing
from portal.availability.forms import ClosureForm
from portal.availability.shut import Shut
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render

router = Router(prefix="/admin/closures")
Entry = Annotated[Bound[ClosureForm], Depends(bind(ClosureForm))]


@router.get("", name="availability:closures")
def closures(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    return _page(request, db, blank())


@router.post("", name="availability:add-closure")
def add(request: Request, db: Db, admin: CurrentAdmin, form: Entry) -> Response:
    made: list[Shut] = []
    if not done(form, "last_day", lambda: made.append(premises.add_closure(db, admin, form.value))):
        return _page(request, db, form, 422)
    told, kind = standing(made[0])
    return redirect(request, "availability:closures", flash=f"No free times are offered then. {told}", kind=kind)


@router.post("/{closure_id}/remove", name="availability:remove-closure")
def remove(request: Request, db: Db, admin: CurrentAdmin, posted: Posted, closure_id: UUID) -> Response:
    premises.remove_closure(db, admin, closure_id)
    return redirect(request, "availability:closures", flash="Removed. The usual hours hold again.")


def _page(request: Request, db: Db, form: Bound[Any], status: int = 200) -> Response:
    known = {"places": place_options(db), "place_names": by_id(queries.places(db))}
    return render(request, "availability/closures.html", status, closures=queries.closures(db), form=form, **known)
