"""Follow what happens in an installation with the library `websockets`: each event once, also over breaks.

    TASKTRACKER_URL=http://127.0.0.1:8000 TASKTRACKER_KEY=… python follow.py messages knowledge

Prints a line for each event. What goes over the wire stands in docs/websocket.md; `tasktracker.live` does the
same for programs that have the client installed.
"""

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

REFUSALS = {4400, 4401, 4403}
"""Close codes after which coming back would not help."""

SHORTEST, LONGEST = 0.25, 16.0


class RefusedError(Exception):
    """The gateway says why it does not let this client in."""


def follow(url: str, key: str, topics: list[str], after: str | None = None) -> Iterator[dict[str, Any]]:
    """Each frame of these topics (all that the key may read when there are none), for ever.

    A frame of the type `gap` says that events are missing: read by REST what you show. `hello` and `position`
    are dealt with here.

    Args:
        url: Of the gateway, `http://…` or `https://…`.
        key: An API key.
        topics: For example `["messages"]`.
        after: A position, `<epoch>:<seq>`, to go on from; None is from now on.

    Raises:
        RefusedError: When coming back would not help.
    """
    address = url.rstrip("/").replace("http", "ws", 1) + "/ws"
    pause = SHORTEST
    while True:
        asked = {"topics": ",".join(topics), "after": after}
        query = urlencode({name: value for name, value in asked.items() if value})
        try:
            with connect(
                f"{address}?{query}", additional_headers={"Authorization": f"Bearer {key}"}, compression=None
            ) as socket:
                for text in socket:
                    frame = json.loads(text)
                    pause = SHORTEST
                    # Moved on only when the caller asks for the next frame: it has dealt with this one then.
                    if frame["type"] not in {"hello", "position"}:
                        yield frame
                    after = f"{frame['epoch']}:{frame['seq']}"
                code, reason = socket.close_code, socket.close_reason
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else None
            reason = closed.rcvd.reason if closed.rcvd else ""
        except (OSError, InvalidHandshake, TimeoutError):
            code, reason = None, ""
        if code in REFUSALS:
            raise RefusedError(f"{code}: {reason}")
        time.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - spreads clients, hides nothing
        pause = min(2 * pause, LONGEST)


def main() -> None:
    """Print what happens."""
    url = os.environ.get("TASKTRACKER_URL", "http://127.0.0.1:8000")
    try:
        for frame in follow(url, os.environ["TASKTRACKER_KEY"], sys.argv[1:]):
            print(frame["at"], frame["type"], json.dumps(frame["data"], ensure_ascii=False), flush=True)
    except RefusedError as error:
        sys.exit(str(error))
    except KeyError as missing:
        sys.exit(f"set {missing.args[0]} to an API key")
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
