"""The edition without a server, served; and who opens it."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.browser.board import SCREEN

BOOT = 90_000  # ms, on a busy machine
STARTED = "document.documentElement.dataset.started || document.documentElement.dataset.failed"


class Host:
    """A static host: the folder, some files of which may be missing or changed; a `cdn` allows all origins."""

    def __init__(self, folder: Path, parts: dict, cdn: bool = False):
        host = self

        class Handler(SimpleHTTPRequestHandler):
            def end_headers(self):
                if cdn:
                    self.send_header("Access-Control-Allow-Origin", "*")
                super().end_headers()

            def do_GET(self):
                if self.path.endswith(host.missing or "?"):
                    return self.send_error(404)
                return super().do_GET()

            def copyfile(self, source, outputfile):
                data = source.read()
                outputfile.write(data[:-1] + b"?" if self.path.endswith(host.tampered or "?") else data)

            def log_message(self, *args):
                pass

        self.parts, self.missing, self.tampered = parts, None, None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def context_of(browser, *hosts, **options):
    """A fresh visitor, who reaches these hosts and nothing else."""
    context = browser.new_context(viewport=SCREEN, **options)
    own = ("data:", "blob:", *(host.url for host in hosts))
    context.route("**/*", lambda route: route.continue_() if route.request.url.startswith(own) else route.abort())
    return context
