"""On a device that people share: what one client typed is never kept as what another one said."""

import re

import pytest

from portal.accounts import whose
from portal.kit.db import transaction
from portal.side_effects import drafts, queries
from tests.make_checkins import ALL_WELL, a_minute, rows, treated
from tests.make_side_effects import ORDINARY

NEW, DRAFT = "/side-effects/new", "/side-effects/draft"
SCRIPT = {"accept": "application/json"}


def seal(browser, path):
    """What the form on a page says whose it is."""
    return re.search(f'name="{whose.FIELD}" value="([^"]+)"', browser.get(path).text)[1]


@pytest.fixture
def of_alice(alice_browser):
    return {**ORDINARY, "note": "hers alone", whose.FIELD: seal(alice_browser, NEW)}


@pytest.fixture
def kept(engine, charlie):
    def read():
        with transaction(engine, write=False) as db:
            return [*queries.reports(db, charlie, charlie.id), drafts.of(db, charlie)]

    return read


@pytest.mark.parametrize("path", [NEW, DRAFT])
@pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["by hand", "script"])
def test_the_page_of_one_client_is_not_sent_by_the_next(alice_browser, charlie_browser, of_alice, kept, path, headers):
    refused = charlie_browser.post(path, data=of_alice, headers=headers)
    assert refused.status_code == 409
    assert whose.OTHERS in re.search(r'class="lead">([^<]+)<', refused.text)[1], "where the script reads it"
    assert "We are not an emergency service" in refused.text
    assert f'href="{NEW}"' in refused.text
    assert kept() == [None]
    assert alice_browser.post(path, data=of_alice, headers=headers).status_code in (200, 303)


@pytest.mark.parametrize("seal_of", ["", "x", "0" * 500])
def test_a_seal_that_is_none_is_nobodys_page_or_refused(alice_browser, seal_of):
    sent = alice_browser.post(NEW, data={**ORDINARY, whose.FIELD: seal_of})
    assert sent.status_code == (409 if seal_of else 303)


def test_the_seal_names_nobody(alice_browser, alice):
    assert str(alice.id) not in seal(alice_browser, NEW)
    assert str(alice.id) not in alice_browser.get(NEW).text


def test_a_check_in_is_not_answered_from_the_page_of_another(
    alice_browser, charlie_browser, engine, alice, charlie, bob
):
    for one in (alice, charlie):
        treated(engine, one, bob, (6,), 7)
    a_minute(engine)
    hers, his = (f"/check-ins/{rows(engine, one)[0].id}" for one in (alice, charlie))
    said = {**ALL_WELL, whose.FIELD: seal(alice_browser, hers)}
    refused = charlie_browser.post(his, data=said)
    assert refused.status_code == 409
    assert "We are not an emergency service" in refused.text
    assert alice_browser.post(hers, data=said).status_code == 303
