"""The far side of two-step verification: SRP as https://core.telegram.org/api/srp describes it."""

import inspect
import os
import re
from typing import Any

from telethon import password as telethon_password
from telethon.tl import types

_G = 3


def _prime() -> bytes:
    """Telegram's own prime, which Telethon knows and does not factorize each time."""
    source = inspect.getsource(telethon_password.check_prime_and_good)
    return bytes(int(byte, 16) for byte in re.findall(r"0x([0-9A-F]{2})", source))


class Password:
    """A password that an account has."""

    def __init__(self, text: str) -> None:
        self._algorithm = types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
            salt1=os.urandom(8), salt2=os.urandom(16), g=_G, p=_prime()
        )
        self._p = int.from_bytes(self._algorithm.p, "big")
        self._verifier = int.from_bytes(telethon_password.compute_digest(self._algorithm, text), "big")
        self._b = int.from_bytes(os.urandom(256), "big")
        multiplier = self._hash(self._algorithm.p, telethon_password.big_num_for_hash(_G))
        ours = (int.from_bytes(multiplier, "big") * self._verifier + pow(_G, self._b, self._p)) % self._p
        self._public = telethon_password.big_num_for_hash(ours)

    @property
    def question(self) -> Any:
        """`account.password`."""
        return types.account.Password(
            new_algo=self._algorithm,
            new_secure_algo=types.SecurePasswordKdfAlgoUnknown(),
            secure_random=os.urandom(16),
            has_password=True,
            current_algo=self._algorithm,
            srp_B=self._public,
            srp_id=1,
        )

    def is_answered_by(self, check: Any) -> bool:
        """Whether this `inputCheckPasswordSRP` was made with the password."""
        theirs = int.from_bytes(check.A, "big")
        mix = int.from_bytes(self._hash(check.A, self._public), "big")
        shared = pow(theirs * pow(self._verifier, mix, self._p), self._b, self._p)
        key = self._hash(telethon_password.big_num_for_hash(shared))
        expected = self._hash(
            telethon_password.xor(
                self._hash(self._algorithm.p), self._hash(telethon_password.big_num_for_hash(_G))
            ),
            self._hash(self._algorithm.salt1),
            self._hash(self._algorithm.salt2),
            check.A,
            self._public,
            key,
        )
        return bool(expected == check.M1)

    @staticmethod
    def _hash(*parts: bytes) -> bytes:
        return bytes(telethon_password.sha256(*parts))
