"""Every page somebody can reach by links, opened one after the other in their browser; and how a page is looked at."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, Error, Page

from portal.demo.people import PASSWORD, SIGN_INS
from tests.tools.validate import axe

WIDTHS = {390: 844, 1440: 900}
SCHEMES = ("light", "dark")
VISITOR = "visitor"
# A second practitioner sees what the first one sees.
ROLES = (VISITOR, *(who for email, _ in SIGN_INS if (who := email.partition("@")[0]) != "practitioner2"))
MOST_PAGES, MOST_ALIKE = 60, 2

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HREFS = "links => links.filter(link => !link.hasAttribute('download')).map(link => link.href)"
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SETTLED = "() => Promise.allSettled(document.getAnimations().map(each => each.finished))"
_NO_PAGE = (".ics", "/original", ".jpg")


@dataclass(frozen=True)
class Visited:
    """A page as the server sent it; the browser still stands on it."""

    path: str
    status: int
    html: str

    @property
    def name(self) -> str:
        """For a file: “clients-id-photos”."""
        return re.sub(r"[^a-z0-9]+", "-", kind_of(self.path).lower()).strip("-") or "first"


def kind_of(path: str) -> str:
    """The path with {id} for every id and only the names of its query: pages of one kind look alike."""
    parts = urlsplit(path)
    query = "&".join(sorted({name for name, _ in parse_qsl(parts.query)}))
    return _ID.sub("{id}", parts.path) + (f"?{query}" if query else "")


def open_as(browser: Browser, url: str, role: str) -> Page:
    """A browser of its own in which `role` has signed in through the form; VISITOR has not."""
    page = browser.new_context(base_url=url, reduced_motion="reduce").new_page()
    page.set_default_timeout(20_000)
    if role != VISITOR:
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill(f"{role}@example.test")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


def crawl(page: Page, role: str, most: int = MOST_PAGES, alike: int = MOST_ALIKE) -> Iterator[Visited]:
    """Follow same-origin links from the role's first page, breadth first: at most `most` pages, `alike` of a kind.

    Who has signed in is not followed back to the public site: the visitor sees that.
    """
    waiting = deque(["/" if role == VISITOR else "/portal"])
    seen, kinds = set(waiting), Counter[str]()
    while waiting and most:
        path = waiting.popleft()
        visited = _visit(page, path) if kinds[kind_of(path)] < alike else None
        if visited is None or kinds[kind_of(visited.path)] >= alike or _is_public(page) != (role == VISITOR):
            kinds[kind_of(path)] += visited is not None
            continue
        kinds[kind_of(visited.path)] += 1
        most -= 1
        links = _links(page)  # before the caller, who may do as they like with the page
        seen.add(visited.path)
        yield visited
        waiting.extend(link for link in links if link not in seen)
        seen.update(links)


def looks(page: Page) -> Iterator[tuple[int, str]]:
    """The page at each width in each colour scheme, without loading it anew."""
    for (width, height), scheme in product(WIDTHS.items(), SCHEMES):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        page.evaluate(_SETTLED)  # a colour on its way from light to dark has no contrast to speak of
        yield width, scheme


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands: axe's violations, and being wider than the screen."""
    too_wide = int(page.evaluate(_OVERFLOW))
    return [*([f"{too_wide} px wider than the screen"] if too_wide > 0 else []), *axe(page)]


def _is_public(page: Page) -> bool:
    return page.locator("body.public").count() > 0


def _visit(page: Page, path: str) -> Visited | None:
    """None for what is no page: a download, a picture."""
    try:
        answer = page.goto(path, wait_until="load")
    except Error as error:
        if "Download is starting" in error.message or "ERR_ABORTED" in error.message:
            return None
        raise
    if answer is None or "text/html" not in answer.headers.get("content-type", ""):
        return None
    arrived = urlsplit(answer.url)
    return Visited(arrived.path + (f"?{arrived.query}" if arrived.query else ""), answer.status, answer.text())


def _links(page: Page) -> list[str]:
    """Paths with query of the page's links inside this site, in order, each once."""
    here = urlsplit(page.url)
    found = [urlsplit(href) for href in page.eval_on_selector_all("a[href]", _HREFS)]
    inside = [link for link in found if link.netloc == here.netloc and not link.path.endswith(_NO_PAGE)]
    return list(dict.fromkeys(link.path + (f"?{link.query}" if link.query else "") for link in inside))
