"""Python's sources → bytecode, so that no visitor's browser compiles a thousand files at every start.

Node.js runs the pinned Pyodide for that: bytecode holds for one version of Python, here the very one that will run it.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from deploy.static.archives import unzipped, zipped
from deploy.static.download import UnobtainableError, cache, write_at_once

SCRIPT = Path(__file__).with_name("compile.mjs")


def compiled(archives: Sequence[Mapping[str, bytes]], pyodide: Mapping[str, bytes]) -> dict[str, bytes]:
    """{path: bytecode} of all {path: source}; what is no Python 3.13 is left out. The cache keeps it by archive.

    Empty without Node.js: sources are then shipped as they are, and the edition works, but starts later.
    """
    if not shutil.which("node"):
        return {}
    kept = {cache() / f"bytecode-{name_of(sources, pyodide)}.zip": sources for sources in archives}
    new = {file: sources for file, sources in kept.items() if not file.exists()}
    if new:
        asked = {path: source for sources in new.values() for path, source in sources.items()}
        made = unzipped(by_pyodide(zipped(asked), pyodide))
        for file, sources in new.items():
            write_at_once(file, zipped({path: made[path] for path in sources if path in made}))
    return {path: code for file in kept for path, code in unzipped(file.read_bytes()).items()}


def name_of(sources: Mapping[str, bytes], pyodide: Mapping[str, bytes]) -> str:
    """The same for the same sources, compiled in the same way."""
    all_of_it = hashlib.sha256(SCRIPT.read_bytes() + pyodide["pyodide.asm.wasm"])
    for path, source in sources.items():
        all_of_it.update(f"{path} {len(source)} ".encode() + source)
    return all_of_it.hexdigest()[:16]


def instead(files: Mapping[str, bytes], folder: str, codes: Mapping[str, bytes]) -> dict[str, bytes]:
    """These files, which will lie in `folder`, with bytecode in the place of sources."""
    return {
        (name + "c" if f"{folder}/{name}" in codes else name): codes.get(f"{folder}/{name}", data)
        for name, data in files.items()
    }


def beside(files: Mapping[str, bytes], folder: str, codes: Mapping[str, bytes]) -> dict[str, bytes]:
    """These files with bytecode beside the sources, which By hand shows. It holds without a look at its source."""
    made = dict(files)
    for name in files:
        path = PurePosixPath(name)
        if f"{folder}/{name}" in codes:
            made[str(path.parent / "__pycache__" / f"{path.stem}.cpython-313.pyc")] = codes[f"{folder}/{name}"]
    return made


def by_pyodide(sources: bytes, pyodide: Mapping[str, bytes]) -> bytes:
    """What compile.mjs makes of an archive."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        for name, data in pyodide.items():
            if "/" not in name:
                (here / name).write_bytes(data)
        (here / "sources.zip").write_bytes(sources)
        command = ["node", SCRIPT, here, here / "sources.zip", here / "bytecode.zip"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise UnobtainableError(f"Node.js cannot run Pyodide, which is to compile:\n{done.stderr.strip()[-600:]}")
        return (here / "bytecode.zip").read_bytes()
