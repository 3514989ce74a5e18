"""Results: one message each in ``<ns>_RES``, gone when its time is over, waited for without polling."""

import contextlib
import math
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from dramatiq import Message
from dramatiq.encoder import Encoder
from dramatiq.errors import BrokerConnectionError
from dramatiq.results.backend import DEFAULT_TIMEOUT, Missing, ResultBackend
from dramatiq.results.errors import ResultMissing, ResultTimeout
from dramatiq.results.middleware import DEFAULT_RESULT_TTL
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.js.errors import NotFoundError

from dramatiq_nats.connection import Connection
from dramatiq_nats.naming import check_namespace, result_part_subject, result_stream, result_subject
from dramatiq_nats.outgoing import Outgoing
from dramatiq_nats.publisher import Publisher
from dramatiq_nats.streams import ensure_streams
from dramatiq_nats.waiting import Waiting
from dramatiq_nats.wire import LETTER_HEADERS, TTL, header_block

if TYPE_CHECKING:
    from dramatiq_nats.broker import NatsBroker

#: How long results are kept unless an actor says otherwise, in milliseconds: a day.
RESULT_TTL: Final = 24 * 3600 * 1000

#: Results larger than this, in bytes, are stored in parts.
_PART = 256 * 1024
_PARTS = "Dramatiq-Parts"
_STORE_TIMEOUT = 30.0
_GET_TIMEOUT = 10.0


class NatsResults(ResultBackend):
    """A results backend for `dramatiq.results.Results`.

    Args:
      broker: The broker whose connection and namespace are used; or else:
      servers: One URL or several of a cluster.
      namespace: Prefix of streams and subjects.
      ttl: Milliseconds for which results are kept. Dramatiq's `Results` always names a time, its own default
        being 10 minutes; a result that comes with just that default is kept for `ttl`.
      encoder: Encodes results; the global encoder when None.
      replicas: Copies of each stream in a cluster, when this backend makes them: 1, 3 or 5.
      use_namespace_prefix_keys: Whether keys are readable, ``<namespace>:<queue>:<actor>:<message_id>``,
        rather than their MD5.
      **connect_options: Passed to `nats.aio.client.Client.connect`.
    """

    def __init__(  # noqa: PLR0913 - settings, by keyword but the broker
        self,
        broker: "NatsBroker | None" = None,
        *,
        servers: str | list[str] = "nats://127.0.0.1:4222",
        namespace: str = "dramatiq",
        ttl: int = RESULT_TTL,
        encoder: Encoder | None = None,
        use_namespace_prefix_keys: bool = False,
        replicas: int = 1,
        **connect_options: Any,
    ) -> None:
        namespace = check_namespace(namespace if broker is None else broker.namespace)
        super().__init__(
            namespace=namespace, encoder=encoder, use_namespace_prefix_keys=use_namespace_prefix_keys
        )
        self.ttl = ttl
        self._replicas = replicas
        self._broker = broker
        if broker is None:
            self._connection = Connection(servers, connect_options)
            self._make_streams: Callable[[], Awaitable[None]] = self._make_own_streams
            self._publisher = Publisher(self._connection, self._make_streams)
        else:
            self._connection = broker.connection
            self._make_streams = broker.make_streams
            self._publisher = broker.publisher
        self._waiting: Waiting[bytes] = Waiting(self._connection)

    def get_result(self, message: "Message[Any]", *, block: bool = False, timeout: int | None = None) -> Any:
        """Return a message's result.

        Args:
          message: The message.
          block: Whether to wait for it.
          timeout: Milliseconds to wait; 10 seconds when None.

        Raises:
          ResultMissing: When there is none and `block` is False.
          ResultTimeout: When none came within the timeout.
          ResultFailure: When the actor failed.
          dramatiq.errors.BrokerConnectionError: When the server cannot be reached.
        """
        key = self.build_message_key(message)
        if not block:
            found = self._get(key)
            if found is Missing:
                raise ResultMissing(message)
            return self.unwrap_result(found)
        seconds = (DEFAULT_TIMEOUT if timeout is None else timeout) / 1000
        subject = result_subject(self.namespace, key)
        data = self._connection.call(
            lambda: self._waiting.until(subject, lambda: self._look(key), _heard, seconds),
            seconds + _GET_TIMEOUT,
        )
        if data is None:
            raise ResultTimeout(message)
        return self.unwrap_result(self.encoder.decode(data))

    def unwrap_result(self, res: Any) -> Any:
        """Return what an actor returned, or raise what it raised."""
        return super().unwrap_result(res)  # type: ignore[no-untyped-call]  # Dramatiq's is not annotated

    def _get(self, message_key: str) -> Any:
        data = self._connection.call(lambda: self._fetch_now(message_key), _GET_TIMEOUT)
        return Missing if data is None else self.encoder.decode(data)

    def _store(self, message_key: str, result: Any, ttl: int) -> None:
        data = self.encoder.encode(result)
        seconds = math.ceil((self.ttl if ttl == DEFAULT_RESULT_TTL else ttl) / 1000)
        headers = {TTL: f"{max(1, seconds)}s"}
        if len(data) > self._part_size:
            data = self._store_parts(message_key, data, headers)
        subject = result_subject(self.namespace, message_key).encode()
        self._publish([Outgoing(subject, data, header_block(headers))])

    def _publish(self, outgoing: list[Outgoing]) -> None:
        try:
            self._publisher.publish(outgoing, _STORE_TIMEOUT)
        except BrokerConnectionError:
            if self._broker is not None:
                # Dramatiq only logs it, and would acknowledge the message.
                self._broker.keep_ending()
            raise

    def _store_parts(self, key: str, data: bytes, headers: dict[str, str]) -> bytes:
        """Store a large result's parts; return what its one message then says. Parts expire with it."""
        # A name of its own, so that a second run's parts never mix with the first's.
        name = uuid.uuid4().hex
        block = header_block(headers)
        size = self._part_size
        parts = [data[at : at + size] for at in range(0, len(data), size)]
        self._publish(
            [
                Outgoing(result_part_subject(self.namespace, key, name, number).encode(), part, block)
                for number, part in enumerate(parts)
            ]
        )
        headers[_PARTS] = str(len(parts))
        return name.encode()

    @property
    def _part_size(self) -> int:
        return min(_PART, self._connection.max_payload - LETTER_HEADERS)

    def close(self) -> None:
        """Close the connection, unless it is the broker's; the next use opens a new one."""
        if self._broker is None:
            self._connection.close()

    # On the loop.

    async def _look(self, key: str) -> bytes | None:
        """Fetch a result; None also when the server does not answer, as the wait goes on."""
        with contextlib.suppress(NatsError):
            try:
                return await self._fetch(key)
            except NoRespondersError:
                # With someone listening, the server would not tell a publisher that the stream is missing.
                await self._make_streams()
        return None

    async def _fetch_now(self, key: str) -> bytes | None:
        try:
            return await self._fetch(key)
        except NoRespondersError:
            # There is no stream yet.
            return None

    async def _fetch(self, key: str) -> bytes | None:
        js = self._connection.js
        stream = result_stream(self.namespace)
        try:
            raw = await js.get_msg(stream, subject=result_subject(self.namespace, key), direct=True)
            data = raw.data or b""
            count = (raw.headers or {}).get(_PARTS)
            if count is None:
                return data
            name = data.decode()
            subjects = [
                result_part_subject(self.namespace, key, name, number) for number in range(int(count))
            ]
            parts = [await js.get_msg(stream, subject=subject, direct=True) for subject in subjects]
        except NotFoundError:
            return None
        return b"".join(part.data or b"" for part in parts)

    async def _make_own_streams(self) -> None:
        await ensure_streams(self._connection.js, self.namespace, replicas=self._replicas)


def _heard(data: bytes, block: bytes | None) -> bytes | None:
    """Return the result that was heard; None when it lies in parts."""
    return None if block is not None and _PARTS.encode() in block else data
