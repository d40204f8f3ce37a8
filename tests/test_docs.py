"""The documentation keeps up with the code: whatever one can set, type or meet is named where one would look."""

import ast
import re

import pytest
import typer.main

from portal.cli import cli
from portal.settings import Settings
from tests.tools.source import ROOT, features, relative, source, tree

DOCS = ROOT / "docs"
PROSE = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md"]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
FENCED = re.compile(r"```.*?```", re.DOTALL)


def test_every_setting_is_explained():
    text = source(DOCS / "settings.md")
    silent = [name for field in Settings.model_fields if (name := f"PORTAL_{field.upper()}") not in text]
    assert not silent, f"docs/settings.md does not name {silent}"


def test_no_setting_is_explained_that_does_not_exist():
    known = {f"PORTAL_{field.upper()}" for field in Settings.model_fields}
    assert not set(re.findall(r"PORTAL_[A-Z_]+\b", source(DOCS / "settings.md"))) - known


def test_every_command_is_explained():
    commands = getattr(typer.main.get_command(cli), "commands", {})
    text = source(DOCS / "operations.md")
    silent = [name for name in commands if f"portal {name}" not in text]
    assert commands
    assert not silent, f"docs/operations.md does not name {silent}"


def test_every_feature_has_its_place_in_the_architecture():
    text = source(DOCS / "architecture.md")
    silent = [feature.name for feature in features() if f"`{feature.name}`" not in text]
    assert not silent, f"docs/architecture.md does not name {silent}"


def test_every_table_has_a_word_in_the_glossary():
    text = source(DOCS / "glossary.md")
    silent = [name for name in _tables() if f"`{name}`" not in text]
    assert not silent, f"docs/glossary.md does not explain {silent}"


@pytest.mark.parametrize("page", PROSE, ids=relative)
def test_its_links_lead_somewhere(page):
    targets = LINK.findall(FENCED.sub("", source(page)))
    broken = [target for target in targets if not (page.parent / target).exists()]
    assert not broken, broken


@pytest.mark.parametrize("page", PROSE, ids=relative)
def test_its_make_commands_exist(page):
    targets = set(re.findall(r"^([a-z]+):", source(ROOT / "Makefile"), re.MULTILINE))
    assert not set(re.findall(r"`make ([a-z]+)`", source(page))) - targets


def _tables() -> list[str]:
    """The classes that say `table=True`."""
    files = [path for feature in features() for path in sorted(feature.rglob("*.py"))]
    classes = [node for path in files for node in tree(path).body if isinstance(node, ast.ClassDef)]
    return [node.name for node in classes if any(keyword.arg == "table" for keyword in node.keywords)]
