"""The folder: Pyodide, stlite, wheels with our own lock file, the app, and the pages that load them."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from deploy.static import bytecode, download
from deploy.static.archives import module_wheel, unzipped, zipped
from deploy.static.download import UnobtainableError, sha256
from deploy.static.pins import BOARD, CDN, COMPILED, FIRST, NOT_ON_BOARD, NOT_RUN
from explorer.config import DEFAULT
from explorer.figures.theme import COLOURS
from explorer.live.component import script, source
from explorer.run import compare

ROOT = Path(__file__).parents[2]
SITE = Path(__file__).parent / "site"
PYODIDE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm")
# Where Pyodide puts its standard library, packages, and the app.
STDLIB, PACKAGES, HOME = "lib/python313.zip", "lib/python3.13/site-packages", "home/pyodide"
STREAMLIT = ("streamlit-1.62.0-cp313-none-any.whl", "stlite_lib-0.1.0-py3-none-any.whl")
UNUSED = (  # chunks of stlite that draw what the app never shows, and the largest of all
    *("DeckGlJsonChart", "GraphVizChart", "MermaidChart", "ArrowVegaLiteChart", "Snow-", "Balloons", "CameraInput"),
    *("DataFrame-", "Table-", "pandasStylerUtils"),
)
BOARD_MODULES = ("__init__.py", "browser.py", "engine", "config.py", "specs.py", "run", "figures", "live", "texts")
BOARD_FILES = tuple(f"explorer/{name}" for name in (*BOARD_MODULES, "lessons/__init__.py", "lessons/presets.py"))
APP_FILES = ("app.py", "explorer", ".streamlit/config.toml")
Put = Callable[[str, bytes], dict]  # writes a file of the folder: (name, contents) → what a visitor has to know of it


def build(out: Path, wheels: Path | None = None, cdn: str = CDN) -> dict[str, list[dict]]:
    """Write the folder `out`; compiled wheels come from the folder `wheels`, else visitors take them from the `cdn`.

    Returns the parts that a visitor downloads, each with url, bytes and sha256: {"board": what explore.html needs,
    "first": what the app needs until its first picture, "later": what other pages draw with}.
    """
    if out.exists() and not (out / "parts.json").exists() and any(out.iterdir()):
        raise UnobtainableError(f"{out} holds something else: name an empty folder, or an edition built before.")
    compiled = {name: given(name, wheels) for name in COMPILED} if wheels else {}
    pyodide, stlite, pure = download.npm("pyodide"), download.npm("@stlite/browser"), download.pure_wheels()
    plotly_js = unzipped(pure["plotly"].read_bytes())["plotly/package_data/plotly.min.js"]
    plotly_version = pure["plotly"].name.split("-")[1]
    packed = {path.name: path.read_bytes() for path in (pure | compiled).values()}
    packed |= {file: stlite[f"build/wheels/{file}"] for file in STREAMLIT}
    wheel_files = {file: slim(unzipped(data)) for file, data in packed.items()}
    stdlib, board, app = unzipped(pyodide["python_stdlib.zip"]), files_in(BOARD_FILES), files_in(APP_FILES)

    archives = [under(STDLIB, stdlib), *(under(PACKAGES, files) for files in wheel_files.values()), under(HOME, app)]
    codes = bytecode.compiled(archives, pyodide)
    stdlib = bytecode.instead(stdlib, STDLIB, codes)
    wheel_files = {file: bytecode.instead(files, PACKAGES, codes) for file, files in wheel_files.items()}
    board, app = bytecode.instead(board, HOME, codes), bytecode.beside(app, HOME, codes)

    shutil.rmtree(out, ignore_errors=True)
    put = writer(out)
    lock, places = packages(put, json.loads(pyodide["pyodide-lock.json"]), wheel_files, cdn)
    core = [put(f"pyodide/{name}", pyodide[name]) for name in PYODIDE]
    core.append(put("pyodide/pyodide-lock.json", json.dumps(lock, indent=1).encode()))
    core += [places.pop(name) for name in BOARD]
    core.append(put(f"app/static/plotly-{plotly_version}.min.js", plotly_js))
    board_stdlib = {name: data for name, data in stdlib.items() if not NOT_ON_BOARD.match(name)}

    chunks = {name.removeprefix("build/"): data for name, data in stlite.items() if name.startswith("build/")}
    front = {name: put(f"stlite/{name}", chunks[name]) for name in sorted(used(chunks))}
    start = [front[name] for name in sorted(reached(chunks, "stlite.js", at_once=True) | {"stlite.css"})]
    parts = {
        "board": [put("pyodide/board_stdlib.zip", zipped(board_stdlib)), *core, put("board.zip", zipped(board))],
        "first": [
            put("pyodide/python_stdlib.zip", zipped(stdlib)),
            *core,
            put("app.zip", zipped(app)),
            *places.values(),
            *start,
        ],
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


def packages(put: Put, official: dict, wheels: Mapping[str, dict[str, bytes]], cdn: str) -> tuple[dict, dict]:
    """Our lock file, made of Pyodide's, and {name: part} of every package in it; what is no file here is the CDN's.

    `wheels` are the files in each wheel: what becomes of them is a file of ours, with a hash of ours.
    """
    places, ours = {}, official | {"packages": {}}
    known = {name_of(file): file for file in wheels}

    def ship(name: str, file: str, data: bytes) -> None:
        places[name] = put(f"pyodide/{file}", data)
        ours["packages"][name] = entry(name, file, sha256(data), official["packages"].get(name, {}))

    for name in ("micropip", *BOARD, *FIRST, *map(name_of, STREAMLIT)):
        if name in known:
            ship(name, known[name], zipped(wheels[known[name]]))
        else:
            theirs = official["packages"][name]
            url, digest = cdn + theirs["file_name"], theirs["sha256"]
            places[name] = {"url": url, "bytes": None, "sha256": digest}
            ours["packages"][name] = entry(name, url, digest, theirs)
    ship("ssl", "ssl-1.0.0-py3-none-any.whl", module_wheel("ssl", (SITE / "ssl.py").read_text(encoding="utf-8")))
    return ours, places


def name_of(wheel: str) -> str:
    """The package of a wheel's file name, as lock files write it."""
    return wheel.partition("-")[0].lower().replace("_", "-")


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


def slim(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """A wheel's files without those that never run here."""
    return {name: data for name, data in files.items() if not NOT_RUN.match(name)}


def under(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Its Python files by the path that they will have."""
    return {f"{folder}/{name}": data for name, data in files.items() if name.endswith(".py")}


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
