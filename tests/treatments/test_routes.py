import pytest
from sqlmodel import Session

from portal.kit.db import transaction
from portal.treatments import queries, service

FIELDS = {"name": "Scalp micro-needling", "summary": "Fine needles.", "kind": "session", "minutes": "60"}
MORE = {"interval_days": "28", "sessions_suggested": "6", "buffer_before": "0", "buffer_after": "0", "order": "0"}


@pytest.fixture
def catalogue(engine):
    with transaction(engine) as db:
        return service.add_starters(db)


def test_an_admin_adds_a_treatment(dana_browser, engine):
    sent = dana_browser.post("/admin/treatments/new", data={**FIELDS, **MORE, "is_active": "yes", "price": "180"})
    assert sent.status_code == 303
    page = dana_browser.get("/admin/treatments").text
    assert "Scalp micro-needling" in page
    assert "EUR 180.00" in page
    assert "Requires a consultation" in page


def test_a_mistake_comes_back_with_what_was_typed(dana_browser, engine):
    page = dana_browser.post("/admin/treatments/new", data={**FIELDS, **MORE, "interval_days": "3"})
    assert page.status_code == 422
    assert "The scalp needs at least 7 days between sessions." in page.text
    assert 'value="Fine needles."' in page.text
    with Session(engine) as db:
        assert not queries.everything(db)


def test_a_name_that_is_taken_is_said_beside_it(dana_browser, catalogue):
    page = dana_browser.post("/admin/treatments/new", data={**FIELDS, **MORE})
    assert page.status_code == 422
    assert 'href="#f-name"' in page.text


def test_an_admin_changes_a_treatment(dana_browser, catalogue, engine):
    path = f"/admin/treatments/{catalogue[1].id}"
    assert 'value="28"' in dana_browser.get(path).text
    dana_browser.post(path, data={**FIELDS, **MORE, "interval_days": "42"})
    with Session(engine) as db:
        assert queries.get(db, catalogue[1].id).interval_days == 42
        assert not queries.get(db, catalogue[1].id).is_active


def test_a_wrong_change_comes_back(dana_browser, catalogue):
    page = dana_browser.post(f"/admin/treatments/{catalogue[1].id}", data={**FIELDS, **MORE, "minutes": "900"})
    assert page.status_code == 422
    assert 'value="900"' in page.text


def test_rooms_thinking_time_and_deposit_are_kept(dana_browser, catalogue, engine):
    path = f"/admin/treatments/{catalogue[1].id}"
    more = {"cooling_off_days": "3", "needs_room": "yes", "price": "180", "deposit": "40.50"}
    assert dana_browser.post(path, data={**FIELDS, **MORE, **more}).status_code == 303
    with Session(engine) as db:
        kept = queries.get(db, catalogue[1].id)
        assert (kept.cooling_off_days, kept.needs_room, kept.needs_device, kept.deposit_cents) == (3, True, False, 4050)
    page = dana_browser.get(path).text
    assert 'value="40.50"' in page
    assert 'value="3"' in page


def test_a_deposit_is_never_more_than_the_price(dana_browser, catalogue):
    data = {**FIELDS, **MORE, "price": "40", "deposit": "41"}
    page = dana_browser.post(f"/admin/treatments/{catalogue[1].id}", data=data)
    assert page.status_code == 422
    assert "cannot be more than the price" in page.text
    longer = dana_browser.post(
        f"/admin/treatments/{catalogue[1].id}", data={**FIELDS, **MORE, "cooling_off_days": "61"}
    )
    assert longer.status_code == 422


def test_a_new_clinic_lets_a_client_think_for_a_day(catalogue):
    assert [one.cooling_off_days for one in catalogue] == [0, 1]


def test_only_an_admin_may(bob_browser, alice_browser, visitor, catalogue):
    assert bob_browser.get("/admin/treatments").status_code == 403
    assert alice_browser.post("/admin/treatments/new", data=FIELDS).status_code == 403
    assert visitor.get("/admin/treatments").headers["location"].startswith("/sign-in")


def test_what_is_not_there_is_not_found(dana_browser, engine):
    assert dana_browser.get("/admin/treatments/00000000-0000-0000-0000-000000000001").status_code == 404


def test_check_ins_are_typed_as_hours_and_kept_in_order(dana_browser, catalogue, engine):
    path = f"/admin/treatments/{catalogue[1].id}"
    assert 'value="6, 24, 72, 168, 336"' in dana_browser.get(path).text
    assert dana_browser.post(path, data={**FIELDS, **MORE, "check_in_hours": "48, 6; 6 24"}).status_code == 303
    with Session(engine) as db:
        assert queries.get(db, catalogue[1].id).check_in_hours == [6, 24, 48]
        assert queries.get(db, catalogue[0].id).check_in_hours == [], "nobody is asked after a talk"


@pytest.mark.parametrize("typed", ["", "soon", "0", "6, 1441", "6-24", "-6", ", ".join(map(str, range(1, 14)))])
def test_check_ins_that_cannot_be_come_back_as_typed(dana_browser, catalogue, engine, typed):
    page = dana_browser.post(f"/admin/treatments/{catalogue[1].id}", data={**FIELDS, **MORE, "check_in_hours": typed})
    assert page.status_code == 422
    assert 'href="#f-check_in_hours"' in page.text
    assert f'value="{typed}"' in page.text
    with Session(engine) as db:
        assert queries.get(db, catalogue[1].id).check_in_hours == [6, 24, 72, 168, 336]
