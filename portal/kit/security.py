"""The outer wall, as two pure ASGI layers: who may post (`SameOrigin`), and the headers of every answer (`Headers`)."""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.kit.errors import TooLarge

log = logging.getLogger("portal.requests")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), browsing-topics=()"),
]
_HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
Fault = Callable[[Scope, Exception], ASGIApp]
Refuse = Callable[[Scope, Receive, Send], Awaitable[None]]


class SameOrigin:
    """A state change must come from our own pages: Sec-Fetch-Site, else Origin. With neither header it is refused.

    Private pages and photos are not handed to other sites' pages either: a cross-site request that is not a
    navigation is refused.
    """

    def __init__(self, app: ASGIApp, base_url: str, refuse: Refuse) -> None:
        self.app, self.refuse = app, refuse
        self.base = urlsplit(base_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._welcome(scope):
            await self.refuse(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _welcome(self, scope: Scope) -> bool:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        site: str | None = headers.get(b"sec-fetch-site")
        if scope["method"] in SAFE_METHODS:
            return bool(site != "cross-site" or headers.get(b"sec-fetch-mode", "navigate") == "navigate")
        if site is not None:
            return site == "same-origin"
        return self._ours(headers.get(b"origin", ""), headers.get(b"host", ""))

    def _ours(self, origin: str, host: str) -> bool:
        try:
            given = urlsplit(origin)
        except ValueError:  # no address at all, for instance "http://["
            return False
        if (given.scheme, given.netloc) == (self.base.scheme, self.base.netloc):
            return True
        return (
            given.scheme == "http"
            and given.netloc == host
            and given.hostname in LOOPBACK
            and self.base.hostname in LOOPBACK
        )


class BodyLimit:
    """A body larger than its route takes (`most_bytes` of its endpoint) is refused: by its stated length before it is
    read, else as soon as it passes the limit.
    """

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self.app, self.most_bytes = app, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        stated, taken = _number(headers.get(b"content-length", b"0")), 0

        async def limited() -> Message:
            nonlocal taken
            most = getattr(scope.get("endpoint"), "most_bytes", self.most_bytes)
            if max(stated, taken) > most:
                raise TooLarge(f"We can take {most >> 20 or 0.5} MB at once. Please send less, or one after the other.")
            message = await receive()
            taken += len(message.get("body", b""))
            return message if taken <= most else await limited()

        await self.app(scope, limited, send)


class Headers:
    """Security headers on every answer, a request id, one structured log line without addresses of people or pages,
    and the last page there is: `fault(scope, error)` for what nobody expected.
    """

    def __init__(self, app: ASGIApp, *, https: bool, fault: Fault) -> None:
        self.app, self.fault = app, fault
        self.fixed = [*_HEADERS, _HSTS] if https else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        reference = scope.setdefault("state", {})["reference"] = secrets.token_hex(6)
        started = False

        async def out(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = self._with_ours(list(message["headers"]), reference)
                _note(scope, message["status"], time.perf_counter() - began, reference)
            await send(message)

        try:
            await self.app(scope, receive, out)
        except Exception as error:
            if started:
                raise
            await self.fault(scope, error)(scope, receive, out)

    def _with_ours(self, headers: list[tuple[bytes, bytes]], reference: str) -> list[tuple[bytes, bytes]]:
        given = {name.lower() for name, _ in headers}
        return [
            *headers,
            *(pair for pair in self.fixed if pair[0] not in given),
            *([] if b"cache-control" in given else [(b"cache-control", b"no-store")]),
            (b"x-request-id", reference.encode()),
        ]


def _number(text: bytes) -> int:
    return int(text) if text.isdigit() else 0


def _note(scope: Scope, status: int, seconds: float, reference: str) -> None:
    route = scope.get("route")
    log.info(
        "request",
        extra={
            "method": scope["method"],
            "route": getattr(route, "name", None) or "-",
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
            "reference": reference,
        },
    )


def client_address(scope: Scope, *, trust_proxy: bool) -> str:
    """The caller's address for limits: the peer's, or what our own proxy says when we are told to trust it.

    IPv6 counts by its /64, or one household has millions of addresses.
    """
    address = scope["client"][0] if scope.get("client") else "-"
    if trust_proxy:
        forwarded = dict(scope["headers"]).get(b"x-forwarded-for", b"").decode("latin-1")
        address = forwarded.rsplit(",", 1)[-1].strip() or address
    try:
        given = ip_address(address)
    except ValueError:
        return address
    if isinstance(given, IPv4Address):
        return address
    return str(given.ipv4_mapped or IPv6Network((given, 64), strict=False))
