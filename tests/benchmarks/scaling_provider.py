"""A provider of embeddings that waits, and takes next to no processor: `python -m … PORT SECONDS`.

It waits as a model that runs elsewhere does, and answers with vectors that it made once: what is measured
beside it is what waits for it. It speaks as much HTTP/1.1 and of OpenAI's API as its one client needs.
"""

import asyncio
import base64
import json
import random
import sys
import zlib
from array import array
from dataclasses import dataclass, replace
from functools import partial

from deploy.local.command import Command
from deploy.local.house import ROOT

DIMENSION = 384
_DISTINCT = 2048


@dataclass(frozen=True)
class Vectors:
    """Vectors as they stand in answers.

    Attributes:
        numbers: As lists of numbers.
        packed: As base64.
    """

    numbers: list[str]
    packed: list[str]

    @classmethod
    def make(cls) -> "Vectors":
        """Some thousands, of unit length: as many as there are, an index has something to do."""
        dice = random.Random(1)  # noqa: S311 - repeatable, not secret
        made = [[dice.gauss(0, DIMENSION**-0.5) for _ in range(DIMENSION)] for _ in range(_DISTINCT)]
        packed = [json.dumps(base64.b64encode(array("f", vector)).decode()) for vector in made]
        return cls([json.dumps([round(value, 5) for value in vector]) for vector in made], packed)


def instead_of_embeddings(seconds: float, command: Command) -> Command:
    """The command that starts this in place of the local embedding server, on its port."""
    port = command.argv[command.argv.index("--port") + 1]
    program = (command.argv[0], "-m", "tests.benchmarks.scaling_provider", port, str(seconds))
    return replace(command, argv=program, cwd=str(ROOT))


async def _serve(port: int, seconds: float) -> None:
    answer = partial(_answer_all, Vectors.make(), seconds)
    async with await asyncio.start_server(answer, "127.0.0.1", port) as server:
        await server.serve_forever()


async def _answer_all(
    vectors: Vectors, seconds: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the requests of one connection."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
            body = await reader.readexactly(length)
            if head.startswith(b"POST"):
                await asyncio.sleep(seconds)
            answer = _answer(vectors, head.split(b" ", 2)[1].decode(), body)
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(answer), answer)
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


def _answer(vectors: Vectors, path: str, body: bytes) -> bytes:
    if not path.endswith("/embeddings"):
        models = [{"id": name, "object": "model"} for name in ("e5-passage", "e5-query")]
        return json.dumps({"object": "list", "data": models, "status": "ok"}).encode()
    asked = json.loads(body)
    texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
    ready = vectors.packed if asked.get("encoding_format") == "base64" else vectors.numbers
    items = ", ".join(
        f'{{"object": "embedding", "index": {place}, "embedding": {_of(text, ready)}}}'
        for place, text in enumerate(texts)
    )
    used = json.dumps({"prompt_tokens": sum(len(text) // 4 for text in texts), "total_tokens": 0})
    return f'{{"object": "list", "model": "{asked["model"]}", "data": [{items}], "usage": {used}}}'.encode()


def _of(text: str, ready: list[str]) -> str:
    return ready[zlib.crc32(text.encode()) % _DISTINCT]


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
