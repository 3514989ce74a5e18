"""What can be wrong with an export file as a whole, said so that a person knows what to do next."""

_EXPORT_AS_JSON = (
    'In Telegram Desktop open the chat, choose "Export chat history", set the format to '
    '"Machine-readable JSON", and import the file result.json.'
)

_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\xfd7zX")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class UnreadableExport(Exception):  # noqa: N818 - it reads as what it says of the file
    """The file cannot be read, or not to its end. What was read before stays valid.

    Attributes:
        code: `empty_file`, `html`, `archive`, `encoding`, `not_json`, `truncated`, `no_messages` or
            `too_large`.
        reason: what is wrong, one sentence for a person.
        hint: what that person can do about it.
        position: bytes of the file read until then.
    """

    def __init__(self, code: str, reason: str, hint: str, position: int) -> None:
        super().__init__(f"{reason} {hint}")
        self.code = code
        self.reason = reason
        self.hint = hint
        self.position = position


def recognised(head: bytes) -> UnreadableExport | None:
    """The fault of a file that begins with these bytes, when they already tell that it is no JSON."""
    if head.startswith(_ARCHIVES):
        hint = "Unpack it and import the file result.json inside."
        return UnreadableExport("archive", "This is a packed archive, not an export file.", hint, 0)
    if head.startswith(_UTF16):
        hint = "Import result.json as Telegram Desktop wrote it, or save it as UTF-8."
        return UnreadableExport("encoding", "The file is in UTF-16, not in UTF-8.", hint, 0)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return UnreadableExport("html", "This is an HTML export, made for reading.", _EXPORT_AS_JSON, 0)
    if text and not text.startswith(b"{"):
        return UnreadableExport("not_json", "The file is not a JSON export of Telegram.", _EXPORT_AS_JSON, 0)
    return None


def empty_file() -> UnreadableExport:
    """The file has no bytes, or only white space."""
    return UnreadableExport("empty_file", "The file is empty.", _EXPORT_AS_JSON, 0)


def not_json(position: int, progress: str, detail: str) -> UnreadableExport:
    """The JSON breaks inside. `progress` says what was read before, `detail` what the parser said."""
    reason = f"The file stops being valid JSON shortly before byte {position:,} ({detail}), {progress}."
    return UnreadableExport(
        "not_json", reason, _keep_and_repeat("The file was changed or damaged."), position
    )


def truncated(position: int, progress: str) -> UnreadableExport:
    """The file ends before the JSON does."""
    reason = f"The file is cut off: it ends at byte {position:,} in the middle of the export, {progress}."
    return UnreadableExport(
        "truncated", reason, _keep_and_repeat("The export or the copy was broken off."), position
    )


def too_large(position: int, progress: str) -> UnreadableExport:
    """One value in the file is larger or deeper than any message of Telegram's."""
    reason = f"Near byte {position:,} one value is larger than any message of Telegram can be, {progress}."
    return UnreadableExport("too_large", reason, _EXPORT_AS_JSON, position)


def no_messages(position: int) -> UnreadableExport:
    """Valid JSON in which no chat holds messages."""
    reason = "The file is JSON, but holds no messages of a Telegram chat."
    hint = f"When exporting the whole account, tick the chats to export. For one chat: {_EXPORT_AS_JSON}"
    return UnreadableExport("no_messages", reason, hint, position)


def _keep_and_repeat(why: str) -> str:
    return (
        f"{why} What was read before is kept. Export or copy the file once more and import it again: "
        "messages that are already stored are skipped."
    )
