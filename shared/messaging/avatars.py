"""Pictures of people: the object store `avatars`, which keeps them until they are replaced."""

from nats.js import api
from nats.js.errors import BucketNotFoundError, NotFoundError, ObjectDeletedError
from nats.js.object_store import ObjectStore

from shared.messaging.connection import bound_namespace, bound_replicas, connection
from shared.messaging.names import bucket
from shared.messaging.spans import object_span


async def store_avatar(name: str, picture: bytes) -> None:
    """Keep a picture under a name."""
    with object_span("put", "avatars") as span:
        await (await _store()).put(name, picture)
        span.set_attribute("tt.object.size", len(picture))


async def fetch_avatar(name: str) -> bytes | None:
    """A picture; None when there is none with this name."""
    try:
        return (await (await _store()).get(name)).data
    except (NotFoundError, ObjectDeletedError):
        return None


async def delete_avatar(name: str) -> None:
    """Forget a picture, if there is one."""
    try:
        await (await _store()).delete(name)
    except (NotFoundError, ObjectDeletedError):
        return


async def _store() -> ObjectStore:
    js = (await connection()).jetstream()
    name = bucket(bound_namespace(), "avatars")
    try:
        return await js.object_store(name)
    except BucketNotFoundError:
        config = api.ObjectStoreConfig(bucket=name, storage=api.StorageType.FILE, replicas=bound_replicas())
        return await js.create_object_store(name, config=config)
