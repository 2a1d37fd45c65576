"""The walk of By hand for a handout: every quantity with its formula, the run's numbers put in, and its value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from itertools import groupby

from explorer.engine.records import Trace
from explorer.export.prose import formula
from explorer.figures.latex import matrix
from explorer.figures.walk import Stop, walk
from explorer.texts import words

MATRIX = re.compile(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}")
HOLE = "\ue000"  # of Unicode's private use: stands for a matrix while the rest of its formula is written


def steps(traces: Mapping[str, Trace]) -> str:
    """The whole walk through the one run of the page, as HTML."""
    ((_, trace),) = traces.items()
    passes = groupby(walk(trace), lambda stop: (stop.kind.backward, stop.t))
    sections = []
    for (backward, t), stops in passes:
        heading = words("by_hand.backward" if backward else "by_hand.forward", step=t)
        sections.append(f"<section><h2>{escape(heading)}</h2>{''.join(map(one_step, stops))}</section>")
    return "\n".join(sections)


def one_step(stop: Stop) -> str:
    """A quantity: title, formula, and underneath the same with numbers, and what they make."""
    numbers = " ".join(map(mathematics, stop.numbers))
    return (
        f'<p>{escape(stop.title)}:<br><span class="math">{mathematics(stop.symbols)}</span></p>'
        f'<div class="numbers">= {numbers} = {mathematics(matrix(stop.value))}</div>'
    )


def mathematics(latex: str) -> str:
    """LaTeX with matrices as HTML: a matrix is a small table."""
    latex = latex.replace("-", "−")
    tables = iter([table(match[1]) for match in MATRIX.finditer(latex)])
    return re.sub(HOLE, lambda hole: next(tables), formula(escape(MATRIX.sub(HOLE, latex), quote=False)))


def table(body: str) -> str:
    """The rows of a bmatrix."""
    rows = [[formula(escape(cell, quote=False)) for cell in row.split("&")] for row in body.split(r"\\")]
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return f'<table class="matrix">{"".join(f"<tr>{row}</tr>" for row in cells)}</table>'
