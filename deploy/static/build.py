"""The folder: Pyodide, stlite, wheels with our own lock file, the app, and the pages that load them."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from deploy.static import download
from deploy.static.download import UnobtainableError, sha256
from deploy.static.pins import BOARD, CDN, COMPILED, FIRST
from explorer.config import DEFAULT
from explorer.figures.theme import COLOURS
from explorer.live.component import script, source
from explorer.run import compare

ROOT = Path(__file__).parents[2]
SITE = Path(__file__).parent / "site"
PYODIDE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
UNUSED = (  # chunks of stlite that draw what the app never shows, and the largest of all
    *("DeckGlJsonChart", "GraphVizChart", "MermaidChart", "ArrowVegaLiteChart", "Snow-", "Balloons", "CameraInput"),
    *("DataFrame-", "Table-", "pandasStylerUtils"),
)
BOARD_FILES = tuple(
    f"explorer/{name}"
    for name in ("__init__.py", "browser.py", "engine", "config.py", "specs.py", "run", "figures", "live", "texts")
)
APP_FILES = ("app.py", "explorer", ".streamlit/config.toml")
NOT_RUN = re.compile(  # of wheels: tests, headers, and the copies of plotly.js, which is served as a file of its own
    r".*(/tests/|\.pyi$|\.pxd$|\.h$|\.a$)|numpy/f2py/"
    r"|plotly(-[\d.]+\.data|/labextension|/package_data/(plotly\.min|widget|datasets))"
)
Put = Callable[[str, bytes], dict]  # writes a file of the folder: (name, contents) → what a visitor has to know of it
LONG_AGO = (2020, 1, 1, 0, 0, 0)  # the same input makes the same bytes


def build(out: Path, wheels: Path | None = None) -> dict[str, list[dict]]:
    """Write the folder `out`; compiled wheels come from the folder `wheels`, else visitors take them from the CDN.

    Returns the parts that a visitor downloads: {"board": […], "first": […], "later": […]}, each with url, bytes and
    sha256, in the order in which they are needed.
    """
    if out.exists() and not (out / "parts.json").exists() and any(out.iterdir()):
        raise UnobtainableError(f"{out} holds something else: name an empty folder, or an edition built before.")
    compiled = {name: given(name, wheels) for name in COMPILED} if wheels else {}
    pyodide, stlite, pure = download.npm("pyodide"), download.npm("@stlite/browser"), download.pure_wheels()
    shutil.rmtree(out, ignore_errors=True)
    put = writer(out)

    lock, places = packages(put, json.loads(pyodide["pyodide-lock.json"]), pure | compiled, stlite)
    core = [put(f"pyodide/{name}", pyodide[name]) for name in PYODIDE]
    core.append(put("pyodide/pyodide-lock.json", json.dumps(lock, indent=1).encode()))
    board_files, app_files = files_in(BOARD_FILES), files_in(APP_FILES)
    board_zip = put("board.zip", zipped(board_files))
    app_zip = put("app.zip", zipped({name: data for name, data in app_files.items() if name not in board_files}))
    with zipfile.ZipFile(pure["plotly"]) as wheel:
        version = pure["plotly"].name.split("-")[1]
        plotly = put(f"app/static/plotly-{version}.min.js", wheel.read("plotly/package_data/plotly.min.js"))

    chunks = {name.removeprefix("build/"): data for name, data in stlite.items() if name.startswith("build/")}
    front = {name: put(f"stlite/{name}", chunks[name]) for name in sorted(used(chunks))}
    start = [front[name] for name in sorted(reached(chunks, "stlite.js", at_once=True) | {"stlite.css"})]
    parts = {
        "board": [*core, *(places.pop(name) for name in BOARD), board_zip, plotly],
        "first": [app_zip, *places.values(), *start],
        "later": [part for part in front.values() if part not in start],
    }
    pages(put, parts)
    return parts


def given(name: str, wheels: Path) -> Path:
    """The wheel of a package in the user's folder."""
    wheel = download.find(name, wheels)
    if wheel is None:
        raise UnobtainableError(f"{wheels} has no wheel of {name}: needed are {', '.join(COMPILED)}.")
    return wheel


def packages(put: Put, lock: dict, wheels: Mapping[str, Path], stlite: Mapping[str, bytes]) -> tuple[dict, dict]:
    """Our lock file, made of Pyodide's, and {name: part} of every package in it; what is no file here is the CDN's."""
    official, places = lock["packages"], {}
    ours = lock | {"packages": {}}

    def ship(name: str, file: str, data: bytes) -> None:
        places[name] = put(f"pyodide/{file}", data)
        ours["packages"][name] = entry(name, file, sha256(data), official.get(name, {}))

    for name in ("micropip", *BOARD, *FIRST):
        if name in wheels:
            ship(name, wheels[name].name, without(wheels[name].read_bytes(), NOT_RUN))
        else:
            url, digest = CDN + official[name]["file_name"], official[name]["sha256"]
            places[name] = {"url": url, "bytes": None, "sha256": digest}
            ours["packages"][name] = entry(name, url, digest, official[name])
    for file in ("streamlit-1.62.0-cp313-none-any.whl", "stlite_lib-0.1.0-py3-none-any.whl"):
        ship(file.split("-")[0].replace("_", "-"), file, stlite[f"build/wheels/{file}"])
    ship("ssl", "ssl-1.0.0-py3-none-any.whl", module_wheel("ssl", (SITE / "ssl.py").read_text(encoding="utf-8")))
    return ours, places


def writer(out: Path) -> Put:
    """Writes a file of the folder, and says what a visitor has to know of it."""

    def put(name: str, data: bytes) -> dict:
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return {"url": name, "bytes": len(data), "sha256": sha256(data)}

    return put


def entry(name: str, file: str, digest: str, official: dict) -> dict:
    """A package in the lock file. It depends on nothing: all are loaded together, by name."""
    return {
        "name": name,
        "version": file.rpartition("/")[2].split("-")[1],
        "file_name": file,
        "sha256": digest,
        "install_dir": "site",
        "package_type": "package",
        "imports": official.get("imports", []),
        "depends": [],
        "unvendored_tests": False,
    }


def files_in(names: Iterable[str]) -> dict[str, bytes]:
    """{path: contents} of these files and folders of the repository: what runs on a server runs here."""
    paths = (
        path for name in names for path in ([ROOT / name] if (ROOT / name).is_file() else (ROOT / name).rglob("*"))
    )
    kept = (path for path in sorted(paths) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in kept}


def zipped(files: dict[str, bytes]) -> bytes:
    """An archive that is the same whenever the files are."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def without(wheel: bytes, unused: re.Pattern[str]) -> bytes:
    """A wheel without these files."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist() if not unused.match(name)})


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


def used(chunks: dict[str, bytes]) -> set[str]:
    """Files of stlite that the app can ask for: its modules, its style sheet, and the assets that these name."""
    modules = reached(chunks, "stlite.js", at_once=False) | {"stlite.css"}
    text = b"".join(chunks[name] for name in modules)
    return modules | {
        name for name in chunks if name.startswith("assets/") and name.rpartition("/")[2].encode() in text
    }


def reached(chunks: dict[str, bytes], first: str, at_once: bool) -> set[str]:
    """Modules that `first` imports, and so on; those imported on demand only if not `at_once`."""
    found, waiting = set(), [first]
    while waiting:
        name = waiting.pop()
        if name in found or name.startswith(UNUSED):
            continue
        found.add(name)
        text = chunks[name].decode()
        waiting += re.findall(r'^\s*(?:import|export)\b[^;"]*?"\./([^"]+\.js)"', text, re.M)
        if not at_once:
            waiting += re.findall(r'\bimport\("\./([^"]+\.js)"\)', text)
    return found


def pages(put: Put, parts: dict[str, list[dict]]) -> None:
    """index.html at the root and under every page's name, explore.html, what they share; parts.json lists it all."""
    files = {path.name: path.read_text(encoding="utf-8") for path in SITE.iterdir() if path.suffix in (".html", ".js")}
    index = files.pop("index.html").replace("{{picture}}", loading_picture())
    files["board.js"] = script("board")
    files["board.css"] = source("library.css") + source("board.css")
    for name, content in files.items():
        put(name, content.encode())
    put("icon.png", (ROOT / "static" / "icon.png").read_bytes())
    put("index.html", index.replace("{{base}}", "./").encode())
    for name in page_names():
        put(f"{name}/index.html", index.replace("{{base}}", "../").encode())
    shell = ["", *(f"{name}/" for name in page_names()), *sorted(files)]
    digest = sha256(json.dumps(parts).encode())[:12]
    put("parts.json", json.dumps({"build": digest, "shell": shell, **parts}).encode())


def loading_picture() -> str:
    """What there is to look at while Python comes: the last loss's term of the default run, step by step."""
    lines = []
    for name, trace in compare(DEFAULT).items():
        decades = trace.flow.log10_norms[-1]
        points = " ".join(f"{12 * k:.0f},{-7 * y:.0f}" for k, y in enumerate(decades))
        x, y = 12 * 25, 44 - 7 * decades[25]
        lines.append(f'<polyline points="{points}" stroke="{COLOURS[name][0]}"/>')
        lines.append(f'<text x="{x}" y="{y:.0f}" fill="{COLOURS[name][0]}">{name}</text>')
    label = "The gradient of the last loss at every step, one line for tanh and one for sigmoid: both vanish"
    style = 'fill="none" stroke-width="5" font-size="24" font-family="inherit"'
    return f'<svg viewBox="-8 -30 620 320" role="img" aria-label="{label}" {style}>{"".join(lines)}</svg>'


def page_names() -> list[str]:
    """The paths of the app's pages, as st.navigation makes them from file names."""
    return re.findall(r'st\.Page\("explorer/pages/(\w+)\.py"', (ROOT / "app.py").read_text(encoding="utf-8"))


def gzipped(folder: Path, parts: Iterable[dict]) -> int:
    """Bytes that travel where the host compresses, without what comes from the CDN."""
    own = (folder / part["url"] for part in parts if "://" not in part["url"])
    return sum(len(gzip.compress(path.read_bytes(), 6)) for path in own)
