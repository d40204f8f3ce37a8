"""The public pages: there, in words, without promises, and for everybody."""

import re

import pytest

PAGES = ["/", "/how-it-works", "/services", "/questions", "/privacy", "/enquire", "/sign-in", "/register"]


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_asks_nobody_who_they_are(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers, "no cookie before one signs in"
    assert len(re.findall(r"<h1[ >]", answer.text)) == 1
    assert '<html lang="en"' in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_promises_nothing(visitor, path):
    text = re.sub(r"<[^>]+>", " ", visitor.get(path).text).lower()
    for promise in (
        "guarantee",
        "miracle",
        "cure ",
        "100%",
        "painless",
        "no side effects",
        "risk-free",
        "clinically proven",
    ):
        assert not re.search(rf"(?<!no ){re.escape(promise)}", text), promise


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_has_nothing_inline_and_asks_no_other_site(visitor, path):
    page = visitor.get(path).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert not re.search(r'<script(?![^>]*src="/static/)', page)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!wa\.me)', page)


def test_how_it_works_says_what_the_issue_asks_for(visitor):
    page = visitor.get("/how-it-works").text.lower()
    for word in ("inflammation", "proliferation", "remodelling", "side effect", "steril", "train"):
        assert word in page, word


def test_it_says_that_it_is_no_emergency_service(visitor):
    assert "emergency" in visitor.get("/enquire").text


def test_machines_may_read_the_public_pages_only(visitor):
    text = visitor.get("/robots.txt").text
    assert "Disallow: /" in text
    assert "/home" not in text


def test_an_unknown_page_is_in_the_house_style(visitor, alice_browser):
    for client in (visitor, alice_browser):
        answer = client.get("/no/such/page")
        assert answer.status_code == 404
        assert "problem-page" in answer.text
        assert "/no/such/page" not in answer.text
