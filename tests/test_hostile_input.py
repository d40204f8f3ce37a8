"""Whatever stands in an address or a form, no page breaks: each parameter of each route, each field of each form."""

import typing

import pytest
from fastapi.routing import APIRoute

from portal.kit.forms import Bound
from tests.test_access import CHANGES, QUERY, READS, ROUTES, ROWS, as_role, template, world

pytestmark = pytest.mark.thorough

__all__ = ["as_role", "template", "world"]
IN_ADDRESSES = [
    "%00",
    "%FF",
    "9" * 400,
    "-1",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00:00%2B23:59",
    "%C3%A9%F0%9F%92%89",
    "'%22%3E%3Cscript%3E",
    "%25s%25n{0}{{7*7}}",
    "%ED%A0%80",
    "%0d%0aX-Evil: 1",
]
IN_FORMS = [
    "",
    "\0",
    "a\0b",
    "x" * 100_000,
    "9" * 400,
    "-1",
    "1e999",
    "nan",
    "Infinity",
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59",
    "0001-01-01T00:00",
    "25:61",
    "é🙂\u202e\u2028",
    "'\"><script>alert(1)</script>",
    "'; DROP TABLE person; --",
    "%s%n{0}{{7*7}}${7*7}",
    "../../etc/passwd",
    "a@b\r\nBcc: c@d",
    "true",
    "[]",
    "{}",
]


def who(name: str) -> str:
    return next(role for role in ("alice", "bob", "dana") if ROWS[name][role] == "ok")


def asked(name: str) -> list[str]:
    return [field.alias for field in ROUTES[name].dependant.query_params]


def fields(route: APIRoute) -> list[str]:
    """The fields of the form a route takes."""
    hints = typing.get_type_hints(route.endpoint, include_extras=False)
    forms = [typing.get_args(hint)[0] for hint in hints.values() if typing.get_origin(hint) is Bound]
    return [field for form in forms for field in form.model_fields]


@pytest.mark.parametrize("name", [name for name in sorted(READS) if asked(name)])
def test_no_address_breaks_a_page(name, world, as_role):
    for parameter in asked(name):
        for value in IN_ADDRESSES:
            answer = as_role(who(name)).get(
                f"{world.path(ROUTES[name].path)}?{parameter}={value}&{QUERY.get(name, '?')[1:]}"
            )
            assert answer.status_code < 500, (parameter, value)
            assert "x-evil" not in answer.headers
            assert "<script>" not in answer.text.replace("<script src", "")


@pytest.mark.parametrize("name", [name for name in sorted(CHANGES) if fields(ROUTES[name])])
def test_no_form_breaks_a_page(name, world, as_role):
    path, person = world.path(ROUTES[name].path), as_role(who(name))
    for value in IN_FORMS:
        answer = person.post(path, data=dict.fromkeys(fields(ROUTES[name]), value))
        assert answer.status_code in {200, 303, 404, 409, 410, 413, 422, 429}, value[:40]
        assert "<script>alert" not in answer.text
    doubled = {field: ["x", "y", "\0"] for field in fields(ROUTES[name])}
    assert person.post(path, data=doubled).status_code < 500
    assert (
        person.post(path, data={"form_token": "\0" * 5000, "id": "1", "is_admin": "yes", "client_id": "1"}).status_code
        < 500
    )
