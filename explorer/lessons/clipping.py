"""Clipping: what it does to a step, and what it does not do to the chain."""

import numpy as np

from explorer.config import Config
from explorer.engine.clipping import angle
from explorer.figures.clipping import clipping
from explorer.figures.gradient_terms import gradient_terms
from explorer.lessons.measure import change, explodes, of, vanishes, with_
from explorer.lessons.questions import Choose, Magnitude, Option
from explorer.lessons.screens import Lesson, Screen

LOUD = Config(weight_scale=4, hidden_size=32, loss_at="every", truncation="full")
LIVE = {"show": ("tanh",), "pictures": (clipping,), "sliders": ("clip_at", "weight_scale"), "given": gradient_terms}


def bent(trace) -> float:
    """The angle between the whole gradient before and after clipping."""
    return angle(trace.used.grads, trace.clipped.grads)


def by_value(trace):
    """The same run, clipped by value."""
    return with_(trace, clip="value")


LESSON = Lesson(
    "What clipping does",
    "The step is bounded. And the rest?",
    (
        Screen(
            setting="An exploding network: the gradient over all parameters has norm 150,000 or so. It is clipped by "
            "norm at 1.",
            ask="What happens to its direction?",
            question=Choose(
                {
                    "kept": Option(
                        "it stays: all entries shrink by one factor",
                        of("tanh", lambda trace: bent(trace) < 0.1),
                        "Yes: g · threshold/‖g‖, the same for every parameter.",
                    ),
                    "each": Option(
                        "it changes: each weight matrix is brought to norm 1",
                        of("tanh", lambda trace: all(0.99 < n < 1.01 for n in trace.clipped.norms.values())),
                        "The norm is taken over all parameters together, so that their proportions stay.",
                    ),
                    "cut": Option(
                        "it changes: the largest entries are cut off",
                        of("tanh", lambda trace: bent(trace) >= 0.1),
                        "That is clipping by value.",
                    ),
                }
            ),
            config=LOUD,
            takeaway="Clipping by norm shortens the gradient and keeps its direction.",
            explain="Open circles are the raw norms, diamonds what is left: all moved by the same number of decades. "
            "A parameter whose own gradient was harmless shrinks with the others.",
            holds=of("tanh", lambda trace: 1.4e5 < trace.used.norm < 1.7e5 and trace.clipped.norms["b_y"] < 1e-3),
            **LIVE,
        ),
        Screen(
            setting="The same gradient, clipped by value at 1: every entry is limited to ±1.",
            ask="By what angle does that turn it?",
            question=Choose(
                {
                    "none": Option(
                        "0°: limiting sizes does not touch the direction",
                        of("tanh", lambda trace: bent(trace) < 1),
                        "Entries above 1 become 1, whether they were 2 or 2000; those below stay. Proportions change.",
                    ),
                    "little": Option(
                        "a few degrees",
                        of("tanh", lambda trace: 1 <= bent(trace) < 20),
                        "It would be a few if only a few entries were above the threshold. Here most are.",
                    ),
                    "much": Option(
                        "20° or more",
                        of("tanh", lambda trace: bent(trace) >= 20),
                        "Yes: nearly every entry ends up at ±1; what is left are mostly signs.",
                    ),
                }
            ),
            config=Config(weight_scale=4, hidden_size=32, loss_at="every", truncation="full", clip="value"),
            takeaway="Clipping by value turns the gradient: what is left are mostly signs.",
            explain="It also lets through more than the threshold seems to say: 1 for each entry is about 36 for all "
            "together. That the direction changes is not always bad, but it is no longer the gradient of your loss.",
            holds=of(
                "tanh",
                lambda trace: (
                    30 < trace.clipped.norm < 40
                    and np.mean([np.abs(g) > 1 for name, g in trace.used.grads.items() if name == "W_hh"]) > 0.8
                ),
            ),
            **LIVE,
        ),
        Screen(
            setting="Clipping by norm at 1 again. Without clipping, the last loss’s term grows nearly ten thousand "
            "times on its way back to step 1.",
            ask="By what factor does it grow with clipping?",
            question=Magnitude("‖∂L_T/∂h_1‖ / ‖∂L_T/∂h_T‖", -6.0, 8.0, of("tanh", change), near=0.7),
            config=LOUD,
            takeaway="By the same factor: clipping bounds the step, not the chain.",
            explain="Clipping acts once, on the finished sum, before the weights move. The chain behind it explodes "
            "as before: far terms still drown the near ones, only the total is short now.",
            holds=of(
                "tanh",
                lambda trace: (
                    explodes(trace)
                    and 3.7 < change(trace) < 4
                    and np.array_equal(trace.clipped.dhs, with_(trace, clip="none").used.dhs)
                ),
            ),
            show=("tanh",),
            pictures=(gradient_terms, clipping),
            sliders=("clip_at", "weight_scale"),
            given=clipping,
        ),
        Screen(
            setting="A vanishing network (scale 0.5): the term at step 1 is about 10⁻²⁴. The threshold is 10.",
            ask="What does clipping by norm do to this gradient?",
            question=Choose(
                {
                    "lifts": Option(
                        "it lifts it to 10: norms are brought to the threshold",
                        of("tanh", lambda trace: trace.clipped.norm > 1.001 * trace.used.norm),
                        "That would be normalising. Clipping only ever shortens.",
                    ),
                    "far": Option(
                        "it makes the far terms count again, by cutting the near ones",
                        of("tanh", lambda trace: trace.clipped.norm < 0.999 * trace.used.norm),
                        "It sees the finished sum, and cannot tell near terms from far ones.",
                    ),
                    "nothing": Option(
                        "nothing at all",
                        of("tanh", lambda trace: trace.clipped.norm == trace.used.norm),
                        "Yes: its norm is below 10, so it passes as it is, and what has vanished stays vanished.",
                    ),
                }
            ),
            config=Config(weight_scale=0.5, hidden_size=32, truncation="full", clip_at=10),
            takeaway="Clipping does nothing against vanishing.",
            explain="It is a brake, not an engine. And look at the norm: about 4.5, quite ordinary. A vanished far "
            "term cannot be seen in the length of the whole gradient.",
            holds=of(
                "tanh", lambda trace: vanishes(trace) and -25 < trace.last_row[0] < -23 and 4.4 < trace.used.norm < 4.6
            ),
            **LIVE,
        ),
    ),
)
