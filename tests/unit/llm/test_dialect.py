"""What servers refuse to understand, and what is asked instead."""

import pytest

from shared.llm.dialect import Dialect, dialect_of, response_format
from shared.llm.failures import RefusedError


def refused(message: str, param: str = "", status: int = 400, code: str = "") -> RefusedError:
    return RefusedError(message, status=status, param=param, code=code)


def test_schemas_give_way_to_objects_and_those_to_words() -> None:
    dialect = Dialect()
    said = refused("'response_format.type' must be one of 'text', 'json_object'")
    assert dialect.give_way(said)
    assert response_format(dialect, "judge", {}) == {"response_format": {"type": "json_object"}}
    assert dialect.give_way(said)
    assert response_format(dialect, "judge", {}) == {}
    assert not dialect.give_way(said)


def test_each_concession_is_made_once() -> None:
    dialect = Dialect()
    for message, param in (
        ("Unsupported value: 'temperature' does not support 0.0.", "temperature"),
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens"),
        ("Unknown field: encoding_format", ""),
    ):
        assert dialect.give_way(refused(message, param, status=422))
        assert not dialect.give_way(refused(message, param, status=422))
    assert (dialect.limit, dialect.temperature, dialect.base64) == ("max_completion_tokens", False, False)
    assert not dialect.give_way(refused("Unsupported", "max_completion_tokens"))


def test_longest_answer_is_called_as_the_server_knows_it() -> None:
    assert dialect_of("https://api.openai.com/v1").limit == "max_completion_tokens"
    assert dialect_of("http://127.0.0.1:11434/v1").limit == "max_tokens"


@pytest.mark.parametrize(
    "refusal",
    [
        refused(
            "maximum context length is 8192 tokens; reduce max_tokens",
            code="context_length_exceeded",
        ),
        refused("Unknown parameter response_format", status=404),
        refused("max_tokens is too large: 128000. This model supports at most 16384.", "max_tokens"),
        refused("max_tokens: 128000 > 8192, which is the maximum allowed number", "max_tokens"),
        refused("Something else"),
    ],
)
def test_other_refusals_are_left_as_they_are(refusal: RefusedError) -> None:
    dialect = Dialect()
    assert not dialect.give_way(refusal)
    assert dialect == Dialect()
