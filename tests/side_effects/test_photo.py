"""The photo that came with a report, before and after its client took it back."""

import pytest

from portal.derivations import service as derivations
from portal.kit.db import transaction
from portal.kit.storage import keep_beside
from portal.photos import queries as photos
from portal.photos.vault import Vault
from portal.photos.views import View
from portal.side_effects import service
from tests.make_derivations import a_photo
from tests.make_side_effects import a_report_form


@pytest.fixture
def report(app, engine, alice):
    keep_beside(engine, app.state.storage)
    with transaction(engine) as db:
        photo = a_photo(db, Vault(app.state.storage, app.state.photo_master), alice, View.SIDE_EFFECT)
        return service.report(db, alice, a_report_form(), photo.id)


def test_a_withdrawn_photo_is_said_to_be_and_not_linked(report, engine, alice, alice_browser, bob_browser):
    link = f'href="/photos/{report.photo_id}"'
    for browser in (alice_browser, bob_browser):
        assert link in browser.get(f"/side-effects/{report.id}").text
    with transaction(engine) as db:
        derivations.withdraw_photo(db, alice, photos.photo(db, alice, report.photo_id))
    for browser in (alice_browser, bob_browser):
        page = browser.get(f"/side-effects/{report.id}").text
        assert "The photo was withdrawn." in page
        assert link not in page
