// Sources → bytecode, by the very Python that will run it: node compile.mjs PYODIDE SOURCES.zip BYTECODE.zip
// An archive's names are the paths where its files will be: tracebacks say them.

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, sources, bytecode] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: folder });
python.FS.writeFile("/sources.zip", readFileSync(sources));
python.runPython(`
from pathlib import Path
from py_compile import PycInvalidationMode, PyCompileError, compile
from zipfile import ZipFile

WITHOUT_DOCSTRINGS = ("lib/python313.zip/", "lib/python3.13/site-packages/plotly/")  # they are half of it
one, made = Path("/one.py"), Path("/one.pyc")
with ZipFile("/sources.zip") as sources, ZipFile("/bytecode.zip", "w") as bytecode:
    for path in sources.namelist():
        one.write_bytes(sources.read(path))
        try:
            level = 2 if path.startswith(WITHOUT_DOCSTRINGS) else 0
            compile(one, made, "/" + path, doraise=True, optimize=level, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
        except PyCompileError:
            continue  # a template, or for another Python: it stays what it is
        bytecode.writestr(path, made.read_bytes())
`);
writeFileSync(bytecode, python.FS.readFile("/bytecode.zip"));
