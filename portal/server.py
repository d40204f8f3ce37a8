"""For a server that starts several processes: `uvicorn --factory portal.server:app`."""

from fastapi import FastAPI

from portal.app import create_app
from portal.kit import log
from portal.settings import Settings


def app() -> FastAPI:
    """One application per process, from the environment."""
    settings = Settings()
    log.configure(settings.log_level)
    return create_app(settings)
