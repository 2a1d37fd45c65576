"""Archives in memory: {name: contents} and back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

LONG_AGO = (2020, 1, 1, 0, 0, 0)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive that is the same whenever the files are."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def unzipped(archive: bytes) -> dict[str, bytes]:
    """The files in it, in their order."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist() if not name.endswith("/")}


def module_wheel(name: str, source: str) -> bytes:
    """A wheel of one module."""
    info = f"{name}-1.0.0.dist-info"
    return zipped(
        {
            f"{name}.py": source.encode(),
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n".encode(),
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": b"",
        }
    )
