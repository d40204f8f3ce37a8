from datetime import date, timedelta

import pytest

from portal.records.rules import Allowed, Dose, Endpoint, cartridge_problems, dose_problems, missing

ALLOWED = Allowed(("frontal", "vertex"), 1.5)
DAY = date(2026, 6, 15)
WHOLE = {
    "device": "Pen",
    "cartridge_lot": "L",
    "cartridge_expiry": DAY,
    "endpoint": Endpoint.NONE,
    "zones": [Dose("frontal", 0.5, 1)],
    "aftercare_given": True,
}


@pytest.mark.parametrize(
    "dose, field, words",
    [
        (Dose("frontal", 1.6, 2), "depth_frontal", "The verdict allows up to 1.5 mm."),
        (Dose("back", 0.5, 2), "depth_back", "The verdict does not cover this zone."),
        (Dose("frontal", None, 2), "depth_frontal", "Please give the depth, or clear the passes."),
        (Dose("frontal", 0.5, None), "passes_frontal", "Please give the passes, or clear the depth."),
    ],
)
def test_a_dose_beyond_the_verdict_or_half_said_is_named(dose, field, words):
    assert dose_problems([dose], ALLOWED) == {field: words}


def test_the_verdicts_own_depth_is_allowed():
    assert dose_problems([Dose("frontal", 1.5, 1), Dose("vertex", 0.25, 20)], ALLOWED) == {}


def test_without_a_verdict_no_zone_is_allowed():
    assert dose_problems([Dose("frontal", 0.5, 1)], None) == {
        "depth_frontal": "No valid verdict covers this treatment."
    }


@pytest.mark.parametrize("days, fine", [(-1, False), (0, True), (1, True)])
def test_a_cartridge_may_be_used_until_the_day_it_expires(days, fine):
    assert (cartridge_problems(DAY + timedelta(days=days), DAY) == {}) is fine


def test_a_cartridge_without_a_date_is_missing_not_expired():
    assert cartridge_problems(None, DAY) == {}


@pytest.mark.parametrize("field", WHOLE)
def test_a_signature_asks_for_everything(field):
    assert missing(WHOLE) == {}
    for nothing in (None, "", [], False):
        assert list(missing({**WHOLE, field: nothing})) == [field]
    assert missing({**WHOLE, field: None})[field].endswith(".")
