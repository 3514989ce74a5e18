"""Passwords, and what is used like one: API keys, tokens, what a webhook proves itself with."""

import secrets


def new_password() -> str:
    """A new random one of 256 bits, 64 hexadecimal digits.

    Digits and letters alone mean the same in a shell, an option, a URL and a configuration, and are marked by
    a double click; of URL-safe base64, one in 64 begins with `-` and is taken for an option.
    """
    return secrets.token_hex(32)
