"""The shapes of sequence problems, one entry each: chains of the one engine, connected, and a task that needs them.

Read `chains.py` first (the gradients), then `tasks.py` (what is learnt), `learning.py` and `looking.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer.engine.shapes import tasks
from explorer.engine.shapes.chains import Chain
from explorer.engine.shapes.tasks import Task

UPDATES = 300  # that pages ship: every shape has learnt its task by then (tests/engine/test_shapes.py)
HIDDEN = 24  # units per chain


@dataclass(frozen=True)
class Shape:
    """A shape: `chains` in the order in which they run, its task, and the learning rate η of its training.

    about    what it is for, and where its gradient enters
    """

    title: str
    about: str
    chains: tuple[Chain, ...]
    task: Task
    rate: float = 0.5


ONE = (Chain("chain"),)
SHAPES: dict[str, Shape] = {
    "one-to-one": Shape(
        "One to one",
        "A letter in, the letter after it out: classification. There is no time axis: no state is handed on, W_hh "
        "meets only the zero initial state, and its gradient is exactly 0: what the other five have is missing.",
        ONE,
        tasks.next_letter(),
    ),
    "one-to-many": Shape(
        "One to many",
        "One note in, a tune out: captions, melodies. Only step 1 reads; every later note comes from the state alone. "
        "Every step has a loss, and all of them must reach the one input through the chain.",
        ONE,
        tasks.tunes(),
        0.15,
    ),
    "many-to-one": Shape(
        "Many to one",
        "A sentence in, one verdict out: classification of sequences. There is one loss, at the last word; "
        "an early “not” hears of it only through every state in between.",
        ONE,
        tasks.sentiment(),
    ),
    "aligned": Shape(
        "Many to many, aligned",
        "An answer for every word at once: tagging. Every step has a loss of its own, so every state has a short path; "
        "what a word needs from earlier words still comes through the chain.",
        ONE,
        tasks.tags(),
    ),
    "encoder-decoder": Shape(
        "Encoder–decoder",
        "Read everything, then write: translation. All losses are the decoder’s; the encoder hears of them "
        "only through the one state that is handed over. Attention (Bahdanau et al. 2015) widens that passage.",
        (Chain("encoder", speaks=False), Chain("decoder", after="encoder", hears_itself=True)),
        tasks.reversal(),
    ),
    "bidirectional": Shape(
        "Bidirectional",
        "Read from both sides, answer in the middle: filling gaps, tagging with the whole sentence in view. "
        "The one loss sends its gradient to the left through one chain and to the right through the other.",
        (Chain("left to right"), Chain("right to left", backward=True)),
        tasks.missing_word(),
    ),
}
