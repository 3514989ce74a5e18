"""Uploaded files on their way to the service that reads them: the object store `uploads`, kept a week."""

from pathlib import Path
from typing import BinaryIO

from nats.js import api
from nats.js.errors import NotFoundError, ObjectDeletedError
from nats.js.object_store import ObjectStore

from shared.messaging.spans import object_span
from shared.messaging.stores import object_store

KEPT_SECONDS = 7 * 24 * 3600
_CHUNK = 512 * 1024


async def store_upload(name: str, file: BinaryIO) -> int:
    """Keep a file under a name; returns its size in bytes."""
    with object_span("put", "uploads") as span:
        store = await _store()
        options = api.ObjectMetaOptions(max_chunk_size=_CHUNK)
        info = await store.put(name, file, meta=api.ObjectMeta(name=name, options=options))  # type: ignore[arg-type]
        span.set_attribute("tt.object.size", info.size or 0)
    return info.size or 0


async def fetch_upload(name: str, path: Path) -> bool:
    """Write an upload into a file; returns whether there is one."""
    with object_span("get", "uploads") as span, path.open("wb") as file:
        store = await _store()
        try:
            await store.get(name, writeinto=file)
        except (NotFoundError, ObjectDeletedError):
            return False
        span.set_attribute("tt.object.size", file.tell())
    return True


async def delete_upload(name: str) -> None:
    """Forget an upload, if there is one."""
    try:
        await (await _store()).delete(name)
    except (NotFoundError, ObjectDeletedError):
        return


async def _store() -> ObjectStore:
    return await object_store("uploads", ttl=KEPT_SECONDS)
