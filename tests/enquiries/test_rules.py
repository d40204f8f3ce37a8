"""The life of an enquiry, by table, and what WhatsApp opens with."""

from itertools import product

import pytest

from portal.enquiries.rules import Status, may_become, whatsapp_text

ALLOWED = {
    ("new", "contacted"),
    ("new", "invited"),
    ("new", "closed"),
    ("contacted", "new"),
    ("contacted", "invited"),
    ("contacted", "closed"),
    ("invited", "closed"),
    ("closed", "new"),
}


@pytest.mark.parametrize("now, then", list(product(Status, Status)))
def test_each_step(now, then):
    assert may_become(now, then) is ((now.value, then.value) in ALLOWED)


@pytest.mark.parametrize("name", ["", "Eve Elder"])
def test_whatsapp_opens_with_no_word_about_health(name):
    text = whatsapp_text("Our clinic", name).lower()
    for word in ("hair", "scalp", "needl", "loss", "treatment", "skin", "disease", "medic"):
        assert word not in text
    assert "our clinic" in text
