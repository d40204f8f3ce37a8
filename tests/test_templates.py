"""Every template compiles, keeps to the content-security policy, and names only what exists."""

import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import meta, nodes

from portal.kit.templating import environment
from tests.tools.source import ROOT, route_names, used_route_names, used_templates

TEMPLATES, STATIC = ROOT / "templates", ROOT / "static"
ENV = environment(TEMPLATES, STATIC, {})
NAMES = ENV.list_templates()
PAGES = [name for name in NAMES if name.endswith(".html")]
EMAILS = [name for name in PAGES if "email" in Path(name).name]
TREES = {name: ENV.parse((TEMPLATES / name).read_text("utf-8"), name) for name in NAMES}
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
MOST_PARENTS = 2

# What the policy would block, or what would tell another site about our visitors.
FORBIDDEN = {
    "inline style": re.compile(r"<style|\sstyle\s*=", re.IGNORECASE),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*[\"'{]|javascript:", re.IGNORECASE),
    "address of another site": re.compile(
        r"\s(?:src|href|action|formaction|poster|srcset)\s*=\s*[\"']?(?!https://wa\.me/)(?:https?:)?//", re.IGNORECASE
    ),
}
IN_EMAIL = {"inline style"}  # mail programs drop style sheets, and no policy of ours reaches them


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name):
    ENV.get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_it_keeps_to_the_policy(name):
    text = COMMENT.sub("", (TEMPLATES / name).read_text("utf-8"))
    allowed = IN_EMAIL if name in EMAILS else set()
    found = {kind: pattern.findall(text) for kind, pattern in FORBIDDEN.items() if kind not in allowed}
    assert not any(found.values()), {kind: places for kind, places in found.items() if places}


@pytest.mark.parametrize("name", PAGES)
def test_every_form_that_changes_something_acts_once(name):
    forms = re.findall(r"<form\b.*?</form>", (TEMPLATES / name).read_text("utf-8"), re.DOTALL)
    careless = [form for form in forms if re.search(r"method=[\"']?post", form, re.IGNORECASE) and "once" not in form]
    assert not careless, f"put {{{{ once() }}}} into it: {careless}"


@pytest.mark.parametrize("name", NAMES)
def test_it_stands_on_no_more_than_two_layouts(name):
    assert len(_parents(name)) <= MOST_PARENTS, _parents(name)


@pytest.mark.parametrize("name", NAMES)
def test_what_it_takes_from_other_templates_is_there(name):
    others = {other for other in meta.find_referenced_templates(TREES[name]) if other}
    assert not others - set(NAMES)
    for taken in TREES[name].find_all(nodes.FromImport):
        wanted = {item if isinstance(item, str) else item[0] for item in taken.names}
        assert not wanted - _offered(taken.template.value), f"{taken.template.value} has no such macro"


@pytest.mark.parametrize("name", NAMES)
def test_its_files_are_there(name):
    missing = [asset for asset in _first_arguments(name, "asset") if not (STATIC / asset).is_file()]
    assert not missing, f"not in static/: {missing}"


@pytest.mark.parametrize("name", NAMES)
def test_its_addresses_are_routes(name):
    unknown = set(_first_arguments(name, "url")) - set(route_names())
    assert not unknown, f"no route has this name: {unknown}"


def test_addresses_named_in_python_are_routes():
    known = set(route_names())
    lost = [f"{place} {name}" for place, name in used_route_names() if name not in known]
    assert not lost, lost


def test_templates_named_in_python_exist():
    lost = [f"{place} {name}" for place, name in used_templates() if name not in NAMES]
    assert not lost, lost


def test_a_routes_name_starts_with_its_feature_and_is_used_once():
    names = route_names()
    foreign = [
        f"{place} {name}"
        for name, places in names.items()
        for place in places
        if place.split("/")[1] != name.split(":")[0]
    ]
    assert not foreign, foreign
    assert not {name: places for name, places in names.items() if len(places) > 1}


def test_a_style_sheet_asks_no_other_site():
    pattern = re.compile(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//")
    asking = [path.name for path in STATIC.rglob("*.css") if pattern.search(path.read_text("utf-8"))]
    assert not asking


def test_a_forgotten_variable_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        ENV.from_string("{{ nobody_passed_this }}").render()


def _parents(name: str) -> list[str]:
    above = [extends.template.value for extends in TREES[name].find_all(nodes.Extends) if name in TREES]
    return above + [higher for parent in above for higher in _parents(parent)]


def _offered(name: str) -> set[str]:
    macros = {macro.name for macro in TREES[name].find_all(nodes.Macro)}
    return macros | {target.name for target in TREES[name].find_all(nodes.Name) if target.ctx == "store"}


def _first_arguments(name: str, function: str) -> list[str]:
    calls = [
        call for call in TREES[name].find_all(nodes.Call) if getattr(call.node, "name", None) == function and call.args
    ]
    return [call.args[0].value for call in calls if isinstance(call.args[0], nodes.Const)]
