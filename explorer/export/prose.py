"""The project's own texts (`texts/*.md`) as HTML, with formulas in Unicode: enough for a sheet that opens offline.

Only what the texts use is known: paragraphs, lists, **bold**, *italics*, `code`, $formula$, $$formula$$, links as their
words. Everything is escaped first.
"""

from __future__ import annotations

import re
from html import escape

SYMBOLS = {
    r"\\partial\s*": "∂",
    r"\\[lr]Vert|\\\|": "‖",
    r"\\varphi": "φ",
    r"\\gamma": "γ",
    r"\\sigma": "σ",
    r"\\rho": "ρ",
    r"\\eta": "η",
    r"\\lambda": "λ",
    r"\^(?:\{\\top\}|\\top)": "ᵀ",
    r"\\cdots": "⋯",
    r"\\ldots|\\dots": "…",
    r"\\cdot": "·",
    r"\\circ|\\odot": "∘",
    r"\\sum": "Σ",
    r"\\prod": "Π",
    r"\\sqrt": "√",
    r"\\max": "max",
    r"\\min": "min",
    r"\\log": "log",
    r"\\ln": "ln",
    r"\\tanh": "tanh",
    r"\\infty": "∞",
    r"\\approx": "≈",
    r"\\leq?(?![a-z])": "≤",
    r"\\geq?(?![a-z])": "≥",
    r"\\ll(?![a-z])": "≪",
    r"\\gg": "≫",
    r"\\sim": "∼",
    r"\\times": "×",
    r"\\in(?![a-z])": "∈",
    r"\\leftarrow": "←",
    r"\\to|\\rightarrow": "→",
    r"\\pm": "±",
    r"\\q?quad|\\[,;: ]": " ",
    r"\\[bB]ig+[lr]?|\\left|\\right|\\!": "",
}
BRACED = r"\{((?:[^{}]|\{[^{}]*\})*)\}"


def prose(text: str) -> str:
    """Markdown → HTML."""
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", text.strip())]
    return "\n".join(block_of(block) for block in blocks)


def block_of(block: str) -> str:
    """A paragraph, a list, or a formula on a line of its own."""
    if block.startswith("$$") and block.endswith("$$"):
        return f'<p class="math">{formula(escape(block[2:-2].strip()))}</p>'
    if block.startswith("- "):
        items = re.split(r"\n- ", block[2:])
        return "<ul>" + "".join(f"<li>{inline(item)}</li>" for item in items) + "</ul>"
    return f"<p>{inline(block)}</p>"


def inline(text: str) -> str:
    """What stands within a paragraph; formulas and code keep their stars."""
    pieces = re.split(r"(\$[^$]+\$|`[^`]+`)", escape(text, quote=False))
    made = []
    for piece in pieces:
        if piece.startswith("$") and len(piece) > 2:
            made.append(f'<span class="math">{formula(piece[1:-1])}</span>')
        elif piece.startswith("`") and len(piece) > 2:
            made.append(f"<code>{piece[1:-1]}</code>")
        else:
            piece = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", piece)
            piece = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", piece, flags=re.S)
            made.append(re.sub(r"\*(.+?)\*", r"<em>\1</em>", piece, flags=re.S))
    return "".join(made)


def formula(latex: str) -> str:
    """LaTeX as Unicode with <sub> and <sup>: ∂L<sub>T</sub>/∂h<sub>k</sub>."""
    latex = re.sub(r"\\(?:mathrm|text|mathbf|operatorname)" + BRACED, r"\1", latex)
    for _ in range(3):  # fractions may stand within fractions
        latex = re.sub(r"\\[dt]?frac" + BRACED + BRACED, r"\1/\2", latex)
    for pattern, symbol in SYMBOLS.items():
        latex = re.sub(pattern, symbol, latex)
    for mark, tag in (("_", "sub"), ("\\^", "sup")):
        latex = re.sub(mark + BRACED, rf"<{tag}>\1</{tag}>", latex)
        latex = re.sub(mark + r"(\w|[ᵀ∘′*])", rf"<{tag}>\1</{tag}>", latex)
    return latex.replace("{", "").replace("}", "").replace("'", "′")
