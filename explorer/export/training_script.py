"""A training run as one script that depends on NumPy alone: the same updates, in the engine's own lines.

Learning amplifies what rounding leaves: a product summed in another order is another curve after some hundred updates.
So, unlike `script.py`, nothing is written out anew here. Where NumPy and processor are the same, every number is.
"""

from __future__ import annotations

import pprint
from textwrap import wrap

import numpy as np

from explorer.config import SPECS
from explorer.engine.batches import from_task, from_text, whole
from explorer.engine.cells import Cell
from explorer.engine.in_place import LOOPS, in_place
from explorer.engine.tasks import TASKS
from explorer.engine.training import evaluate, train
from explorer.engine.weights import INITS, draw_params
from explorer.export.source import Sources
from explorer.texts import words
from explorer.training.lab import Lab, Variant
from explorer.training.recipe import RECIPE_SPECS, VALIDATION, VALIDATION_SEQUENCES, Lesson

DATA_FILE = "training.npz"
EXCERPT = 60  # symbols by which a text is known again
MOST_LITERAL = 2_000  # symbols of a text that a script writes out; more come from the data file beside it
LEARN = '''
curves, learnt = {}, {}  # {variant: a row per update}, {variant: its weights after the last one}


def stream(seed, n):
    """The random numbers of a seed come in streams: 0 for the weights, 1 for the data, 2 for random cuts."""
    return np.random.SeedSequence(seed).spawn(3)[n]


def learn(name, learner, params, batches, rng, validation):
    """Train, and print every update after which the page looks at sequences that are never trained on."""
    rows = []
    for update in islice(train(learner, params, batches, rng), UPDATES):
        looks = update.number == 1 or update.number % EVERY == 0 or update.fault
        judged = evaluate(learner, update.params, validation) if looks and validation else (np.nan, np.nan)
        rows.append((update.loss, update.norm, update.clipped_norm, *judged))
    curves[name], learnt[name] = np.array(rows), update.params
    print(f"{name}: {update.number} updates {update.fault}".rstrip())
    print("update  loss  |g|  |g| clipped  validation: loss  accuracy")
    for number in [u for u in range(1, len(rows) + 1) if u == 1 or u % EVERY == 0 or u == len(rows)]:
        print(number, *(f"{value:.15g}" for value in rows[number - 1]))
'''


def training_script(lab: Lab) -> str:
    """The script of a run up to where it stands."""
    found = Sources(later=("LOOPS", "INITS"))
    for function in (train, evaluate, draw_params, whole):
        found.function(function)
    for lesson in (variant.lesson for variant in lab.variants):
        found.function(lesson.learner.passes)
        found.function(from_task if lesson.corpus is None else from_text)
    cells = {variant.lesson.learner.cell for variant in lab.variants}
    for cell in sorted(cells, key=lambda cell: cell.title):
        found.add(cell.title, cell)
    tables(found, lab, cells)
    runs = {f"{number}. {v.name}": one(found, v) for number, v in enumerate(lab.variants, 1)}
    imports = ["from itertools import islice", *found.imports, "", "import numpy as np"]
    first = "\n".join([*imports, "", *settings(lab)])
    parts = {"Settings": first, "The engine's functions": "\n\n\n".join(found.made.values()), "Training": LEARN.strip()}
    return heading(lab) + "\n".join(f"\n# %% {title}\n\n{text.rstrip()}\n" for title, text in (parts | runs).items())


def tables(found: Sources, lab: Lab, cells: set[Cell]) -> None:
    """Those entries of the engine's tables that these runs look up."""
    configs = [variant.lesson.config for variant in lab.variants]
    found.add("INITS", {config.init: INITS[config.init] for config in configs})
    if any(variant.lesson.learner.passes is in_place for variant in lab.variants):
        found.add("LOOPS", {cell: loops for cell, loops in LOOPS.items() if cell in cells})


def heading(lab: Lab) -> str:
    """What it is, what of it is guaranteed, and every setting: comments, whatever was typed."""
    lines = [words("training.script_title"), "", *wrap(words("training.same_numbers"), 112), ""]
    lines += [f"{label}: {value!a}" for label, value in told(lab).items()]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def told(lab: Lab) -> dict[str, str]:
    """Every setting with its value, the recipe's too; of what is compared, all values."""
    values = {spec.label: spec.written(getattr(lab.config, name)) for name, spec in SPECS.items() if name != "text"}
    values |= {spec.label: spec.written(getattr(lab.recipe, name)) for name, spec in RECIPE_SPECS.items()}
    (name, compared), lesson = lab.vary, lab.variants[0].lesson
    spec = (SPECS | RECIPE_SPECS)[name]
    values[spec.label] = " | ".join(map(spec.written, compared))
    if lesson.corpus is not None:
        values[SPECS["text"].label] = "".join(lesson.classes[c] for c in lesson.corpus.train[:EXCERPT])
    return values | {words("training.made"): str(lab.number)}


def settings(lab: Lab) -> list[str]:
    """How far, and how often validation is taken."""
    return [
        'np.seterr(all="ignore")  # an overflow ends a run with a sentence',
        f"UPDATES = {lab.number}",
        f"EVERY = {lab.variants[0].look_every}  # updates between two looks",
    ]


def one(found: Sources, variant: Variant) -> str:
    """Everything of one variant: learner, weights, data."""
    lesson = variant.lesson
    config, cell = lesson.config, lesson.learner.cell
    sizes = lesson.fixed.xs.shape[-1], config.hidden_size, len(lesson.classes)
    biases = config.bias, config.forget_bias
    drawn = f'{cell.title}, "{config.init}", {sizes}, {config.input_scale}, {", ".join(map(str, biases))}'
    return "\n".join(
        [
            f"learner = {found.written(lesson.learner)}",
            f"params = draw_params(np.random.default_rng(stream({config.seed}, 0)), {drawn})",
            f'params["W_hh"] = {config.weight_scale} * params["W_hh"]',
            f'params = {{name: W.astype("{lesson.recipe.precision}") for name, W in params.items()}}',
            *(from_its_task(found, lesson) if lesson.corpus is None else from_its_text(lesson, variant.name)),
            f"cuts = np.random.default_rng(stream({config.seed}, 2))",
            f"learn({variant.name!a}, learner, params, batches, cuts, validation)",
        ]
    )


def chunk(lesson: Lesson) -> int:
    """Steps per update."""
    T = lesson.config.sequence_length
    return min(lesson.config.window, T) if lesson.recipe.update == "chunk" else T


def from_its_task(found: Sources, lesson: Lesson) -> list[str]:
    """New sequences for every update."""
    config = lesson.config
    T, N = config.sequence_length, config.batch_size
    rng = f"np.random.default_rng(stream({config.seed}, 1))"
    beside = f"np.random.default_rng(stream({config.seed}, 1).spawn(1)[0])"
    return [
        f"task = {found.written(TASKS[config.task])}",
        f'batches = from_task(task, {T}, {N}, "", {rng}, {chunk(lesson)})',
        f'validation = whole(task, {T}, {VALIDATION_SEQUENCES}, "", {beside})',
    ]


def from_its_text(lesson: Lesson, name: str) -> list[str]:
    """One text, read on and on; its symbols are numbers."""
    corpus, N = lesson.corpus, lesson.config.batch_size
    assert corpus is not None
    carried, O = lesson.recipe.update == "chunk", len(corpus.alphabet)
    lines = literal("codes", corpus.train, f"{name}.codes")
    lines += [f"batches = from_text(codes, {O}, {N}, {chunk(lesson)}, {carried})"]
    T = min(VALIDATION[0], len(corpus.held_back) - 1)
    if T <= 0:
        return [*lines, "validation = None  # the text is too short to hold some of it back"]
    lines += literal("held_back", corpus.held_back, f"{name}.held_back")
    return [*lines, f"validation = next(from_text(held_back, {O}, {VALIDATION[1]}, {T}, False))"]


def literal(name: str, codes: np.ndarray, key: str) -> list[str]:
    """Lines that make this array of codes."""
    if len(codes) > MOST_LITERAL:
        return [f'{name} = np.load("{DATA_FILE}")["{key}"]  # the data of the same run: put it beside this script']
    return [f"{name} = np.array({pprint.pformat(codes.tolist(), 108, compact=True)})"]
