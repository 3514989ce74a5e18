"""Key-value buckets and object stores, which whoever needs them first makes."""

from nats.js import api
from nats.js.errors import BucketNotFoundError
from nats.js.kv import KeyValue
from nats.js.object_store import ObjectStore

from shared.messaging.connection import bound_namespace, bound_replicas, connection
from shared.messaging.names import bucket


async def key_value(name: str, *, ttl: float) -> KeyValue:
    """A bucket that is kept in files and remembers a key's last value; made when it is missing.

    Args:
        name: Its name within the installation.
        ttl: Seconds after which an entry is forgotten; one that is there keeps what it was made with.
    """
    js = (await connection()).jetstream()
    full_name = bucket(bound_namespace(), name)
    try:
        return await js.key_value(full_name)
    except BucketNotFoundError:
        config = api.KeyValueConfig(
            bucket=full_name,
            history=1,
            ttl=ttl,
            storage=api.StorageType.FILE,
            replicas=bound_replicas(),
        )
        return await js.create_key_value(config)


async def object_store(name: str, *, ttl: float | None = None) -> ObjectStore:
    """A store of files; made when it is missing.

    Args:
        name: Its name within the installation.
        ttl: Seconds after which a file is forgotten; None keeps all. As of a bucket.
    """
    js = (await connection()).jetstream()
    full_name = bucket(bound_namespace(), name)
    try:
        return await js.object_store(full_name)
    except BucketNotFoundError:
        config = api.ObjectStoreConfig(
            bucket=full_name, ttl=ttl, storage=api.StorageType.FILE, replicas=bound_replicas()
        )
        return await js.create_object_store(full_name, config=config)
