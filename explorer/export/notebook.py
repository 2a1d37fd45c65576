"""A script as a Jupyter notebook: a heading and a cell of code for each of its parts."""

from __future__ import annotations

import json
from typing import Any


def notebook(script: str) -> str:
    """The notebook, in nbformat 4.5: a JSON dictionary, written directly.

    Schema: https://github.com/jupyter/nbformat, nbformat.v4.5.schema.json.
    """
    about, *parts = script.split("\n# %% ")
    told = "\n".join(line.removeprefix("# ").removeprefix("#") for line in about.splitlines())
    cells = [cell("markdown", as_text(told), 0)]
    for n, part in enumerate(parts):
        title, _, code = part.partition("\n")
        cells += [cell("markdown", f"## {title}", 2 * n + 1), cell("code", code.strip("\n"), 2 * n + 2)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def as_text(told: str) -> str:
    """A block that Markdown shows as it is, whatever was typed into a setting."""
    return "\n".join("    " + line for line in told.splitlines())


def cell(kind: str, source: str, number: int) -> dict[str, Any]:
    """One cell; code has not run yet."""
    more = {"execution_count": None, "outputs": []} if kind == "code" else {}
    lines = source.splitlines(keepends=True)
    return {"cell_type": kind, "id": f"part-{number}", "metadata": {}, "source": lines, **more}
