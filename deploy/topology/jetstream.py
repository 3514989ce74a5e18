"""The subjects of JetStream's API, by what is done with a stream or with one of its consumers.

https://docs.nats.io/reference/reference-protocols/nats_api_reference
"""

from deploy.topology.grants import Grants, publishes, together

_API = "$JS.API"

CREATE, INFO, PURGE = "STREAM.CREATE", "STREAM.INFO", "STREAM.PURGE"
READ, DELETE = "STREAM.MSG.GET", "STREAM.MSG.DELETE"
LIST_CONSUMERS = "CONSUMER.LIST"


def on_stream(stream: str, *calls: str) -> Grants:
    """The right to make calls on a stream as a whole."""
    return publishes(*(f"{_API}.{call}.{stream}" for call in calls))


def account() -> Grants:
    """The right to ask how much all streams together hold, and may."""
    return publishes(f"{_API}.INFO")


def find_streams() -> Grants:
    """The right to ask which stream keeps a subject; the answer names streams that one may not read."""
    return publishes(f"{_API}.STREAM.NAMES")


def durable(stream: str, consumer: str) -> Grants:
    """The right to make a durable consumer, to pull from it, and to settle what it delivers."""
    return publishes(
        # With a name, as clients of today make one, and without, as nats-py does it of a durable one.
        f"{_API}.CONSUMER.CREATE.{stream}.{consumer}",
        f"{_API}.CONSUMER.DURABLE.CREATE.{stream}.{consumer}",
        f"{_API}.CONSUMER.INFO.{stream}.{consumer}",
        f"{_API}.CONSUMER.MSG.NEXT.{stream}.{consumer}",
        f"$JS.ACK.{stream}.{consumer}.>",
    )


def passing(stream: str) -> Grants:
    """The right to read a stream by consumers that live for one reading, and whose names the server makes."""
    return publishes(
        f"{_API}.CONSUMER.CREATE.{stream}",
        f"{_API}.CONSUMER.MSG.NEXT.{stream}.*",
        f"{_API}.CONSUMER.DELETE.{stream}.*",
        f"$JS.FC.{stream}.>",
    )


def write_bucket(name: str, keys: str) -> Grants:
    """The right to make a key-value bucket, and to write these keys of it."""
    return on_stream(f"KV_{name}", CREATE, INFO) | publishes(f"$KV.{name}.{keys}")


def read_bucket(name: str) -> Grants:
    """The right to read all of a key-value bucket."""
    return on_stream(f"KV_{name}", INFO, READ)


def read_store(name: str) -> Grants:
    """The right to make an object store, and to read files from it."""
    stream = f"OBJ_{name}"
    return together([on_stream(stream, CREATE, INFO, READ), passing(stream), find_streams()])


def write_store(name: str) -> Grants:
    """The right to put files into an object store as well, and to delete them."""
    return read_store(name) | on_stream(f"OBJ_{name}", PURGE) | publishes(f"$O.{name}.C.*", f"$O.{name}.M.*")
