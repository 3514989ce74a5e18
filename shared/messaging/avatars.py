"""Pictures of people: the object store `avatars`, which keeps them until they are replaced."""

from nats.js.errors import NotFoundError, ObjectDeletedError

from shared.messaging.spans import object_span
from shared.messaging.stores import object_store


async def store_avatar(name: str, picture: bytes) -> None:
    """Keep a picture under a name."""
    with object_span("put", "avatars") as span:
        await (await object_store("avatars")).put(name, picture)
        span.set_attribute("tt.object.size", len(picture))


async def fetch_avatar(name: str) -> bytes | None:
    """A picture; None when there is none with this name."""
    try:
        return (await (await object_store("avatars")).get(name)).data
    except (NotFoundError, ObjectDeletedError):
        return None


async def delete_avatar(name: str) -> None:
    """Forget a picture, if there is one."""
    try:
        await (await object_store("avatars")).delete(name)
    except (NotFoundError, ObjectDeletedError):
        return
