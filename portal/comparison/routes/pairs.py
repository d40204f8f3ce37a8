"""Two photos with the verdict on them, and saving the pair; client and practitioner share the page."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as people
from portal.accounts.auth import CurrentClient, CurrentPractitioner, SignedIn
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.comparison import looking, queries, service
from portal.comparison.forms import ExportForm, PairFormat
from portal.comparison.queries import Pair
from portal.derivations import queries as derivations
from portal.derivations import wording
from portal.derivations.rules import Use
from portal.kit.errors import NotFound, Refused
from portal.kit.forms import Bound, bind, blank, refused
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.photos.vault import Vault
from portal.photos.views import GUIDES, View

router = Router()
Entry = Annotated[Bound[ExportForm], Depends(bind(ExportForm))]
EVEN = "even"


@router.get("/photos/compare", name="comparison:pair")
def pair(
    request: Request,
    db: Db,
    client: CurrentClient,
    view: View,
    before: UUID | None = None,
    after: UUID | None = None,
    light: str = "",
) -> Response:
    return _page(request, db, client, client.id, view, (before, after), even=light == EVEN)


@router.get("/clients/{client_id}/photos/compare", name="comparison:pair-client")
def pair_of_client(
    request: Request,
    db: Db,
    practitioner: CurrentPractitioner,
    client_id: UUID,
    view: View,
    before: UUID | None = None,
    after: UUID | None = None,
    light: str = "",
) -> Response:
    return _page(request, db, practitioner, client_id, view, (before, after), even=light == EVEN)


@router.post("/clients/{client_id}/photos/compare", name="comparison:export")
def export(request: Request, db: Db, viewer: SignedIn, client_id: UUID, form: Entry) -> Response:
    people.client(db, viewer, client_id)
    made = _saved(request, db, viewer, client_id, form)
    if made is None:
        return _again(request, db, viewer, client_id, form)
    return redirect(request, "derivations:download", derivation_id=made)


def _saved(request: Request, db: Db, viewer: Viewer, client_id: UUID, form: Bound[ExportForm]) -> UUID | None:
    """The saved pair; None when the form or a rule says no, and then the form says why."""
    if not form.ok:
        return None
    chosen = form.value
    if viewer.is_client and chosen.use is not Use.RECORD:
        form.fail("use", "You can save a pair for yourself. Teaching and publication are for the clinic.")
        return None
    series = queries.series(db, viewer, client_id, chosen.view)
    if series.lacks(chosen.before, chosen.after):
        form.fail("", "One of these photos is not there any more, so nothing was saved.")
        return None
    found = queries.pair_in(series, chosen.before, chosen.after)
    if found is None or not found.can_be_result:
        form.fail("", "These two photos are not comparable, so the pair cannot be saved as a before and after.")
        return None
    try:
        as_pdf = chosen.format is PairFormat.PDF
        found = looking.in_order(found)
        return service.export_pair(db, _vault(request), viewer, found, chosen.use, as_pdf=as_pdf).id
    except Refused as error:
        refused(form, "use", error)
        return None


def _vault(request: Request) -> Vault:
    return Vault(request.app.state.storage, request.app.state.photo_master)


def _again(request: Request, db: Db, viewer: Viewer, client_id: UUID, form: Bound[ExportForm]) -> Response:
    view, before, after = _asked(form)
    return _page(request, db, viewer, client_id, view, (before, after), form=form, status=422)


def _asked(form: Bound[ExportForm]) -> tuple[View, UUID, UUID]:
    """What the form was about, also where something in it is wrong."""
    view = form.raw_text("view")
    known = View(view) if view in set(View) else View.CROWN
    return known, _id(form.raw_text("before")), _id(form.raw_text("after"))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)  # of no photo: never another one instead


def _page(
    request: Request,
    db: Db,
    viewer: Viewer,
    client_id: UUID,
    view: View,
    chosen: tuple[UUID | None, UUID | None],
    *,
    even: bool = False,
    form: Bound[Any] | None = None,
    status: int = 200,
) -> Response:
    if view not in GUIDES:
        raise NotFound
    client = people.client(db, viewer, client_id)
    audit.seen(db, viewer, "photos.seen", client_id)
    series = queries.series(db, viewer, client_id, view)
    found = queries.pair_in(series, *chosen)
    found = found and looking.in_order(found)
    form = form or blank(use=Use.RECORD.value, format="jpeg")
    known = {**_known(series, found, even=even), "uses": _uses(db, viewer, client_id, found)}
    known |= {"picked": _picked(series, chosen, found), "lacking": series.lacks(*chosen)}
    known["paused"] = wording.PAUSED if viewer.is_practitioner and derivations.paused(db, client_id) else ""
    return render(request, "comparison/pair.html", status, client=client, series=series, pair=found, form=form, **known)


def _uses(db: Db, viewer: Viewer, client_id: UUID, found: Pair | None) -> list[Use]:
    """What a pair may be saved for today: all that both photos allow; a client saves it for the record."""
    if found is None or not found.can_be_result:
        return []
    sources = [found.before.photo.id, found.after.photo.id]
    asked = [use for use in Use if use is Use.RECORD or viewer.is_practitioner]
    return [use for use in asked if derivations.lineage(db, client_id, sources, use).allows(sources, use)]


def _picked(series: queries.Series, chosen: tuple[UUID | None, UUID | None], found: Pair | None) -> list[UUID]:
    """What the choice of two photos begins with."""
    if found is not None:
        return [found.before.photo.id, found.after.photo.id]
    ends = (series.baseline, series.frames[-1] if series.frames else None)
    frames = [series.frame(one) or end for one, end in zip(chosen, ends, strict=True)]
    return [frame.photo.id for frame in frames if frame]


def _known(series: queries.Series, found: Pair | None, *, even: bool) -> dict[str, Any]:
    if found is None:
        return {"look": None, "around": (None, None), "between": "", "state": looking.state}
    first, last = found.before.photo.taken_on, found.after.photo.taken_on
    return {
        "look": looking.look(found, series.baseline, even=even),
        "around": looking.neighbours(series, found),
        "between": looking.apart(first, last) if first and last else "",
        "state": looking.state,
    }
