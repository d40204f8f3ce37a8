import pytest
import sqlalchemy as sa

from portal.kit.errors import NotFound, Refused
from portal.kit.forms import checked
from portal.treatments import queries, service
from portal.treatments.forms import TreatmentForm
from portal.treatments.models import Treatment


def form(**changes) -> TreatmentForm:
    plain = {
        "name": "Scalp micro-needling",
        "summary": "Needles.",
        "kind": "session",
        "minutes": 60,
        "interval_days": 28,
    }
    return checked(TreatmentForm, **{**plain, "is_active": True, **changes}).value


def test_a_session_always_needs_a_verdict(db, dana):
    assert service.save(db, dana, form()).needs_verdict
    assert not service.save(db, dana, form(name="Talk", kind="consultation", interval_days=0)).needs_verdict


def test_the_database_itself_keeps_the_one_rule(db, dana):
    service.save(db, dana, form())
    db.flush()
    with pytest.raises(sa.exc.IntegrityError, match="verdict_follows_kind"):
        db.connection().execute(sa.update(Treatment).values(needs_verdict=False))


def test_the_database_itself_keeps_a_week_of_rest(db, dana):
    service.save(db, dana, form())
    db.flush()
    with pytest.raises(sa.exc.IntegrityError, match="interval_is_safe"):
        db.connection().execute(sa.update(Treatment).values(interval_days=3))


def test_a_name_is_given_once(db, dana):
    service.save(db, dana, form())
    with pytest.raises(Refused, match="already"):
        service.save(db, dana, form(name="Scalp  micro needling"))


def test_a_new_name_keeps_the_address(db, dana):
    treatment = service.save(db, dana, form())
    service.save(db, dana, form(name="Needling of the scalp"), treatment)
    assert queries.by_slug(db, "scalp-micro-needling").name == "Needling of the scalp"


def test_what_is_no_longer_offered_is_not_found_by_its_address_but_by_its_id(db, dana):
    treatment = service.save(db, dana, form(is_active=False))
    assert queries.offered(db) == []
    assert queries.get(db, treatment.id) is treatment
    with pytest.raises(NotFound):
        queries.by_slug(db, treatment.slug)


def test_an_empty_catalogue_is_filled_once(db):
    assert [one.name for one in service.add_starters(db)] == ["Free consultation", "Scalp micro-needling"]
    assert service.add_starters(db) == []
    assert queries.consultation(db).is_free
    assert queries.needling(db).interval_days == 28
    assert [one.name for one in queries.with_verdict(db)] == ["Scalp micro-needling"]


@pytest.mark.parametrize(
    "wrong",
    [{"interval_days": 6}, {"minutes": 4}, {"price": "-1"}, {"price": "12.345"}, {"name": ""}, {"kind": "massage"}],
)
def test_the_form_refuses(wrong):
    plain = {"name": "N", "summary": "S", "kind": "session", "minutes": 60, "interval_days": 28}
    assert list(checked(TreatmentForm, **{**plain, **wrong}).errors) == list(wrong)


def test_a_price_is_kept_in_cents():
    assert form(price="180.50").price_cents == 18050
    assert form(price="0").price_cents == 0
    assert form().price_cents is None
