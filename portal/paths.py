"""Where templates and static files lie: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def _first(*candidates: Path) -> Path:
    return next((path for path in candidates if path.is_dir()), candidates[-1])


TEMPLATES = _first(PACKAGE / "_templates", PACKAGE.parent / "templates")
STATIC = _first(PACKAGE / "_static", PACKAGE.parent / "static")
MIGRATIONS = PACKAGE / "migrations"
