"""Records in the OpenAPI document carry the words of their docstrings."""

import msgspec

from services.gateway.app import create_app
from services.gateway.described import summary_of, words_of_fields
from services.gateway.settings import GatewaySettings


class Parent(msgspec.Struct):
    """A parent.

    Attributes:
        id: Its number,
            which goes on here.
        name: Its name.
    """

    id: int
    name: str


class Child(Parent):
    """A child.

    In two
    lines.

    Attributes:
        name: Another name.
    """

    age: int


def test_words_of_a_field_are_inherited_and_replaced() -> None:
    assert words_of_fields(Child) == {"id": "Its number, which goes on here.", "name": "Another name."}


def test_summary_ends_where_sections_begin() -> None:
    assert summary_of(Child) == "A child.\n\nIn two\nlines."


def test_every_record_of_the_document_says_what_it_is() -> None:
    document = create_app(GatewaySettings()).openapi_schema.to_schema()
    schemas = document["components"]["schemas"]
    assert schemas
    assert not [name for name, schema in schemas.items() if not schema.get("description")]
    assert "Telegram" in schemas["MessageItem"]["properties"]["id"]["description"]
