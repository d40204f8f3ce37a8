"""The client's side: where the decision stands, and the health questions."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentClient
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.suitability import queries, service
from portal.suitability.forms import HealthForm, ScreeningForm
from portal.suitability.screening import QUESTIONS

router = Router(prefix="/suitability")
Answers = Annotated[Bound[HealthForm], Depends(bind(ScreeningForm))]


@router.get("", name="suitability:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    standing = queries.standing(db, client, client.id)
    names = accounts.names(db, [verdict.practitioner_id for verdict in standing.verdicts])
    return render(request, "suitability/mine.html", standing=standing, names=names)


@router.get("/health", name="suitability:health")
def health(request: Request, db: Db, client: CurrentClient) -> Response:
    known = queries.latest_answers(db, client, client.id)
    return render(request, "suitability/health.html", form=blank(), questions=QUESTIONS, known=known)


@router.post("/health", name="suitability:answer")
def answer(request: Request, db: Db, client: CurrentClient, form: Answers) -> Response:
    if not form.ok:
        known = queries.latest_answers(db, client, client.id)
        return render(request, "suitability/health.html", 422, form=form, questions=QUESTIONS, known=known)
    service.submit_answers(db, client, form.value)
    return redirect(request, "suitability:mine", flash="Thank you. Your practitioner reads this before you meet.")
