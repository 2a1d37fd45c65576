"""nginx with the configuration of deploy/, on a port of this machine, in front of servers of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import free_port, wait_for

DEPLOY = Path(__file__).parents[2] / "deploy"
EXECUTABLE = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


class Proxy:
    """A running nginx; `seats` says which server each browser's cookie was sent to."""

    def __init__(self, folder: Path, *ports: int):
        if EXECUTABLE is None:
            reason = "nginx is not installed (Debian: apt-get install nginx-light)"
            pytest.fail(reason) if os.environ.get("REQUIRE_NGINX") else pytest.skip(reason)
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
        for ours, here in (
            ("listen 8080;", f"listen 127.0.0.1:{self.port};"),
            ("access_log off;", "log_format seats '$seat $upstream_addr'; access_log seats.log seats;"),
        ):
            assert ours in text
            text = text.replace(ours, here)
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        servers = "".join(f"server 127.0.0.1:{port} max_fails=1 fail_timeout=5s;\n" for port in ports)
        (folder / "upstream.conf").write_text(servers, encoding="utf-8")
        self.start()

    def start(self) -> None:
        """Start it, and wait until it listens."""
        settings = f"daemon off; master_process off; pid {self.folder}/pid;"
        command = [EXECUTABLE, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        with (self.folder / "error.log").open("a") as log:
            self.process = subprocess.Popen([*command, "-g", settings], stdout=log, stderr=subprocess.STDOUT)
        wait_for(self.port, self.process, self.folder / "error.log")

    def stop(self) -> None:
        """End it; all connections through it break."""
        self.process.kill()
        self.process.wait(10)

    def seats(self) -> dict[str, set[int]]:
        """{cookie: ports} of all requests so far."""
        seen: dict[str, set[int]] = {}
        for line in (self.folder / "seats.log").read_text().splitlines():
            seat, *addresses = line.split()
            seen.setdefault(seat, set()).update(int(each.strip(",").rpartition(":")[2]) for each in addresses)
        return seen
