"""Where `next=` may lead, and the one sentence for the next page."""

import pytest

from portal.kit.web import FLASH_COOKIE, safe_path


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "https://evil.example",
        "https:evil.example",
        "HTTPS://evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "/a\\..\\b",
        "/a\r\nSet-Cookie: x=1",
        "/a\0b",
        "/a\u2028b",
        "/\ud800",
        "",
        "?x",
        "#x",
        ".",
        "@evil.example",
        ":80",
    ],
)
def test_a_path_that_leads_away_is_not_followed(path):
    assert safe_path(path, "/home") == "/home"


@pytest.mark.parametrize("path", ["/", "/home", "/photos?view=crown&x=//y", "/clients/1#top", "/a/../b", "/über-uns"])
def test_a_path_of_ours_is_followed(path):
    assert safe_path(path, "/home") == path


@pytest.mark.parametrize(
    "after",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/%09/evil.example",
        "/%0d%0aX: y",
        "/%2f%2fevil.example",
    ],
)
def test_signing_in_never_leads_away(alice_browser, after):
    answer = alice_browser.get(f"/sign-in?after={after}")
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith("/")
    assert location[1:2] not in {"/", "\\"}


def test_the_sentence_is_shown_once(alice_browser):
    answer = alice_browser.post("/me/profile", data={"name": "Alice Ash"})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "saved" not in cookie, "sealed"
    assert "Your details are saved." in alice_browser.get("/me").text
    assert "Your details are saved." not in alice_browser.get("/me").text


@pytest.mark.parametrize("forged", ["", "x", "gAAAAABforged", "%FF"])
def test_a_forged_sentence_is_not_shown(alice_browser, forged):
    alice_browser.cookies.set(FLASH_COOKIE, forged)
    assert alice_browser.get("/me").status_code == 200


def test_a_cookie_made_for_something_else_is_no_sentence(app, visitor):
    """Whoever follows a link chooses what is sealed into the link's cookie."""
    visitor.get('/link/[{"kind": "ok", "text": "You have won"}]')
    sealed = next(cookie.value for cookie in visitor.cookies.jar if cookie.name == "portal_link")
    visitor.cookies.set(FLASH_COOKIE, sealed)
    page = visitor.get("/sign-in")
    assert page.status_code == 200
    assert "You have won" not in page.text
