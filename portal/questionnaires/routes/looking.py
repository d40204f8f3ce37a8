"""The practitioner's side: what a client answered, what changed, and “seen; the verdict stands”."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.questionnaires import queries, service
from portal.questionnaires.forms import AcceptForm

router = Router()
Look = Annotated[Bound[AcceptForm], Depends(bind(AcceptForm))]


@router.get("/clients/{client_id}/health", name="questionnaires:of-client")
def of_client(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID) -> Response:
    answer = _page(request, db, practitioner, client_id, blank())
    audit.seen(db, practitioner, "questionnaires.seen", client_id)
    return answer


@router.post("/health-answers/{answers_id}/review", name="questionnaires:accept")
def accept(request: Request, db: Db, practitioner: CurrentPractitioner, answers_id: UUID, form: Look) -> Response:
    if not form.ok:
        return _page(request, db, practitioner, queries.of(db, practitioner, answers_id).client_id, form, 422)
    review = service.accept(db, practitioner, answers_id, form.value)
    return redirect(request, "questionnaires:of-client", flash="Noted: the verdict stands.", client_id=review.client_id)


def _page(
    request: Request, db: Db, practitioner: Viewer, client_id: UUID, form: Bound[Any], status: int = 200
) -> Response:
    client = accounts.client(db, practitioner, client_id)
    health = queries.health(db, practitioner, client.id)
    names = accounts.names(db, [one.review.practitioner_id for one in health.entries if one.review])
    known = {"client": client, "health": health, "names": names, "look": form, "today": queries.today(db)}
    return render(request, "questionnaires/of_client.html", status, **known)
