"""Where spans go that nobody looks at: takes OTLP over HTTP, counts it, reads none of it. `python -m … PORT`.

What it takes of the machine is so little that what is measured beside it is the making and sending of spans.
`GET /` tells what came.
"""

import asyncio
import json
import sys
from collections import Counter
from functools import partial


async def _serve(port: int) -> None:
    taken: Counter[str] = Counter()
    async with await asyncio.start_server(partial(_take_all, taken), "127.0.0.1", port) as server:
        await server.serve_forever()


async def _take_all(taken: Counter[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
            await reader.readexactly(length)
            if length:
                taken["requests"] += 1
                taken["bytes"] += length
            # An empty answer is a whole ExportTraceServiceResponse.
            body = b"" if length else json.dumps(taken).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
