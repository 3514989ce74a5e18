"""The names of streams and subjects; a namespace, empty by default, keeps installations apart."""

DEFAULT_BROKER_NAMESPACE = "tt"
EVENT_STREAM = "EVENTS"


def broker_namespace(namespace: str) -> str:
    """The namespace of the Dramatiq broker's streams: `tt` for the default installation."""
    return namespace or DEFAULT_BROKER_NAMESPACE


def event_stream(namespace: str) -> str:
    """The stream that keeps the events."""
    return f"{namespace}_{EVENT_STREAM}" if namespace else EVENT_STREAM


def event_subject(namespace: str, name: str) -> str:
    """The subject of an event, or of all with the name `>`."""
    return _within(namespace, f"events.{name}")


def query_subject(namespace: str, subject: str) -> str:
    """The subject on which a query is asked."""
    return _within(namespace, f"query.{subject}")


def wake_subject(namespace: str, schema: str) -> str:
    """The subject that tells a schema's relay that there is something to send."""
    return _within(namespace, f"outbox.{schema}.wake")


def gateway_subject(namespace: str, name: str) -> str:
    """A subject on which the gateway's replicas tell each other something."""
    return _within(namespace, f"gateway.{name}")


def bucket(namespace: str, name: str) -> str:
    """The name of a key-value bucket or an object store."""
    return f"{namespace}_{name}" if namespace else name


def inbox_prefix(namespace: str, service: str) -> str:
    """Where the answers to a service come, which nobody else may listen to."""
    return f"_INBOX.{broker_namespace(namespace)}.{service}"


def _within(namespace: str, subject: str) -> str:
    return f"{namespace}.{subject}" if namespace else subject
