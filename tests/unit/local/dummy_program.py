"""A program for dummy_house.py: `python dummy_program.py NAME BEHAVIOUR PORT`."""

import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/die":
            print(f"last words of {sys.argv[1]}")
            os._exit(3)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())

    def log_message(self, *_: Any) -> None:
        pass


def main() -> None:
    name, behaviour, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if behaviour == "broken":
        sys.exit(f"{name} has no engine")
    if behaviour == "parent":
        subprocess.run([sys.executable, __file__, name, "serve", str(port)], check=True)
        return
    if behaviour == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    HTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
