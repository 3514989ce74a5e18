"""API keys, sealed: encrypted with a key of the environment, so that no plain text lies or travels anywhere.

`TT_ENCRYPTION_KEYS` holds Fernet keys, the newest first, separated by commas: the first one seals, all of
them open. To rotate: put a new one in front everywhere, have everything sealed again, then take the old one
away.
"""

import sys

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from shared.llm.errors import SealedKeyError

SETTING = "TT_ENCRYPTION_KEYS"
CANNOT_OPEN = f"The provider's API key was sealed with a key that is not in {SETTING}."
"""How an error begins that says so."""
_HOW_TO_MAKE_ONE = (
    "Make one with `python -m shared.llm.keys`, and give the same to every service that calls providers"
)

_bound: MultiFernet | None = None


def bind_keys(encryption_keys: str) -> None:
    """Say which keys this process seals and opens with.

    Args:
        encryption_keys: Fernet keys, the newest first, separated by commas; that there are none is an error
            only once something is to be sealed or opened.

    Raises:
        SealedKeyError: When one of them is no Fernet key; names its place, not its text.
    """
    global _bound  # noqa: PLW0603 - one binding a process, made at its start
    given = [key.strip() for key in encryption_keys.split(",") if key.strip()]
    made = [_fernet(key, place) for place, key in enumerate(given, 1)]
    _bound = MultiFernet(made) if made else None


def new_encryption_key() -> str:
    """A new random key for `TT_ENCRYPTION_KEYS`."""
    return Fernet.generate_key().decode()


def seal(plain: str) -> str:
    """Encrypt an API key with the newest of the keys.

    Raises:
        SealedKeyError: When this process has no encryption key.
    """
    return _keys().encrypt(plain.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt an API key with whichever of the keys it was sealed with.

    Raises:
        SealedKeyError: When this process has no encryption key, or not the one.
    """
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise _cannot_open() from error


def reseal(sealed: str) -> str:
    """Encrypt an API key anew, with the newest of the keys.

    Raises:
        SealedKeyError: When this process has no encryption key, or not the one it was sealed with.
    """
    try:
        return _keys().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise _cannot_open() from error


def _keys() -> MultiFernet:
    if _bound is None:
        raise SealedKeyError(f"{SETTING} is not set, so no API key can be kept. {_HOW_TO_MAKE_ONE}.")
    return _bound


def _fernet(key: str, place: int) -> Fernet:
    try:
        return Fernet(key.encode())
    except ValueError:
        raise SealedKeyError(
            f"Key {place} of {SETTING} is not a Fernet key (32 bytes in URL-safe base64). {_HOW_TO_MAKE_ONE}."
        ) from None


def _cannot_open() -> SealedKeyError:
    return SealedKeyError(
        f"{CANNOT_OPEN} Add that key behind the newest, or give the provider its API key again."
    )


if __name__ == "__main__":
    sys.stdout.write(new_encryption_key() + "\n")
