"""What the Shapes page shows as one script that depends on NumPy alone: learning, and one example followed."""

from __future__ import annotations

from textwrap import wrap

from explorer.engine.cells import CELLS
from explorer.engine.shapes import Shape
from explorer.engine.shapes.learning import Setup, learn
from explorer.engine.shapes.looking import look
from explorer.engine.shapes.tasks import Example
from explorer.engine.weights import INITS
from explorer.export.source import Sources
from explorer.texts import words

RUN = """
learnt = learn(shape, setup)
seen = look(shape, setup, learnt, example, LISTENING)
"""
PRINTED = """
print("updates  loss of all examples")
for update in seen.updates:
    print(update, f"{learnt.losses[update]:.15g}")

print("updates  step  answer  its probability  loss of this example")
for c, update in enumerate(seen.updates):
    for t in seen.asked:
        answer = shape.task.classes[seen.answers[c, t]]
        print(update, t + 1, answer, f"{seen.probs[c, t]:.15g} {seen.losses[c, t]:.15g}")

for chain, norms in seen.norms.items():
    print(f"{chain}: updates  log10 |dL/ds_t| for all steps t")
    for c, update in enumerate(seen.updates):
        print(update, *(f"{value:.15g}" for value in norms.states[c]))
"""


def shape_script(told: dict[str, str], shape: Shape, setup: Setup, example: Example, listening: bool) -> str:
    """The script of a shape with these settings; `told` is what stands in its heading."""
    found = Sources(later=("INITS",))
    found.add("INITS", {"gaussian": INITS["gaussian"]})
    for function in (learn, look):
        found.function(function)
    cell = next(cell for cell in CELLS.values() if cell is setup.cell)
    found.add(cell.title, cell)
    values = {"shape": shape, "setup": setup, "example": example, "LISTENING": listening}
    run = "\n".join(f"{name} = {found.written(value)}" for name, value in values.items())
    parts = {
        "Settings": "\n".join([*found.imports, "", "import numpy as np", "", 'np.seterr(all="ignore")']),
        "The engine's functions": "\n\n\n".join(found.made.values()),
        "This shape": run + "\n" + RUN,
        "The numbers of the page": PRINTED,
    }
    lines = [words("shapes.script_title"), "", *wrap(words("shapes.same_numbers"), 112), ""]
    lines += [f"{label}: {value!a}" for label, value in told.items()]
    heading = "".join(f"# {line}".rstrip() + "\n" for line in lines)
    return heading + "\n".join(f"\n# %% {title}\n\n{text.strip()}\n" for title, text in parts.items())
