"""Public pages. They read; nothing more."""

from fastapi import Request
from starlette.responses import PlainTextResponse, Response

from portal.accounts import queries as accounts
from portal.accounts.auth import Anyone
from portal.kit.routing import Db, Router
from portal.kit.web import render
from portal.treatments import queries as treatments

router = Router()


@router.get("/", name="site:home")
def home(request: Request, db: Db, viewer: Anyone) -> Response:
    return render(request, "site/home.html", offers=treatments.offered(db))


@router.get("/how-it-works", name="site:how")
def how(request: Request, db: Db, viewer: Anyone) -> Response:
    return render(request, "site/how.html", team=accounts.practitioners(db))


@router.get("/services", name="site:services")
def services(request: Request, db: Db, viewer: Anyone) -> Response:
    return render(request, "site/services.html", offers=treatments.offered(db))


@router.get("/questions", name="site:questions")
def questions(request: Request, viewer: Anyone) -> Response:
    return render(request, "site/questions.html")


@router.get("/privacy", name="site:privacy")
def privacy(request: Request, viewer: Anyone) -> Response:
    return render(request, "site/privacy.html")


@router.get("/robots.txt", name="site:robots")
def robots(request: Request, viewer: Anyone) -> Response:
    return PlainTextResponse(
        "User-agent: *\nAllow: /$\nAllow: /how-it-works\nAllow: /services\nAllow: /questions\nDisallow: /\n"
    )
