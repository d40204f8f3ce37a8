"""Pictures of the demo: `python -m tests.tools.pictures` makes those of the README.

`--all FOLDER` photographs every page each role can reach, at both widths, light and dark, saves its HTML, and prints
what axe, the HTML parser and (with Java) the Nu checker object to.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import typer
from playwright.sync_api import Browser, Page, sync_playwright

from tests.tools.browser import launch
from tests.tools.crawl import ROLES, Visited, crawl, faults, looks, open_as
from tests.tools.nu import nu_available, nu_errors
from tests.tools.server import ROOT, running_portal
from tests.tools.validate import html_errors

PICTURES = ROOT / "docs" / "pictures"
WIDE, DESK, PHONE = (1440, 940), (1200, 800), (390, 844)
PATIENCE = 120  # seconds until the demo's photos are measured
READY = "() => Promise.allSettled([...document.images].map(image => image.decode()))"


def main(everything: str = typer.Option("", "--all", help="a folder for pictures of every page")) -> None:
    """Start the demo, take the pictures, end it."""
    with running_portal() as portal, sync_playwright() as playwright:
        browser = launch(playwright)
        if everything:
            sys.exit(_every_page(browser, portal.url, Path(everything)))
        _for_the_readme(browser, portal.url)


def _for_the_readme(browser: Browser, url: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    client, beginning, practitioner = (open_as(browser, url, role) for role in ("client", "client4", "practitioner"))
    _take(client, "client-home", lambda: client.goto("/home"), WIDE)
    _take(client, "comparison", lambda: _to_comparison(client))
    _take(practitioner, "queue", lambda: practitioner.goto("/queue"))
    _take(practitioner, "agenda", lambda: practitioner.goto("/agenda"))
    _take(beginning, "course", lambda: beginning.goto("/course/sessions"))
    _take(client, "recovery", lambda: client.goto("/recovery"))
    _take(practitioner, "in-recovery", lambda: practitioner.goto("/recovery/clients"))
    _take(client, "phone", lambda: client.goto("/home"), PHONE)


def _to_comparison(page: Page) -> None:
    """The pair once the worker has measured it."""
    page.goto("/photos/compare?view=midline")
    for _ in range(PATIENCE):
        if "not been measured yet" not in page.content():
            return
        page.wait_for_timeout(1000)
        page.reload()


def _take(page: Page, name: str, go: Callable[[], object], size: tuple[int, int] = DESK) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    go()
    page.evaluate(READY)
    page.screenshot(path=PICTURES / f"{name}.png")
    print(PICTURES / f"{name}.png")


def _every_page(browser: Browser, url: str, folder: Path) -> int:
    """Returns 1 when anything was found."""
    folder.mkdir(parents=True, exist_ok=True)
    found, pages = 0, []
    for role in ROLES:
        page = open_as(browser, url, role)
        for number, visited in enumerate(crawl(page, role), 1):
            name = f"{role}-{number:02}-{visited.name}"
            (folder / f"{name}.html").write_text(visited.html, "utf-8")
            pages.append(folder / f"{name}.html")
            objections = list(dict.fromkeys(_objections(page, visited, folder / name)))
            found += len(objections)
            print(f"{name}  {visited.path}", *objections, sep="\n    ", flush=True)
        page.context.close()
    complaints = nu_errors(pages) if nu_available() else ["Nu: not asked, Java is not here"]
    print(*complaints, f"{len(pages)} pages, {found} findings, and {len(complaints)} lines of Nu", sep="\n")
    return 1 if found else 0


def _objections(page: Page, visited: Visited, name: Path) -> Iterator[str]:
    """What is wrong with the page the browser stands on; takes its pictures on the way."""
    if visited.status != 200:
        yield f"answers {visited.status}"
    yield from html_errors(visited.html)
    for width, scheme in looks(page):
        page.evaluate(READY)
        page.screenshot(path=f"{name}-{width}-{scheme}.png", full_page=True)
        yield from (f"{width} {scheme}: {fault}" for fault in faults(page))


if __name__ == "__main__":
    typer.run(main)
