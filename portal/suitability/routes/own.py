"""The client's side: where the decision stands, and the health questions."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentClient
from portal.accounts.rules import Viewer
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.suitability import queries, service
from portal.suitability.forms import HealthForm, ScreeningForm
from portal.suitability.screening import QUESTIONS

LABELS = {question.key: question.short for question in QUESTIONS}
router = Router(prefix="/suitability")
Answers = Annotated[Bound[HealthForm], Depends(bind(ScreeningForm))]


@router.get("", name="suitability:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    standing = queries.standing(db, client, client.id)
    names = accounts.names(db, [verdict.practitioner_id for verdict in standing.verdicts])
    return render(request, "suitability/mine.html", standing=standing, names=names)


@router.get("/health", name="suitability:health")
def health(request: Request, db: Db, client: CurrentClient) -> Response:
    return _questions(request, db, client, blank())


@router.post("/health", name="suitability:answer")
def answer(request: Request, db: Db, client: CurrentClient, form: Answers) -> Response:
    if not form.ok:
        return _questions(request, db, client, form, 422)
    service.submit_answers(db, client, form.value)
    return redirect(request, "suitability:mine", flash="Thank you. Your practitioner reads this before you meet.")


def _questions(request: Request, db: Db, client: Viewer, form: Bound[Any], status: int = 200) -> Response:
    known = queries.latest_answers(db, client, client.id)
    context = {"form": form, "questions": QUESTIONS, "labels": LABELS, "known": known}
    return render(request, "suitability/health.html", status, **context)
