"""Is a page sound? axe asks a browser's accessibility tree, `html_errors` a strict parser and a few own rules."""

from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from html5lib.constants import E as PARSE_ERRORS
from playwright.sync_api import Page

# WCAG 2.2 A and AA, and axe's own good practice.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": AXE_TAGS}}

# Parse errors html5lib reports although today's HTML allows the markup: code and tag -> why.
ALLOWED_SINCE = {
    ("unexpected-start-tag-in-select", "hr"): "HTML allows <hr> between options since 2023; html5lib is older",
}
# Attributes whose value is a list of ids that must exist on the page.
POINTERS = (
    "for",
    "form",
    "list",
    "popovertarget",
    "commandfor",
    "aria-controls",
    "aria-describedby",
    "aria-details",
    "aria-errormessage",
    "aria-labelledby",
    "aria-owns",
)
BUTTON_TYPES = {"submit", "button", "reset"}
_LAID = """laid => {
  for (const one of document.querySelectorAll("body :not(dialog, [popover])")) {
    if (laid && /fixed|sticky/.test(getComputedStyle(one).position)) one.style.position = "static";
    if (!laid && one.style.position === "static") one.style.position = "";
  }
}"""
ATOM = "{http://www.w3.org/1999/xhtml}"


def axe(page: Page) -> list[str]:
    """Accessibility violations of the page as it stands, one sentence per place.

    The script goes in through the browser's debugging protocol, which no content-security policy stops. Bars that stay
    in sight are laid into the page meanwhile: they cover a part of whatever lies at the screen's edge just now.
    """
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    page.evaluate(_LAID, True)
    result: dict[str, Any] = page.evaluate("options => axe.run(document, options)", AXE_OPTIONS)
    page.evaluate(_LAID, False)
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['html']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def html_errors(html: str) -> list[str]:
    """What is wrong with a whole page: parse errors with line and column, then broken references, one sentence each."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"))
    document: Element = parser.parse(html)
    elements = [element for element in document.iter() if _is_element(element)]
    return [*_parse_errors(parser), *_id_errors(elements), *_element_errors(elements)]


def _parse_errors(parser: html5lib.HTMLParser) -> Iterator[str]:
    for position, code, details in parser.errors:
        if (code, (details or {}).get("name")) not in ALLOWED_SINCE:
            line, column = position
            yield f"line {line}, column {column}: {PARSE_ERRORS[code] % (details or {})}"


def _id_errors(elements: list[Element]) -> Iterator[str]:
    ids = Counter(element.get("id") for element in elements if element.get("id") is not None)
    yield from (f'id="{name}" is used {count} times' for name, count in ids.items() if count > 1)
    for element in elements:
        for attribute in POINTERS:
            for name in (element.get(attribute) or "").split():
                if name not in ids:
                    yield f'<{_tag(element)} {attribute}="{name}"> points at nothing'


def _element_errors(elements: list[Element]) -> Iterator[str]:
    tags = Counter(map(_tag, elements))
    yield from (f"{tags[name]} <{name}> elements on one page" for name in ("main", "h1", "title") if tags[name] != 1)
    for element in elements:
        match _tag(element):
            case "html" if not element.get("lang"):
                yield "<html> without lang"
            case "img" if element.get("alt") is None:
                yield f'<img src="{element.get("src")}"> without alt'
            case "button" if element.get("type") not in BUTTON_TYPES:
                yield f"<button> without a type: {''.join(element.itertext()).strip()!r}"


def _is_element(node: Element) -> bool:
    tag: object = node.tag  # a comment's tag is a function, whatever the annotations say
    return isinstance(tag, str)


def _tag(element: Element) -> str:
    return str(element.tag).removeprefix(ATOM)
