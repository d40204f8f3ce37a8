"""The sign-in cookie: set at sign-in, cleared at sign-out."""

from fastapi import Request
from starlette.responses import Response

from portal.kit.security import client_address

LINK_COOKIE, LINK_SECONDS = "portal_link", 1800


def set_sign_in(request: Request, answer: Response, token: str) -> Response:
    """`__Host-`, Secure, HttpOnly, Lax where there is TLS; a plain name on loopback."""
    state = request.app.state
    hours = state.settings.sign_in_hours
    answer.set_cookie(
        state.cookie_name, token, max_age=hours * 3600, httponly=True, samesite="lax", secure=state.pages.secure
    )
    return answer


def clear_sign_in(request: Request, answer: Response) -> Response:
    answer.delete_cookie(
        request.app.state.cookie_name, secure=request.app.state.pages.secure, httponly=True, samesite="lax"
    )
    answer.headers["clear-site-data"] = '"cache", "cookies", "storage"'
    return answer


def device(request: Request) -> str:
    """A short name for the browser, for the list of one's own sign-ins."""
    agent = request.headers.get("user-agent", "")
    kinds = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Macintosh", "Mac"),
        ("Linux", "Linux"),
    )
    where = next((name for mark, name in kinds if mark in agent), "another device")
    browsers = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    browser = next((name for mark, name in browsers if mark in agent), "A browser")
    return f"{browser} on {where}"


def address(request: Request) -> str:
    return client_address(request.scope, trust_proxy=request.app.state.settings.trust_proxy)
