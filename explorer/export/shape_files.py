"""The files of the Shapes page: a handout that holds the diagram with its slider; script, notebook, losses, arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.engine.shapes import Shape
from explorer.engine.shapes.learning import Learnt, Setup
from explorer.engine.shapes.looking import Look
from explorer.engine.shapes.tasks import Example
from explorer.export.data import OF_SHAPES, PARAMETERS, archive, spreadsheet
from explorer.export.diagram import diagram
from explorer.export.handout import handout
from explorer.export.menu import Away
from explorer.export.notebook import notebook
from explorer.export.prose import prose
from explorer.export.shape_script import shape_script
from explorer.texts import text, words


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
