"""Two at the same moment, each in a transaction of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from portal.consents import queries, service
from portal.consents.forms import WritingForm
from portal.consents.models import Consent, ConsentDocument
from portal.consents.rules import ConsentState, Purpose
from portal.kit.db import transaction
from portal.kit.errors import Refused
from portal.kit.forms import checked
from portal.treatments import queries as treatments
from portal.treatments import service as catalogue
from tests.make_consents import a_document, a_signature, a_signed_consent, document_fields, next_version

TIMES = 8


@pytest.fixture
def needling(engine):
    with transaction(engine) as db:
        catalogue.add_starters(db)
        return treatments.needling(db)


def at_once(engine: Engine, *acts: Callable[[Session], object]) -> list[str]:
    """What became of each act, all begun together: done, or refused with a sentence."""
    ready = Barrier(len(acts))

    def one(act: Callable[[Session], object]) -> str:
        ready.wait(10)
        try:
            with transaction(engine) as db:
                act(db)
        except Refused:
            return "refused"
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(one, acts))


def test_a_text_signed_many_times_at_once_is_signed_once(engine, alice, needling):
    with transaction(engine) as db:
        document = a_document(db, None, needling)
    became = at_once(engine, *[lambda db: a_signature(db, alice, document)] * TIMES)
    assert became == ["done", *["refused"] * (TIMES - 1)]
    with transaction(engine, write=False) as db:
        assert len(db.exec(select(Consent)).all()) == 1


@pytest.mark.parametrize("is_first", [True, False])
def test_of_many_who_publish_at_once_one_does_and_the_others_are_told(engine, dana, needling, is_first):
    form = checked(WritingForm, **document_fields(None, Purpose.PHOTO_TEACHING)).value
    if not is_first:
        with transaction(engine) as db:
            form = next_version(service.publish(db, dana, form))
    became = at_once(engine, *[lambda db: service.publish(db, dana, form)] * TIMES)
    assert became == ["done", *["refused"] * (TIMES - 1)]
    with transaction(engine, write=False) as db:
        versions = db.exec(select(ConsentDocument.version)).all()
    assert sorted(versions) == ([1] if is_first else [1, 2])


def test_taking_back_twice_at_once_takes_back_once(engine, alice, needling):
    with transaction(engine) as db:
        consent = a_signed_consent(db, alice, needling)
    became = at_once(engine, *[lambda db: service.withdraw(db, alice, consent.id)] * TIMES)
    assert became == ["done", *["refused"] * (TIMES - 1)]
    with transaction(engine, write=False) as db:
        assert queries.facts(db, alice.id, needling.id).state is ConsentState.WITHDRAWN
