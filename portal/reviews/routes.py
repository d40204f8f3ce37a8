"""Where a practitioner's words arrive. They are written on the page of the photo or report itself."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentPractitioner
from portal.kit.forms import Bound, bind
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render, url
from portal.photos import queries as photos
from portal.reviews import service
from portal.reviews.forms import ReviewForm
from portal.side_effects import queries as side_effects

router = Router()
Entry = Annotated[Bound[ReviewForm], Depends(bind(ReviewForm))]


@router.post("/photos/{photo_id}/review", name="reviews:photo")
def photo(request: Request, db: Db, practitioner: CurrentPractitioner, photo_id: UUID, form: Entry) -> Response:
    photos.photo(db, practitioner, photo_id)
    if not form.ok:
        return _again(request, form, url(request, "photos:show", photo_id=photo_id))
    service.review_photo(db, practitioner, photo_id, form.value)
    return redirect(request, "worklist:queue", flash="Your review is saved.")


@router.post("/side-effects/{report_id}/review", name="reviews:report")
def report(request: Request, db: Db, practitioner: CurrentPractitioner, report_id: UUID, form: Entry) -> Response:
    side_effects.report(db, practitioner, report_id)
    if not form.ok:
        return _again(request, form, url(request, "side_effects:show", report_id=report_id))
    service.review_report(db, practitioner, report_id, form.value)
    return redirect(request, "side_effects:show", report_id=report_id, flash="Your review is saved.")


def _again(request: Request, form: Bound[ReviewForm], back: str) -> Response:
    return render(request, "reviews/write.html", 422, form=form, action=request.url.path, back=back)
