"""Every page that can be reached by links, as each role: valid, accessible, no wider than the screen, no dead end."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import Site
from tests.tools.crawl import ROLES, VISITOR, Visited, crawl, faults, looks, open_as
from tests.tools.nu import nu_available, nu_errors
from tests.tools.validate import html_errors

pytestmark = pytest.mark.browser
FEWEST = {
    VISITOR: 8,
    "client": 18,
    "client2": 15,
    "client3": 13,
    "client4": 20,
    "client9": 15,
    "practitioner": 22,
    "admin": 11,
}


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_sound(site: Site, chromium: Browser, tmp_path: Path, role: str) -> None:
    page = open_as(chromium, site.url, role)
    found, pages = [], []
    for visited in crawl(page, role, alike=1):
        pages.append(_saved(visited, tmp_path))
        found += [] if visited.status == 200 else [f"{visited.path}: answers {visited.status}"]
        found += [f"{visited.path}: {error}" for error in html_errors(visited.html)]
        found += [
            f"{visited.path}, {width} px, {scheme}: {fault}" for width, scheme in looks(page) for fault in faults(page)
        ]
    page.context.close()
    found += nu_errors(pages) if nu_available() else []
    assert not found, "\n".join(found)
    assert len(pages) >= FEWEST[role], f"only {len(pages)} pages: is a link gone?"


@pytest.mark.parametrize(
    "role, path, status", [(VISITOR, "/nowhere", 404), ("client", "/nowhere", 404), ("client", "/queue", 403)]
)
def test_a_page_that_says_no_is_sound_too(site: Site, chromium: Browser, role: str, path: str, status: int) -> None:
    page = open_as(chromium, site.url, role)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == status
    assert html_errors(answer.text()) == []
    assert [fault for _ in looks(page) for fault in faults(page)] == []
    page.context.close()


def _saved(visited: Visited, folder: Path) -> Path:
    path = folder / f"{visited.name}.html"
    path.write_text(visited.html, "utf-8")
    return path
