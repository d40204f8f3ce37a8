"""Fill an empty database: clients at every point of the way, two practitioners, an admin, and their work."""

from fastapi import FastAPI
from sqlmodel import Session, select

from portal.accounts.models import Person
from portal.demo import chapters
from portal.demo.stage import Stage, open_clinic
from portal.kit import clock
from portal.kit.db import transaction
from portal.photos.vault import Vault


def fill(app: FastAPI) -> bool:
    """Tell the whole story in one transaction: it is there whole or not at all. False when people are there already."""
    state = app.state
    with transaction(state.engine) as db:
        if not _is_empty(db):
            return False
        stage = Stage(db, Vault(state.storage, state.photo_master), state.passwords, clock.now())
        with stage.days_ago(150):
            petra, marek, _ = open_clinic(stage)
        chapters.mid_course(stage, petra)
        chapters.consultation_booked(stage, marek)
        chapters.not_suitable(stage, petra)
        chapters.about_to_begin(stage, petra, marek)
        chapters.first_visits(stage, petra, marek)
        chapters.recovering(stage, marek)
        chapters.enquiries(stage, petra)
    return True


def _is_empty(db: Session) -> bool:
    return db.exec(select(Person.id).limit(1)).first() is None
