"""The guards. Every route takes one of these types, and a test fails where one does not.

`SignedIn` anyone with an account · `CurrentClient` · `CurrentPractitioner` · `CurrentStaff` practitioner or admin ·
`CurrentAdmin` · `Anyone` public: the viewer or None.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from portal.accounts import queries, service
from portal.accounts.rules import Lasting, Viewer
from portal.kit import clock
from portal.kit.db import afterwards
from portal.kit.errors import NotAllowed, SignInNeeded
from portal.kit.routing import InHop

_TOUCH_EVERY = timedelta(minutes=1)


class Guard:
    """A dependency: reads the cookie, finds the viewer inside the route's hop, and lets in whom `allows` names."""

    def __init__(self, allows: Callable[[Viewer], bool], who: str) -> None:
        self.allows, self.who = allows, who

    async def __call__(self, request: Request) -> InHop:
        return InHop(lambda db: self._check(request, db))

    def _check(self, request: Request, db: Session) -> Viewer:
        viewer = find_viewer(request, db)
        if viewer is None:
            raise SignInNeeded("Please sign in to see this page.")
        if not self.allows(viewer):
            raise NotAllowed(f"This page is for {self.who}. You are signed in as {viewer.name}.")
        return viewer


async def _anyone(request: Request) -> InHop:
    return InHop(lambda db: find_viewer(request, db))


def find_viewer(request: Request, db: Session) -> Viewer | None:
    """The signed-in person, or None; remembered for this request."""
    token = request.cookies.get(request.app.state.cookie_name)
    if not token:
        return None
    lasting: Lasting = request.app.state.lasting
    at = clock.now()
    found = queries.signed_in(db, token, lasting, at)
    if found is None:
        return None
    viewer, used = found
    if at - used > _TOUCH_EVERY and viewer.sign_in_id:
        sign_in_id = viewer.sign_in_id
        afterwards(db, lambda later: service.touch(later, sign_in_id, at))
    request.state.viewer = viewer
    return viewer


SignedIn = Annotated[Viewer, Depends(Guard(lambda viewer: True, "people with an account"))]  # noqa: ARG005
CurrentClient = Annotated[Viewer, Depends(Guard(lambda viewer: viewer.is_client, "clients"))]
CurrentPractitioner = Annotated[Viewer, Depends(Guard(lambda viewer: viewer.is_practitioner, "practitioners"))]
CurrentStaff = Annotated[Viewer, Depends(Guard(lambda viewer: viewer.is_staff, "the clinic’s team"))]
CurrentAdmin = Annotated[Viewer, Depends(Guard(lambda viewer: viewer.is_admin, "admins"))]
Anyone = Annotated[Viewer | None, Depends(_anyone)]
