"""Secrets, sealed and opened, over a rotation of the encryption keys."""

import subprocess
import sys

import pytest

from shared.sealing import SealedKeyError, bind_keys, new_encryption_key, reseal, seal, unseal

OLD, NEW = new_encryption_key(), new_encryption_key()
PLAIN = "sk-ключ-123"


def test_sealed_key_opens_and_shows_nothing() -> None:
    bind_keys(OLD)
    sealed = seal(PLAIN)
    assert unseal(sealed) == PLAIN
    assert PLAIN not in sealed
    assert seal(PLAIN) != sealed


def test_rotation_opens_the_old_seals_and_reseals_with_the_newest() -> None:
    bind_keys(OLD)
    sealed = seal(PLAIN)
    bind_keys(f"{NEW}, {OLD}")
    assert unseal(sealed) == PLAIN
    resealed = reseal(sealed)
    bind_keys(NEW)
    assert unseal(resealed) == PLAIN
    with pytest.raises(SealedKeyError, match="TT_ENCRYPTION_KEYS"):
        unseal(sealed)
    with pytest.raises(SealedKeyError, match=r"^The bot's token was sealed with .* or give it again"):
        reseal(sealed, what="The bot's token")


def test_missing_key_says_how_to_make_one() -> None:
    bind_keys("")
    with pytest.raises(SealedKeyError, match=r"python -m shared\.sealing"):
        seal(PLAIN)


def test_malformed_key_is_named_by_its_place_and_not_shown() -> None:
    with pytest.raises(SealedKeyError, match="Key 2 of TT_ENCRYPTION_KEYS") as caught:
        bind_keys(f"{NEW},not-a-key")
    assert "not-a-key" not in str(caught.value)


def test_what_was_tampered_with_does_not_open() -> None:
    bind_keys(NEW)
    sealed = seal(PLAIN)
    for damaged in (sealed[:-4] + "AAA=", "plain text", ""):
        with pytest.raises(SealedKeyError):
            unseal(damaged)


def test_command_makes_a_key_that_works() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "shared.sealing"], capture_output=True, text=True, check=True
    ).stdout.strip()
    bind_keys(made)
    assert unseal(seal(PLAIN)) == PLAIN
