"""Whose page a form stands on: on a device that people share, what one typed must not be kept as another's.

A form carries `whose_form()`, a hidden field with a seal of whoever the page was made for (no id, and nobody else's
words); the route that takes it asks `only_of` first. A form without the field is nobody's page: it is let through.
"""

from typing import Any

from fastapi import Request
from markupsafe import Markup

from portal.accounts.rules import Viewer
from portal.kit.errors import Refused
from portal.kit.forms import Bound
from portal.kit.web import Pages

FIELD = "form_of"
OTHERS = "This page was opened by somebody else who was signed in here, so nothing of it was kept. Please open it anew."
_LASTS = 10 * 365 * 24 * 3600  # seconds; a page is somebody's for as long as it is open


def field(request: Request, viewer: Viewer | None) -> Markup:
    """The hidden field for a form of this viewer."""
    pages: Pages = request.app.state.pages
    seal = pages.box.close(_purpose(viewer), FIELD) if viewer else ""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, seal)


def only_of(request: Request, viewer: Viewer, form: Bound[Any], page: str = "") -> None:
    """Raises Refused for what was typed on the page of somebody else. `page`: where the form stands, if not here."""
    pages: Pages = request.app.state.pages
    seal = form.raw_text(FIELD)
    if seal and pages.box.open(_purpose(viewer), seal, _LASTS) is None:
        raise Refused(OTHERS, ("Open it anew", page or request.url.path))


def _purpose(viewer: Viewer) -> str:
    return f"{FIELD}-{viewer.id}"
