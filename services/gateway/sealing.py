"""Sealing what nobody may read on its way: API keys of language models' providers, tokens, sessions."""

from services.gateway.problems import FieldProblem, ProblemError
from shared.sealing import SealedKeyError, bind_keys, seal


def bind_sealing(encryption_keys: str) -> None:
    """Say with which keys this process seals.

    Args:
        encryption_keys: Fernet keys, newest first, separated by commas; none is an error once one is needed.

    Raises:
        ValueError: When one of them is no Fernet key.
    """
    try:
        bind_keys(encryption_keys)
    except SealedKeyError as error:
        raise ValueError(str(error)) from error


def seal_api_key(api_key: str) -> str:
    """An API key as it travels and is kept; see `seal_secret`."""
    return seal_secret(api_key, field="api_key")


def seal_secret(secret: str, *, field: str) -> str:
    """A secret as it travels and is kept.

    Args:
        secret: As a person gave it; white space around it is left out.
        field: Of the body that it came in.

    Raises:
        ProblemError: 409, when this installation has no encryption key; says what to set.
    """
    try:
        return seal(secret.strip())
    except SealedKeyError as error:
        problem = FieldProblem(field=field, message=str(error), source="body")
        raise ProblemError(409, str(error), errors=[problem]) from error
