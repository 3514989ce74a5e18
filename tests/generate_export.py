"""Write a synthetic Telegram Desktop export of any length, as a stream, the same for the same seed.

python tests/generate_export.py 1000000 /tmp/result.json --seed 7
"""

import argparse
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

START = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"
_LOCAL = timedelta(hours=3)
_WRITES_AT_ONCE = 500

_PEOPLE = [
    ("Олександр Коваль", 401),
    ("Наталія Бондар", 402),
    ("Сергій Ткач", 403),
    ("Катерина Шевчук", 404),
    ("Игорь Литвинов", 405),
    ("Anna Kowalska", 406),
    ("Юлія Гаврилюк", 407),
    (None, 408),  # a deleted account
]
_CHAT_LEVEL = 1_900_000_000

_NOISE = [
    "ок",
    "👍",
    "+1",
    "дякую!",
    "доброго ранку",
    "lol",
    "😂😂",
    "спс",
    "га",
    "thanks",
    "ага",
    "привет",
    "😅",
    "ну так",
]
_OPENERS = [
    "Подивився логи за ніч",
    "Зібрав нову версію",
    "Питання щодо міграції",
    "Домовились із замовником",
    "Проверил на стенде",
    "We measured it again",
    "Знайшов причину падіння",
    "Пропоную змінити підхід",
    "Хто дивився останній звіт",
    "После обновления клиента",
]
_MIDDLES = [
    "запит до таблиці замовлень іде повз індекс і займає {n} мс",
    "черга росте швидше, ніж її читають: {n} повідомлень за хвилину",
    "the retry limit of {n} is reached before the timeout",
    "потрібно узгодити формат до {n} числа",
    "воркер падает по памяти на {n} мегабайтах",
    "у {n} користувачів форма не відкривається взагалі",
    "кеш треба скидати кожні {n} хвилин, інакше бачимо старе",
    "we lose {n} events on every restart",
    "план на спринт виріс на {n} задач",
]
_ENDINGS = [
    "Що робимо?",
    "Беру на себе, до вечора буде.",
    "Вирішили: лишаємо як є до релізу.",
    "Нужно решение сегодня.",
    "Let's talk at the stand-up.",
    "Деталі в задачі.",
    "Якщо ніхто не проти, вливаю.",
    "",
]
_LINKS = ["https://tracker.example/T-{n}", "https://wiki.example/p/{n}"]


def write_export(path: Path, count: int, seed: int = 1, chat_name: str = "Синтетичний чат") -> None:
    r"""Write an export of one private supergroup with exactly `count` messages, in memory that does not grow.

    About a third is noise, a fifth replies; media, edits, forwards, service messages, marked text and some
    control characters in Telegram Desktop's own `\xNN` form (which is not JSON) are among the rest. No two
    messages share an id, and ids have gaps as where messages were deleted.
    """
    with path.open("wb") as file:
        file.write(_header(chat_name, _CHAT_LEVEL + seed))
        _write_messages(file, count, seed)
        file.write(b"\n ]\n}")


def messages(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """The messages that `write_export` writes, as the objects of the file's `messages`."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    own_id = 0
    at = START
    recent: list[int] = []
    for _ in range(count):
        own_id += 1 if dice.random() < 0.97 else dice.randint(2, 5)
        at += timedelta(seconds=int(dice.expovariate(1 / 90)) + 1)
        yield _message(dice, own_id, at, recent)
        recent.append(own_id)
        del recent[:-30]


def _header(chat_name: str, chat_id: int) -> bytes:
    name = json.dumps(chat_name, ensure_ascii=False)
    return f'{{\n "name": {name},\n "type": "private_supergroup",\n "id": {chat_id},\n "messages": ['.encode()


def _write_messages(file: BinaryIO, count: int, seed: int) -> None:
    batch: list[str] = []
    for number, message in enumerate(messages(count, seed)):
        text = json.dumps(message, ensure_ascii=False, indent=1).replace("\n", "\n  ")
        batch.append(f"{',' if number else ''}\n  {text}")
        if len(batch) == _WRITES_AT_ONCE:
            file.write(_as_telegram_escapes("".join(batch)))
            batch.clear()
    file.write(_as_telegram_escapes("".join(batch)))


def _as_telegram_escapes(text: str) -> bytes:
    return text.replace("\\u0001", "\\x01").replace("\\u001f", "\\x1F").encode()


def _message(dice: random.Random, own_id: int, at: datetime, recent: list[int]) -> dict[str, Any]:
    name, user_id = dice.choice(_PEOPLE)
    chance = dice.random()
    if chance < 0.01:
        return _service(dice, own_id, at, name, user_id)
    message = {"id": own_id, "type": "message", **_moment("date", at)}
    if dice.random() < 0.04:
        message |= _moment("edited", at + timedelta(seconds=dice.randint(5, 600)))
    message |= {"from": name, "from_id": f"user{user_id}"}
    if dice.random() < 0.02:
        message["forwarded_from"] = dice.choice(["DOU", "Замовник", None])
    if recent and dice.random() < 0.2:
        message["reply_to_message_id"] = dice.choice(recent)
    if chance < 0.08:
        message |= _media(dice)
    parts = _parts(dice, chance)
    only_plain = len(parts) == 1 and parts[0]["type"] == "plain"
    if not parts:
        text: Any = ""
    elif only_plain:
        text = parts[0]["text"]
    else:
        text = [part["text"] if part["type"] == "plain" else part for part in parts]
    return message | {"text": text, "text_entities": parts}


def _parts(dice: random.Random, chance: float) -> list[dict[str, str]]:
    if chance < 0.06:
        return []
    if chance < 0.40:
        return [{"type": "plain", "text": dice.choice(_NOISE)}]
    return _substance(dice)


def _substance(dice: random.Random) -> list[dict[str, str]]:
    number = dice.randint(2, 9000)
    middle = " і ще: ".join(
        dice.choice(_MIDDLES).format(n=number) for _ in range(dice.choice([1, 1, 1, 2, 3]))
    )
    text = f"{dice.choice(_OPENERS)}: {middle}. {dice.choice(_ENDINGS)}".rstrip()
    chance = dice.random()
    if chance < 0.10:
        link = {"type": "link", "text": dice.choice(_LINKS).format(n=number)}
        return [{"type": "plain", "text": text + " "}, link]
    if chance < 0.16:
        return [
            {"type": "bold", "text": "Рішення:"},
            {"type": "plain", "text": f" 🚀 {text} Дивись "},
            {"type": "code", "text": f"retry_{number}()"},
            {"type": "plain", "text": "\nі кажи, що думаєш"},
        ]
    if chance < 0.17:
        return [{"type": "plain", "text": f"{text}\x01\x1f C:\\x41\\temp"}]
    return [{"type": "plain", "text": text}]


def _media(dice: random.Random) -> dict[str, Any]:
    size = {"width": 1280, "height": 960}
    return dice.choice(
        [
            {"photo": NOT_INCLUDED, "photo_file_size": 181_223, **size},
            {
                "file": NOT_INCLUDED,
                "file_size": 20_911,
                "media_type": "sticker",
                "sticker_emoji": "🔥",
                **size,
            },
            {
                "file": NOT_INCLUDED,
                "media_type": "voice_message",
                "mime_type": "audio/ogg",
                "duration_seconds": 9,
            },
            {"file": NOT_INCLUDED, "file_name": "звіт.xlsx", "file_size": 18_700, "mime_type": "text/csv"},
        ]
    )


def _service(
    dice: random.Random, own_id: int, at: datetime, name: str | None, user_id: int
) -> dict[str, Any]:
    action: dict[str, Any] = dice.choice(
        [
            {"action": "pin_message", "message_id": max(1, own_id - 1)},
            {"action": "invite_members", "members": ["Новий Колега"]},
            {"action": "edit_group_title", "title": "Синтетичний чат"},
        ]
    )
    actor = {"actor": name, "actor_id": f"user{user_id}"}
    return {
        "id": own_id,
        "type": "service",
        **_moment("date", at),
        **actor,
        **action,
        "text": "",
        "text_entities": [],
    }


def _moment(key: str, at: datetime) -> dict[str, str]:
    local = (at + _LOCAL).replace(tzinfo=None)
    return {key: local.isoformat(timespec="seconds"), f"{key}_unixtime": str(int(at.timestamp()))}


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("count", type=int, help="how many messages")
    arguments.add_argument("path", type=Path, help="the file to write")
    arguments.add_argument("--seed", type=int, default=1, help="another seed, another chat (default 1)")
    given = arguments.parse_args()
    write_export(given.path, given.count, given.seed)
    print(f"{given.count:,} messages, {given.path.stat().st_size:,} bytes in {given.path}")
