r"""Making an export's bytes into JSON: Telegram Desktop writes control characters as `\xNN`, which is not."""

import codecs
import re

_BACKSLASH = 0x5C
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
_OPEN_ESCAPE = re.compile(rb"\\(?:x[0-9A-Fa-f]?)?\Z")


class Repair:
    r"""A filter between the file's chunks and a JSON parser: feed each chunk, in order, then finish.

    `\xNN` becomes `\u00NN`; an escaped backslash before an x is left alone. Outside strings a backslash is no
    JSON anyway, and none comes of it. A byte order mark is dropped; bytes that are not UTF-8 become U+FFFD,
    so that one broken character does not cost the rest of the file. Holds back at most three bytes.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._held = b""

    def feed(self, chunk: bytes) -> bytes:
        """The repaired form of what is complete so far."""
        data = self._held + self._decoder.decode(chunk).encode()
        cut = _open_escape_at(data)
        self._held = data[cut:]
        return _with_json_escapes(data[:cut])

    def finish(self) -> bytes:
        """The repaired form of what was held back; call once, after the last chunk."""
        return _with_json_escapes(self._held + self._decoder.decode(b"", final=True).encode())


def _with_json_escapes(data: bytes) -> bytes:
    if b"\\x" not in data:
        return data
    return _ESCAPE.sub(lambda escape: rb"\u00" + escape[1] if escape[1] else escape[0], data)


def _open_escape_at(data: bytes) -> int:
    """Where an escape begins that the end of the data cuts short; its length when there is none."""
    found = _OPEN_ESCAPE.search(data, max(0, len(data) - 3))
    if found is None:
        return len(data)
    start = found.start()
    before = start
    while before and data[before - 1] == _BACKSLASH:
        before -= 1
    # After an odd number of backslashes this one is the second half of an escaped backslash.
    return start if (start - before) % 2 == 0 else len(data)
