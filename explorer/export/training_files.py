"""The files of a training run: handout, script, notebook, its log and its arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from explorer.export.data import OF_TRAINING, PARAMETERS, archive, spreadsheet
from explorer.export.handout import handout
from explorer.export.menu import Away
from explorer.export.notebook import notebook
from explorer.export.training_script import DATA_FILE, told, training_script
from explorer.figures.theme import Picture
from explorer.texts import text, words
from explorer.training.lab import Lab


def training_files(lab: Lab, pictures: Callable[[], Sequence[Picture]], link: str) -> Away:
    """Everything is made when it is asked for, of the run as it is then."""
    title = words("training.title")

    def page_of_paper() -> str:
        return handout(title, told(lab), [], pictures(), text("training"), link)

    files = {
        words("share.handout"): (page_of_paper, "training.html", "text/html"),
        words("share.script"): (lambda: training_script(lab), "training.py", "text/x-python"),
        words("share.notebook"): (lambda: notebook(training_script(lab)), "training.ipynb", "application/x-ipynb+json"),
        words("training.log"): (lambda: sheet(lab), "training.csv", "text/csv"),
        words("share.arrays"): (lambda: arrays(lab), DATA_FILE, "application/octet-stream"),
    }
    return Away(files, pictures, words("training.hint", same=words("training.same_numbers")))


def sheet(lab: Lab) -> str:
    """A row per update."""
    logs = {f"{v.name}: {name}": values.tolist() for v in lab.variants for name, values in v.log().items()}
    return spreadsheet({words("training.updates"): range(1, lab.number + 1), **logs})


def arrays(lab: Lab) -> bytes:
    """The curves, the weights that were learnt, and the text that the script reads from here."""
    made: dict[str, np.ndarray] = {}
    for variant in lab.variants:
        looks = [(look.number, look.loss, look.accuracy, look.rho, look.sigma_max) for look in variant.looks]
        its = variant.log() | {"looks": np.array(looks)} | variant.params
        corpus = variant.lesson.corpus
        its |= {} if corpus is None else {"codes": corpus.train, "held_back": corpus.held_back}
        made |= {f"{variant.name}.{name}": array for name, array in its.items()}
    lines = [f"{name} | {OF_TRAINING.get(name.rpartition('.')[2], PARAMETERS)}" for name in made]
    return archive(made, "\n".join([words("training.archive"), *lines]) + "\n")
