"""Statements name their columns: one that is prepared lives through a migration that adds some."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import TextClause

import services
from services.embedding.tables import VectorSpace
from shared.database.columns import columns_of

_EVERYTHING = re.compile(r"\A\s*SELECT\s+(\w+\.)?\*|\bRETURNING\s+(\w+\.)?\*", re.IGNORECASE)


def statements() -> Iterator[tuple[str, str]]:
    """Every statement that is written out in a repository, by its module and name."""
    for found in pkgutil.walk_packages(services.__path__, "services."):
        if ".repository" in found.name or ".stores" in found.name:
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                if isinstance(value, TextClause):
                    yield f"{found.name}.{name}", value.text


def test_no_statement_answers_whatever_there_is() -> None:
    found = dict(statements())

    assert len(found) > 100
    assert [name for name, text in found.items() if _EVERYTHING.search(text)] == []


@pytest.mark.parametrize(
    "text", ["SELECT * FROM x", "\n select t.* FROM x t", "INSERT INTO x VALUES (1) RETURNING *"]
)
def test_such_a_statement_would_be_found(text: str) -> None:
    assert _EVERYTHING.search(text)


def test_columns_are_those_of_the_mapping() -> None:
    assert columns_of(VectorSpace, "s").startswith("s.id, s.provider_id, s.document_model, ")
