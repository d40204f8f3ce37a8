"""Three points a person taps where the computer is not sure: on the picture with a script, in steps without one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from portal.accounts import queries as people
from portal.accounts.auth import SignedIn
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.comparison import queries, service, taps
from portal.comparison.forms import LandmarksForm
from portal.kit.errors import Refused
from portal.kit.forms import Bound, bind, blank, refused
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.photos import queries as photos
from portal.photos.models import Photo

router = Router()
Entry = Annotated[Bound[LandmarksForm], Depends(bind(LandmarksForm))]
Texts = Annotated[list[str], Query(default_factory=list)]
OTHER_FIRST = "What the others are laid over was changed meanwhile. Please tap the points again."


@dataclass(frozen=True, slots=True)
class Asked:
    """A photo, the one it is laid over (None: there is none, or it is this one), and the points already known there."""

    client: Person
    photo: Photo
    baseline: Photo | None
    known: tuple[taps.Point, ...]

    @property
    def shown(self) -> str:
        """What a page showed to be tapped on, as its forms hold it: points tapped on that belong to nothing else."""
        return " ".join([str(self.baseline.id if self.baseline else ""), *map(taps.written, self.known)])

    def aspect(self, turn: str) -> float:
        """Height by width of the picture whose turn it is."""
        photo = self.baseline if turn == "baseline" and self.baseline else self.photo
        return photo.height / photo.width


@dataclass(frozen=True, slots=True)
class Step:
    """What one tap without a script sent: pixels of the picture, or percent typed; `of`: see `Asked.shown`."""

    x: Annotated[str, Query(alias="at.x")] = ""
    y: Annotated[str, Query(alias="at.y")] = ""
    left: str = ""
    top: str = ""
    of: str = ""

    def point(self, aspect: float) -> taps.Point | None:
        return taps.tapped((_number(self.x), _number(self.y)), (_number(self.left), _number(self.top)), aspect)


@router.get("/photos/{photo_id}/landmarks", name="comparison:landmarks")
def landmarks(
    request: Request, db: Db, viewer: SignedIn, photo_id: UUID, b: Texts, p: Texts, step: Annotated[Step, Depends()]
) -> Response:
    asked = _asked(db, viewer, photo_id)
    of_baseline = "anew" in request.query_params or not asked.known
    if step.of not in {"", asked.shown}:
        return _page(request, asked, taps.Tapped(of_baseline=of_baseline), blank().fail("", OTHER_FIRST))
    so_far = taps.Tapped(taps.read_all(b), taps.read_all(p), of_baseline)
    return _page(request, asked, so_far.plus(step.point(asked.aspect(so_far.turn))), blank())


@router.post("/photos/{photo_id}/landmarks", name="comparison:tap")
def tap(request: Request, db: Db, viewer: SignedIn, photo_id: UUID, form: Entry) -> Response:
    asked = _asked(db, viewer, photo_id)
    if form.raw_text("of") not in {"", asked.shown}:
        return _page(request, asked, taps.Tapped(of_baseline=not asked.known), blank().fail("", OTHER_FIRST), 422)
    if form.ok:
        _kept(db, viewer, asked, form)
    if not form.ok:
        return _page(request, asked, _again(asked, form), form, 422)
    flash, view = "Thank you. The photo is being laid over the first one.", asked.photo.view.value
    if viewer.id == asked.client.id:
        return redirect(request, "comparison:series", flash=flash, view=view)
    return redirect(request, "comparison:series-client", flash=flash, view=view, client_id=asked.client.id)


def _kept(db: Db, viewer: Viewer, asked: Asked, form: Bound[LandmarksForm]) -> None:
    tapped = form.value
    if not tapped.baseline_points and not asked.known:
        form.fail("baseline_points", "Please tap three points on the first photo too.")
        return
    try:
        over = asked.baseline.id if asked.baseline else None
        service.tap(db, viewer, asked.photo, tapped.photo_points, tapped.baseline_points or asked.known, over)
    except Refused as error:
        refused(form, "", error)


def _again(asked: Asked, form: Bound[LandmarksForm]) -> taps.Tapped:
    """What was tapped, as far as it can be read; the picture with a mistake is asked again."""
    points = {name: taps.read_all(form.raw_all(name)) for name in ("baseline_points", "photo_points")}
    kept = {name: () if name in form.errors else found for name, found in points.items()}
    anew = bool(points["baseline_points"]) or not asked.known
    return taps.Tapped(kept["baseline_points"], kept["photo_points"], anew)


def _asked(db: Db, viewer: Viewer, photo_id: UUID) -> Asked:
    photo = photos.photo(db, viewer, photo_id)
    client = people.client(db, viewer, photo.client_id)
    audit.seen(db, viewer, "photos.seen", photo.client_id, photo)
    found = queries.baseline_of(db, viewer, photo.client_id, photo.view)
    baseline = found if found and found.id != photo.id and photo.taken_on else None
    saved = queries.landmarks(db, baseline.id) if baseline else None
    return Asked(client, photo, baseline, _points(saved.points if saved else []))


def _points(pairs: Sequence[Sequence[float]]) -> tuple[taps.Point, ...]:
    return tuple((pair[0], pair[1]) for pair in pairs)


def _page(
    request: Request, asked: Asked, tapped: taps.Tapped, form: Bound[LandmarksForm], status: int = 200
) -> Response:
    return render(
        request,
        "comparison/landmarks.html",
        status,
        client=asked.client,
        photo=asked.photo,
        baseline=asked.baseline,
        known=asked.known,
        shown_to_tap=asked.shown,
        tapped=tapped,
        form=form,
        written=taps.written,
        width=taps.SHOWN_WIDTH,
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
