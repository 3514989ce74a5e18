"""What supervisord answers at moments that are hard to meet."""

import asyncio
import xmlrpc.client
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local import supervision


@asynccontextmanager
async def supervisord_that_says(state: Path, fault: xmlrpc.client.Fault) -> AsyncIterator[None]:
    body = xmlrpc.client.dumps(fault, methodresponse=True).encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    with supervision.socket_path(state) as path:
        async with await asyncio.start_unix_server(answer, path):
            yield


@pytest.mark.anyio
async def test_a_supervisor_that_is_ending_counts_as_gone(tmp_path: Path) -> None:
    async with supervisord_that_says(tmp_path, xmlrpc.client.Fault(6, "SHUTDOWN_STATE")):
        with pytest.raises(ConnectionError, match="is ending"):
            await supervision.process_info(tmp_path)


@pytest.mark.anyio
async def test_any_other_refusal_is_told(tmp_path: Path) -> None:
    async with supervisord_that_says(tmp_path, xmlrpc.client.Fault(10, "BAD_NAME: nonesuch")):
        with pytest.raises(xmlrpc.client.Fault, match="nonesuch"):
            await supervision.call(tmp_path, "startProcess", "nonesuch")
