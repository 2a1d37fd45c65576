"""Streamlit servers for the benchmarks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STOCK = ("--runner.postScriptGC=true",)  # Streamlit's own setting, which the project's config.toml changes
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@dataclass(frozen=True)
class Server:
    """A running server: where it is, its processes, and where those of them that run the app are by themselves."""

    url: str
    pids: tuple[int, ...]
    apps: tuple[str, ...]

    def megabytes(self) -> float:
        """Resident memory now."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids)
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def seconds(self) -> float:
        """Processor time spent so far."""
        ticks = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in self.pids)
        return sum(int(user) + int(system) for user, system in ticks) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(script: Path | None, where: Path, *options: str) -> Iterator[Server]:
    """A Streamlit server on a free port, until the block ends; without a script, `streamlit hello`.

    Python keeps what it has compiled, as it does wherever nobody forbids it: of Streamlit that is there from the start.
    """
    port = free_port()
    command = [sys.executable, "-m", "streamlit", *(["run", str(script)] if script else ["hello"])]
    command += [f"--server.port={port}", "--server.headless=true"]
    command += ["--server.fileWatcherType=none", "--browser.gatherUsageStats=false", *options]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, cwd=where, env=kept, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url)
        yield Server(url, (process.pid,), (url,))
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def behind_nginx(processes: int) -> Iterator[Server]:
    """So many processes of the app behind nginx with the configuration of deploy/."""
    with ExitStack() as stack:
        apps = [stack.enter_context(server(ROOT / "app.py", ROOT)) for _ in range(processes)]
        folder, port = Path(stack.enter_context(tempfile.TemporaryDirectory())), free_port()
        text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        (folder / "nginx.conf").write_text(text.replace("listen 8080;", f"listen 127.0.0.1:{port};"), encoding="utf-8")
        (folder / "upstream.conf").write_text("".join(f"server {app.url.removeprefix('http://')};\n" for app in apps))
        settings = f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;"
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr", "-g", settings]
        nginx = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(nginx.wait, 10)
        stack.callback(nginx.terminate)
        url = f"http://127.0.0.1:{port}"
        wait_for(url)
        pids = (*(pid for app in apps for pid in app.pids), nginx.pid)
        yield Server(url, pids, tuple(app.url for app in apps))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str) -> None:
    """Until an app answers there, or a minute has passed."""
    for _ in range(3000):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
            return
        except OSError:
            time.sleep(0.02)
