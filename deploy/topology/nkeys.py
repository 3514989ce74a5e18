"""NKEYs: pairs of keys of which a party keeps the seed, and NATS knows only the public one.

https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth
"""

import secrets

import nkeys


def new_seed() -> str:
    """A new seed, a secret: `SU…`."""
    seed: bytes = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
    return seed.decode()


def public_key(seed: str) -> str:
    """The public key of a seed: `U…`.

    Raises:
        nkeys.NkeysError: When it is no seed.
    """
    key: bytes = nkeys.from_seed(bytearray(seed.strip().encode())).public_key
    return key.decode()
