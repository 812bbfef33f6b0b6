#!/usr/bin/env python
"""Ask the web server of this container how it is: `ask_health.py [healthz|readyz]`. Ends with 0 when it is well.

It names the first of ALLOWED_HOSTS, because the site answers no other.
"""

import http.client
import os
import sys


def ask(path: str) -> int:
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().removeprefix(".") or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=4)
    try:
        connection.request("GET", f"/{path}", headers={"Host": host})
        response = connection.getresponse()
        sys.stdout.write(response.read(2000).decode("utf-8", "replace") + "\n")
        return 0 if response.status == 200 else 1
    except OSError as error:
        sys.stderr.write(f"No answer: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(ask(sys.argv[1] if len(sys.argv) > 1 else "healthz"))
