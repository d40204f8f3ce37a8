"""Pages and redirects. The composition root tells it once what every page needs (`Pages`)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import jinja2
from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from portal.kit.crypto import CookieBox

FLASH_COOKIE, FLASH_SECONDS = "portal_flash", 120


@dataclass(frozen=True, slots=True)
class Flash:
    """One short sentence for the next page. Never a health detail: it travels in a cookie."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Pages:
    """What rendering needs: the templates, the cookie box, and `common(request)`: what every page knows."""

    env: jinja2.Environment
    box: CookieBox
    common: Callable[[Request], Mapping[str, Any]]
    secure: bool


def render(request: Request, template: str, status: int = 200, /, **context: Any) -> HTMLResponse:
    """A page of the portal. `context` is what the page itself needs."""
    pages: Pages = request.app.state.pages
    flashes = _flashes(request, pages)
    known = {"request": request, "flashes": flashes, **pages.common(request), **context}
    page = HTMLResponse(pages.env.get_template(template).render(known), status)
    page.headers["cache-control"] = "no-store"
    if flashes:
        page.delete_cookie(FLASH_COOKIE)
    return page


def url(request: Request, name: str, **params: object) -> str:
    """The path of a named route; unknown parameters become the query."""
    return str(request.app.state.url(name, **params))


def redirect(
    request: Request, name: str, *, flash: str = "", kind: str = "ok", fragment: str = "", **params: object
) -> Response:
    """303 to a named route, with a sentence for the next page."""
    return redirect_to(
        request, url(request, name, **params) + (f"#{fragment}" if fragment else ""), flash=flash, kind=kind
    )


def redirect_to(request: Request, path: str, *, flash: str = "", kind: str = "ok") -> Response:
    """303 to a path of our own."""
    answer = RedirectResponse(path, 303)
    if flash:
        pages: Pages = request.app.state.pages
        text = json.dumps([asdict(Flash(kind, flash))])
        answer.set_cookie(
            FLASH_COOKIE,
            pages.box.close(FLASH_COOKIE, text),
            max_age=FLASH_SECONDS,
            httponly=True,
            samesite="lax",
            secure=pages.secure,
        )
    return answer


def safe_path(path: str, default: str = "/") -> str:
    """A path inside this portal, or `default`: `next=` never leads away."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if inside else default


def _flashes(request: Request, pages: Pages) -> list[Flash]:
    sealed = request.cookies.get(FLASH_COOKIE)
    text = pages.box.open(FLASH_COOKIE, sealed, FLASH_SECONDS) if sealed else None
    return [Flash(**item) for item in json.loads(text)] if text else []
