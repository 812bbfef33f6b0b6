"""An old site that answers."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        content = self.server.files.get(self.path)
        status, content = (404, b"<html>Not here</html>") if content is None else (200, content)
        if isinstance(content, str):
            self.send_response(301)
            self.send_header("Location", content)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        self.send_response(status)
        self.send_header("Content-Length", str(self.server.promised or len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def old_site(settings):
    """A WordPress site of its own: `files` by path (words are where it leads on to), `asked` in order, its `url`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.files, server.asked, server.promised = {}, [], 0
        server.url = f"http://127.0.0.1:{server.server_port}"
        settings.OUTBOUND_ALLOW_PRIVATE = [f"127.0.0.1:{server.server_port}"]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()
