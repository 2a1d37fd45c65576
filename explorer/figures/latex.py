"""Numbers and matrices as LaTeX, for formulas with the current numbers put in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def tex(x: float) -> str:
    """A number in a formula: whole, or with three digits or decimals, or with a power of ten."""
    if not np.isfinite(x):
        return r"\text{undefined}" if np.isnan(x) else r"\infty" if x > 0 else r"-\infty"
    if x == int(x) and abs(x) < 1000.0:
        return str(int(x))
    if 0.001 <= abs(x) < 1000.0:
        return f"{x:.{max(3, 2 - int(np.floor(np.log10(abs(x)))))}f}"
    mantissa, exponent = f"{x:.2e}".split("e")
    return rf"{mantissa}\cdot 10^{{{int(exponent)}}}"


def signed(x: float) -> str:
    """A number that follows an operator: negative ones in parentheses."""
    return f"({tex(x)})" if x < 0 else tex(x)


def matrix(values: np.ndarray, each: Callable[[float], str] = tex) -> str:
    """A LaTeX matrix, one number per entry; a single number stands without brackets."""
    if values.size == 1:
        return each(float(values[0, 0]))
    return r"\begin{bmatrix}" + r"\\".join("&".join(each(x) for x in row) for row in values) + r"\end{bmatrix}"


def dot(left: np.ndarray, right: np.ndarray) -> str:
    """Σ of products, written out; terms with a factor 0 are left out unless all are."""
    terms = [rf"{signed(a)}\cdot {signed(b)}" for a, b in zip(left, right, strict=True) if a != 0.0 and b != 0.0]
    return " + ".join(terms) or "0"
