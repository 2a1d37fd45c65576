"""The files of the Shapes page: a handout that holds the diagram with its slider; script, notebook, losses, arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.engine.shapes import Shape
from explorer.engine.shapes.learning import Learnt, Setup
from explorer.engine.shapes.looking import Look
from explorer.engine.shapes.tasks import Example
from explorer.export.data import OF_SHAPES, PARAMETERS, archive, spreadsheet
from explorer.export.handout import handout
from explorer.export.menu import Away
from explorer.export.notebook import notebook
from explorer.export.prose import prose
from explorer.export.shape_script import shape_script
from explorer.figures.theme import COLOURS
from explorer.live.component import script, source
from explorer.live.shape import scale
from explorer.texts import text, words

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


@dataclass(frozen=True)
class Shown:
    """The page as it is: settings by their labels, and all that its numbers come from."""

    told: dict[str, str]
    shape: Shape
    setup: Setup
    learnt: Learnt
    example: Example
    listening: bool
    look: Look
    drawing: Mapping[str, Any]

    def script(self) -> str:
        """As Python."""
        return shape_script(self.told, self.shape, self.setup, self.example, self.listening)


def shape_files(shown: Shown, link: str) -> Away:
    """Everything is made when it is asked for."""

    def page_of_paper() -> str:
        more = f"<p>{prose(shown.shape.about)}</p>{diagram(shown.drawing)}"
        return handout(f"{words('shapes.title')}: {shown.shape.title}", shown.told, [], [], text("shapes"), link, more)

    losses = {
        words("shapes.updates"): range(len(shown.learnt.losses)),
        words("shapes.loss"): shown.learnt.losses.tolist(),
    }
    files = {
        words("share.handout"): (page_of_paper, "shapes.html", "text/html"),
        words("share.script"): (shown.script, "shapes.py", "text/x-python"),
        words("share.notebook"): (lambda: notebook(shown.script()), "shapes.ipynb", "application/x-ipynb+json"),
        words("shapes.losses"): (lambda: spreadsheet(losses), "shapes.csv", "text/csv"),
        words("share.arrays"): (lambda: arrays(shown), "shapes.npz", "application/octet-stream"),
    }
    return Away(files, list, words("shapes.hint"))


def diagram(drawing: Mapping[str, Any]) -> str:
    """The page's own component, alone: its style in both themes, its data, its module."""
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


def arrays(shown: Shown) -> bytes:
    """Losses, the weights that were kept, and what the example does in each of them."""
    seen = shown.look
    made: dict[str, np.ndarray] = {"losses": shown.learnt.losses, "updates": np.array(seen.updates)}
    made |= {"example.probs": seen.probs, "example.losses": seen.losses, "example.asked": seen.asked}
    for chain, norms in seen.norms.items():
        made |= {f"{chain}.log10_norms.{part}": getattr(norms, part) for part in ("states", "back", "entering", "flow")}
        made |= {f"{chain}.{name}": W for name, W in shown.learnt.weights[chain].items()}
    lines = [
        f"{name} | {array.shape} | {OF_SHAPES.get(name.rpartition('.')[2], PARAMETERS)}" for name, array in made.items()
    ]
    return archive(made, "\n".join([words("shapes.archive"), *lines]) + "\n")
