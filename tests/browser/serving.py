"""A running app for browser tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


class Server:
    """A running `streamlit run app.py` with these environment variables, and what it has logged."""

    def __init__(self, folder: Path, **environment: str):
        self.port, self.log = free_port(), folder / "streamlit.log"
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {"EXPLORER_STORE": str(folder / "rooms.sqlite3"), **environment}
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {"server.port": self.port, "server.address": "127.0.0.1", "server.headless": "true"}
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.fileWatcherType=none"]
        command += [f"--{name}={value}" for name, value in options.items()]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=os.environ | self.environment
            )
        try:
            wait_until_healthy(self, self.process)
        except BaseException:
            self.process.kill()
            raise

    def stop(self, kill: bool = False) -> None:
        """End it: politely, or in the middle of what it does."""
        if not kill:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        self.process.kill()
        self.process.wait(10)

    def logged(self) -> str:
        """Everything that the server has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


def wait_until_healthy(started: Server, process: subprocess.Popen) -> None:
    """Until the server answers; its log is the message where it does not."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{started.url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the app did not start:\n{started.logged()}")
