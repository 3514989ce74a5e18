"""Secrets, sealed: encrypted with a key of the environment, so that no plain text lies or travels anywhere.

API keys of providers, a bot's token. `TT_ENCRYPTION_KEYS` holds Fernet keys, the newest first, separated by
commas: the first one seals, all of them open. To rotate: put a new one in front everywhere, have everything
sealed again, then take the old one away.
"""

import sys

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

SETTING = "TT_ENCRYPTION_KEYS"
CANNOT_OPEN = f"was sealed with a key that is not in {SETTING}."
"""What an error holds that says so."""
_HOW_TO_MAKE_ONE = (
    "Make one with `python -m shared.sealing`, and give the same to the gateway and to every service that "
    "keeps a secret"
)

_bound: MultiFernet | None = None


class SealedKeyError(Exception):
    """A secret cannot be sealed or opened with the encryption keys of this process; says what to do."""


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
    """Encrypt a secret with the newest of the keys.

    Raises:
        SealedKeyError: When this process has no encryption key.
    """
    return _keys().encrypt(plain.encode()).decode()


def unseal(sealed: str, *, what: str = "The provider's API key") -> str:
    """Decrypt a secret with whichever of the keys it was sealed with.

    Args:
        sealed: As `seal` made it.
        what: What it is, to begin a sentence with.

    Raises:
        SealedKeyError: When this process has no encryption key, or not the one.
    """
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise _cannot_open(what) from error


def reseal(sealed: str, *, what: str = "The provider's API key") -> str:
    """Encrypt a secret anew, with the newest of the keys.

    Args:
        sealed: As `seal` made it.
        what: What it is, to begin a sentence with.

    Raises:
        SealedKeyError: When this process has no encryption key, or not the one it was sealed with.
    """
    try:
        return _keys().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise _cannot_open(what) from error


def _keys() -> MultiFernet:
    if _bound is None:
        raise SealedKeyError(f"{SETTING} is not set, so no secret can be kept or read. {_HOW_TO_MAKE_ONE}.")
    return _bound


def _fernet(key: str, place: int) -> Fernet:
    try:
        return Fernet(key.encode())
    except ValueError:
        raise SealedKeyError(
            f"Key {place} of {SETTING} is not a Fernet key (32 bytes in URL-safe base64). {_HOW_TO_MAKE_ONE}."
        ) from None


def _cannot_open(what: str) -> SealedKeyError:
    return SealedKeyError(f"{what} {CANNOT_OPEN} Add that key behind the newest, or give it again.")


if __name__ == "__main__":
    sys.stdout.write(new_encryption_key() + "\n")
