"""What the builder takes from npm and PyPI: pinned, checked, and kept in the user's cache."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import urllib.request
from pathlib import Path

from deploy.static.pins import NPM

LOCK = Path(__file__).parent / "wheels.txt"
SECONDS = 120
TARGET = ("--python-version", "3.13", "--implementation", "py", "--abi", "none", "--platform", "any")


class UnobtainableError(Exception):
    """Something that the edition is made of cannot be had, or is not what it should be: a sentence for the user."""


def cache() -> Path:
    """A folder of ours under the user's cache directory."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    folder = Path(base) / "rnn-explorer"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def npm(package: str) -> dict[str, bytes]:
    """{path: contents} of a pinned npm package, without source maps."""
    version, sha512 = NPM[package]
    name = f"{package.rpartition('/')[2]}-{version}.tgz"
    kept = cache() / name
    data = kept.read_bytes() if kept.exists() else b""
    if not is_pinned(data, sha512):
        data = fetched(f"https://registry.npmjs.org/{package}/-/{name}")
        if not is_pinned(data, sha512):
            raise UnobtainableError(f"npm sent a {name} whose SHA-512 is not the pinned one. Nothing was built.")
        write_at_once(kept, data)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        files = [member for member in archive if member.isfile() and not member.name.endswith(".map")]
        return {member.name.removeprefix("package/"): archive.extractfile(member).read() for member in files}


def is_pinned(data: bytes, sha512: str) -> bool:
    """Whether these bytes have the hash, which npm writes in base64."""
    return base64.b64encode(hashlib.sha512(data).digest()).decode() == sha512


def write_at_once(path: Path, data: bytes) -> None:
    """Two builds may run at a time: nobody ever sees half a file."""
    half = path.with_suffix(f".{os.getpid()}")
    half.write_bytes(data)
    half.replace(path)


def fetched(url: str) -> bytes:
    """The body of a URL."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as response:
            return response.read()
    except OSError as error:
        raise UnobtainableError(
            f"{url} cannot be downloaded ({error}). Is there a network, and is a proxy set?"
        ) from None


def pure_wheels() -> dict[str, Path]:
    """{name: wheel} of everything in wheels.txt; pip checks the hashes, those of wheels in the cache as well."""
    folder = cache() / f"wheels-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    wanted = [line.split("==")[0] for line in LOCK.read_text(encoding="utf-8").splitlines() if "==" in line]
    found = {name: find(name, folder) for name in wanted}
    if not all(found.values()):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary", ":all:", *TARGET, "--require-hashes", "-r", str(LOCK), "-d", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise UnobtainableError(f"pip cannot download the wheels of {LOCK.name}:\n{done.stderr.strip()[-600:]}")
        found = {name: find(name, folder) for name in wanted}
    return {name: checked(path) for name, path in found.items()}


def checked(wheel: Path) -> Path:
    """The wheel, if its hash is in wheels.txt."""
    if sha256(wheel.read_bytes()) not in LOCK.read_text(encoding="utf-8"):
        raise UnobtainableError(f"{wheel} is not the wheel that {LOCK.name} names: its SHA-256 differs. Delete it.")
    return wheel


def find(name: str, folder: Path) -> Path | None:
    """The wheel of a package in a folder."""
    of_name = (p for p in sorted(folder.glob("*.whl")) if p.name.split("-")[0].lower().replace("_", "-") == name)
    return next(of_name, None)


def sha256(data: bytes) -> str:
    """In hexadecimal, as Pyodide's lock files write it."""
    return hashlib.sha256(data).hexdigest()
