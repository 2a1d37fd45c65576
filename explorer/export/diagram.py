"""The diagram of the Shapes page for a handout: the component itself, alone, so that its slider works offline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from explorer.figures.theme import COLOURS
from explorer.live.component import script, source
from explorer.live.shape import scale

THEMED = {"text-color": "text", "border-color": "grid", "primary-color": "tanh"}  # Streamlit's names for ours
OPEN = """
const given = JSON.parse(document.getElementById("shape-data").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const parentElement = document.getElementById("shape");
const data = () => ({ ...given.data, scale: given.scales[+dark.matches] });
const draw = () => mount({ parentElement, data: data(), setTriggerValue() {} });
dark.addEventListener("change", draw);
draw();
"""


def diagram(drawing: Mapping[str, Any]) -> str:
    """Its style in both themes, its data, its module."""
    colours = [f"--st-{name}: light-dark({', '.join(COLOURS[ours])});" for name, ours in THEMED.items()]
    colours += ["--st-background-color: light-dark(#fff, #0e1117);"]
    colours += ["--st-secondary-background-color: light-dark(#f0f2f6, #262730); --st-font: inherit;"]
    style = f":root {{ {' '.join(colours)} }}\n{source('library.css')}{source('shape.css')}"
    style += ".sh-table button { pointer-events: none; }"  # what is asked is settled
    data = {"data": {**drawing, "answer": 0, "session": ""}, "scales": [scale(dark) for dark in (False, True)]}
    module = script("shape").replace("export default function", "function mount") + OPEN
    written = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<style>{style}</style><div id="shape"></div>'
        f'<script type="application/json" id="shape-data">{written}</script><script type="module">{module}</script>'
    )
