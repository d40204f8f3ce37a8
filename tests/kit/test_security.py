"""The outer wall: who may post, the headers of every answer, whose address counts, how large a body may be."""

import logging
import threading
import urllib.request

import pytest
import uvicorn
from starlette.testclient import TestClient

from portal.app import create_app
from portal.cli import _serve
from portal.kit import log
from portal.kit.security import POLICY, client_address
from portal.settings import Settings
from tests.conftest import BASE
from tests.tools.ports import free_port

HOST = BASE.removeprefix("http://")


@pytest.fixture
def bare(app, engine) -> TestClient:
    """A client that sends no header a browser would send, and shows the page of a fault."""
    return TestClient(app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False)


@pytest.mark.parametrize(
    "headers, welcome",
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": ""}, False),
        ({"sec-fetch-site": "cross-site", "origin": BASE}, False),
        ({"sec-fetch-site": "same-site", "origin": BASE}, False),
        ({"origin": BASE}, True),
        ({"origin": "http://localhost:8000", "host": "localhost:8000"}, True),
        ({"origin": "http://127.0.0.1:9000", "host": "127.0.0.1:9000"}, True),
        ({"origin": "http://127.0.0.1:9000"}, False),
        ({"origin": "http://evil.example:8000"}, False),
        ({"origin": "http://evil.example", "host": "evil.example"}, False),
        ({"origin": "https://127.0.0.1:8000"}, False),
        ({"origin": f"{BASE}.evil.example"}, False),
        ({"origin": f"http://user@{HOST}"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "http://["}, False),
        ({"origin": "http://[::1"}, False),
        ({"origin": "file://"}, False),
        ({"referer": f"{BASE}/sign-in"}, False),
        ({}, False),
    ],
)
def test_a_change_must_come_from_our_own_pages(bare, headers, welcome):
    answer = bare.post("/sign-in", data={"email": "nobody@example.test", "password": "x"}, headers=headers)
    assert answer.status_code == (422 if welcome else 403)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_every_method_that_is_not_a_read_is_asked_where_it_comes_from(bare, method):
    assert bare.request(method, "/sign-in").status_code == 403
    assert bare.request(method, "/sign-in", headers={"sec-fetch-site": "same-origin"}).status_code == 405


@pytest.mark.parametrize(
    "headers, status",
    [
        ({}, 200),
        ({"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, 200),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 200),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}, 403),
    ],
)
def test_another_sites_page_may_link_here_and_not_read_us(bare, headers, status):
    assert bare.get("/sign-in", headers=headers).status_code == status


EVERY_ANSWER = {
    "a page": ("GET", "/sign-in", {}, 200),
    "a redirect": ("GET", "/me", {}, 303),
    "foreign": ("POST", "/sign-in", {"headers": {"sec-fetch-site": "cross-site"}}, 403),
    "nothing there": ("GET", "/no/such/page", {}, 404),
    "no such id": ("GET", "/photos/none-at-all", {}, 404),
    "no such file": ("GET", "/static/x/none.css", {}, 404),
    "wrong method": ("DELETE", "/sign-in", {}, 405),
    "a mistake": ("POST", "/sign-in", {}, 422),
    "too large": (
        "POST",
        "/sign-in",
        {"content": b"x" * 600_000, "headers": {"content-type": "application/x-www-form-urlencoded"}},
        413,
    ),
    "a bug": ("GET", "/bug", {}, 500),
    "a style sheet": ("GET", "/static/x/css/main.css", {}, 200),
    "our colour": ("GET", "/theme.css", {}, 200),
    "health": ("GET", "/health", {}, 200),
}


@pytest.fixture
def buggy(app, bare):
    async def bug(_: object) -> None:
        raise ZeroDivisionError("a very private word")

    app.router.add_route("/bug", bug)
    yield bare
    app.router.routes.pop()


@pytest.mark.parametrize("name", EVERY_ANSWER)
def test_every_answer_carries_the_headers(buggy, name):
    method, path, options, status = EVERY_ANSWER[name]
    headers = {"sec-fetch-site": "same-origin", **options.get("headers", {})}
    answer = buggy.request(method, path, **{**options, "headers": headers})
    assert answer.status_code == status
    got = answer.headers
    assert got["content-security-policy"] == POLICY
    assert got["x-content-type-options"] == "nosniff"
    assert got["x-frame-options"] == "DENY"
    assert got["referrer-policy"] == "same-origin"
    assert got["cross-origin-opener-policy"] == "same-origin"
    assert got["cross-origin-resource-policy"] == "same-origin"
    assert "geolocation=()" in got["permissions-policy"]
    assert len(got["x-request-id"]) == 12
    assert "strict-transport-security" not in got, "only where there is TLS"
    assert "access-control-allow-origin" not in got
    assert not {"server", "x-powered-by"} & set(got)
    if name not in {"a style sheet", "our colour"}:
        assert got["cache-control"] == "no-store"
    if "content-type" in got and "text/html" in got["content-type"]:
        assert "charset=utf-8" in got["content-type"]


def test_the_policy_lets_nothing_inline_in_and_nothing_out():
    assert "unsafe" not in POLICY
    for rule in (
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert rule in POLICY
    assert "http" not in POLICY


@pytest.mark.parametrize("name", ["nothing there", "wrong method", "too large", "a bug", "foreign"])
def test_what_goes_wrong_is_a_page_in_the_house_style(buggy, name):
    method, path, options, _ = EVERY_ANSWER[name]
    page = buggy.request(
        method, path, **{**options, "headers": {"sec-fetch-site": "same-origin", **options.get("headers", {})}}
    ).text
    assert "<h1>" in page
    assert "problem-page" in page
    assert "Traceback" not in page
    assert "ZeroDivisionError" not in page


def test_a_bug_gives_the_person_a_reference_and_the_log_no_word_of_theirs(buggy, caplog):
    with caplog.at_level(logging.INFO):
        answer = buggy.get("/bug")
    reference = answer.headers["x-request-id"]
    assert reference in answer.text
    assert "very private" not in answer.text
    assert any(getattr(record, "reference", "") == reference for record in caplog.records if record.name == "portal")


def test_a_body_is_refused_before_it_is_read(bare):
    """A length too large is answered at once; a body that does not say its length is cut off."""
    headers = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
    read = []

    def endless():
        for _ in range(200):
            read.append(1)
            yield b"x" * 65536

    assert bare.post("/enquire", content=endless(), headers=headers).status_code == 413
    assert bare.post("/enquire", content=b"", headers={**headers, "content-length": "99999999"}).status_code == 413


def secure(tmp_path) -> TestClient:
    settings = Settings(
        mode="production",
        secret_key="0123456789abcdef" * 4,
        url="https://clinic.example",
        data=tmp_path,
        uploads=tmp_path / "u",
        jobs_in_web=False,
        password_memory_kib=64,
        password_rounds=1,
        database_url=f"sqlite:///{tmp_path}/none.sqlite3",
    )
    return TestClient(
        create_app(settings), base_url="https://clinic.example", raise_server_exceptions=False, follow_redirects=False
    )


def test_with_tls_the_browser_is_told_to_keep_to_it(tmp_path):
    value = secure(tmp_path).get("/static/x/css/main.css").headers["strict-transport-security"]
    assert int(value.split("max-age=")[1].split(";")[0]) >= 31_536_000
    assert "includeSubDomains" in value


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"origin": "https://clinic.example"}, 404),
        ({"origin": "http://clinic.example"}, 403),
        ({"origin": "https://clinic.example:8443"}, 403),
        ({"origin": "http://127.0.0.1:8000", "host": "127.0.0.1:8000"}, 403),
    ],
)
def test_with_tls_only_the_clinics_own_address_counts(tmp_path, headers, status):
    assert secure(tmp_path).post("/static", headers=headers).status_code in {status, 405 if status == 404 else status}


@pytest.mark.parametrize(
    "peer, forwarded, trusted, counted",
    [
        ("203.0.113.9", None, False, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", False, "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", True, "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", True, "198.51.100.1"),
        ("10.0.0.1", "", True, "10.0.0.1"),
        ("2001:db8:1:2::5", None, False, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:3:4:5:6", None, False, "2001:db8:1:2::/64"),
        ("2001:db8:1:3::5", None, False, "2001:db8:1:3::/64"),
        ("2001:db8::5", None, False, "2001:db8::/64"),
        ("2001:db8::6", None, False, "2001:db8::/64"),
        ("fe80::1%eth0", None, False, "fe80::/64"),
        ("::ffff:203.0.113.9", None, False, "203.0.113.9"),
        ("10.0.0.1", "2001:DB8::7", True, "2001:db8::/64"),
        ("10.0.0.1", "unknown", True, "unknown"),
        ("testclient", None, False, "testclient"),
        (None, None, False, "-"),
    ],
)
def test_whose_address_counts(peer, forwarded, trusted, counted):
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded is not None else []
    assert client_address({"client": (peer, 1) if peer else None, "headers": headers}, trust_proxy=trusted) == counted


def test_the_server_itself_does_not_believe_who_a_caller_says_they_are(monkeypatch, tmp_path):
    """uvicorn, left alone, takes X-Forwarded-For from loopback."""
    given: dict[str, object] = {}
    monkeypatch.setattr(uvicorn, "run", lambda _app, **options: given.update(options))
    monkeypatch.setattr(log, "configure", lambda _level: None)  # the log is the whole process's
    _serve(Settings(mode="demo", data=tmp_path, uploads=tmp_path / "u", password_memory_kib=64, password_rounds=1))
    seen: list[str] = []

    async def show(scope, receive, send) -> None:
        assert scope["type"] == "http"
        seen.append(client_address(scope, trust_proxy=False))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    port = free_port()
    server = uvicorn.Server(uvicorn.Config(show, lifespan="off", **{**given, "port": port}))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            threading.Event().wait(0.02)
        for claim in ("1.2.3.4", "5.6.7.8"):
            request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"X-Forwarded-For": claim})
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
                assert answer.status == 200
                assert "server" not in answer.headers
    finally:
        server.should_exit = True
        thread.join(20)
    assert seen == ["127.0.0.1", "127.0.0.1"]
