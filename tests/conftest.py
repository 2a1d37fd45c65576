"""What several kinds of tests need: steady examples, pages compiled once, free ports, a Redis server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import app_test, local_script_runner

from explorer import crowd

settings.register_profile("steady", deadline=None, derandomize=True)  # the same examples on every machine, fast or slow
settings.load_profile("steady")


@pytest.fixture(autouse=True, scope="session")
def like_a_server() -> Iterator[None]:
    """AppTest starts a server's work anew at every run of a page: it looks for components in every package that is
    installed, which takes five times as long as a page, and compiles the page, a quarter of the rest. Once will do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        patch.setattr(crowd, "DRAWING", 0.0)  # there is no browser that draws
        for module in (app_test, local_script_runner):
            patch.setattr(module, "ScriptCache", cache(module.ScriptCache))
        yield


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of our own; skipped, or with REQUIRE_REDIS=1 failed, where none is installed."""
    executable = shutil.which("redis-server")
    if executable is None:
        reason = "redis-server is not installed (Debian: apt-get install redis-server)"
        pytest.fail(reason) if os.environ.get("REQUIRE_REDIS") else pytest.skip(reason)
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    command = [executable, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with (folder / "redis.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(port, process, folder / "redis.log")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


def wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    """Until somebody listens on the port."""
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"redis-server did not start:\n{log.read_text()}")
