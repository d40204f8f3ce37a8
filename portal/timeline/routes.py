"""The client's home, and the same story as a practitioner sees it."""

from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.responses import Response

from portal.accounts import queries as people
from portal.accounts.auth import CurrentClient, CurrentPractitioner
from portal.audit import queries as looks
from portal.audit import service as audit
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.routing import Db, Router
from portal.kit.web import render
from portal.photos.queries import LOOKS
from portal.suitability import queries as suitability
from portal.timeline import flags, queries, rules
from portal.timeline.due import due

router = Router()
SHOWN = 10


@router.get("/home", name="timeline:home")
def home(request: Request, db: Db, client: CurrentClient) -> Response:
    told, now, zone = queries.story(db, client, client.id), clock.now(), ZoneInfo(clinic.profile(db).time_zone)
    return render(
        request,
        "timeline/home.html",
        told=told,
        stops=queries.progress(told),
        hello=rules.greeting(now.astimezone(ZoneInfo(client.time_zone) if client.time_zone else zone).hour),
        first_name=client.name.split()[0],
        items=[item for item in queries.items(told) if item.at <= now][:SHOWN],
        due=due(queries.standing(told, zone), now),
        windows=rules.WINDOWS,
        window=rules.window_at(told.last_session, now),
        looks=looks.looks_at(db, client.id, LOOKS, 3),
    )


@router.get("/clients/{client_id}", name="timeline:client")
def client(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID) -> Response:
    person = people.client(db, practitioner, client_id)
    audit.seen(db, practitioner, "clients.seen", client_id)
    told = queries.story(db, practitioner, client_id)
    return render(
        request,
        "timeline/client.html",
        client=person,
        told=told,
        holds=[hold for hold in suitability.holds(db, practitioner, client_id) if hold.is_open],
        flags=flags.flags(db, practitioner, client_id, told),
        stops=queries.progress(told),
        items=queries.items(told),
        verdict_words=queries.VERDICTS,
    )
