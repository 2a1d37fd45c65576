"""Truncation and its blindness: what is cut is exactly 0, and nothing else changes."""

import numpy as np

from explorer.config import Config
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.truncation import full_against_truncated
from explorer.lessons.measure import change, of, silent, turned, with_
from explorer.lessons.questions import Choose, Option, Sketch
from explorer.lessons.screens import Lesson, Screen

CUT = {
    "show": ("tanh",),
    "pictures": (full_against_truncated,),
    "sliders": ("window", "weight_scale", "sequence_length"),
}
ORDER = Config(task="order", sequence_length=60, hidden_size=32, window=10)


def loss_in_full(trace) -> float:
    """The loss of the same network without truncation."""
    return with_(trace, truncation="full").loss


def informative(trace) -> np.ndarray:
    """The steps (from 0) at which the task shows its A or B."""
    return np.flatnonzero([symbol in "AB" for symbol in trace.inputs])


LESSON = Lesson(
    "Truncation and its blindness",
    "What cutting the way back changes, and what it does not.",
    (
        Screen(
            setting="40 steps, a loss at every one. Somebody switches from full backpropagation to blocks of 10 steps.",
            ask="What happens to the loss that this network has right now, before any update?",
            question=Choose(
                {
                    "higher": Option(
                        "it rises: the network can only see 10 steps now",
                        of("tanh", lambda trace: trace.loss > loss_in_full(trace)),
                        "The forward pass still carries the state across every cut. Only the way back is cut.",
                    ),
                    "lower": Option(
                        "it falls: ten steps are easier than forty",
                        of("tanh", lambda trace: trace.loss < loss_in_full(trace)),
                        "The network still reads all forty steps with the state carried on.",
                    ),
                    "same": Option(
                        "nothing: it is the same number",
                        of("tanh", lambda trace: trace.loss == loss_in_full(trace)),
                        "Yes: truncation leaves the forward pass alone.",
                    ),
                }
            ),
            config=Config(loss_at="every", sequence_length=40, hidden_size=32),
            takeaway="Truncation changes the gradient, never the forward pass.",
            explain="States, outputs and losses are the same digit for digit. What is cut is the way on which a loss "
            "reports back. Resetting the state at each block would be something else: another network with other "
            "losses.",
            holds=of("tanh", lambda trace: np.array_equal(trace.hs, with_(trace, truncation="full").hs)),
            **CUT,
        ),
        Screen(
            setting="One loss, at step 40; blocks of 10 steps. The full gradient at step 1 is small but not 0.",
            ask="What is the truncated ∂L/∂h_1?",
            question=Choose(
                {
                    "smaller": Option(
                        "smaller still, but not 0",
                        of(
                            "tanh",
                            lambda trace: (
                                not silent(trace.truncated)[0]
                                and trace.truncated.log10_dh_norms[0] < trace.full.log10_dh_norms[0]
                            ),
                        ),
                        "A cut does not weaken the gradient that would cross it, it removes it.",
                    ),
                    "zero": Option(
                        "exactly 0",
                        of("tanh", lambda trace: bool(silent(trace.truncated)[0])),
                        "Yes: nothing crosses a cut, so every step before the last block gets exactly 0.",
                    ),
                    "larger": Option(
                        "larger: truncation is there to avoid vanishing",
                        of("tanh", lambda trace: trace.truncated.log10_dh_norms[0] > trace.full.log10_dh_norms[0]),
                        "Truncation avoids the cost of the long way back. What would have vanished is now 0.",
                    ),
                }
            ),
            config=Config(sequence_length=40, hidden_size=32),
            takeaway="Beyond the window the truncated gradient is not small, it is exactly 0.",
            explain="Within the last block the two curves are the same. “Truncation avoids vanishing” turns the "
            "matter round: it replaces a small gradient by none at all.",
            holds=of(
                "tanh",
                lambda trace: (
                    np.array_equal(trace.truncated.dhs[30:], trace.full.dhs[30:]) and silent(trace.truncated)[:30].all()
                ),
            ),
            given=gradient_terms,
            **CUT,
        ),
        Screen(
            setting="Now with a loss at every step; the dotted line is the full gradient, nearly level. Blocks of 10, "
            "T = 40.",
            ask="Sketch the truncated gradient ‖∂L/∂h_t‖.",
            question=Sketch(full_against_truncated, "truncated", ("full",), near=0.3),
            config=Config(loss_at="every", sequence_length=40, hidden_size=32, weight_scale=0.5),
            takeaway="With a loss at every step and small weights, truncation takes away almost nothing.",
            explain="A state’s total is made of near losses, and most states keep theirs. Only at the last step of a "
            "block do all later losses fall away. Raise the weight scale to 3: now the far terms count, and the gap "
            "opens.",
            holds=of(
                "tanh",
                lambda trace: (
                    np.abs(trace.full.log10_dh_norms - trace.truncated.log10_dh_norms).mean() < 0.1
                    and with_(trace, weight_scale=3).full.norm > 10 * with_(trace, weight_scale=3).truncated.norm
                ),
            ),
            **CUT,
        ),
        Screen(
            setting="Temporal order: an A or B stands near the beginning, another before the middle, the rest is "
            "noise. After 60 steps the network is asked for both. Blocks of 10.",
            ask="How much do the states at which the two symbols are read hear of the loss?",
            question=Choose(
                {
                    "enough": Option(
                        "enough: the state carries the symbols into the last block",
                        of("tanh", lambda trace: bool((trace.truncated.log10_dh_norms[informative(trace)] > -3).all())),
                        "The state may carry them forward. Nothing tells it to: no loss reaches back to where they "
                        "are read.",
                    ),
                    "little": Option(
                        "a little: less than in full, but not 0",
                        of(
                            "tanh",
                            lambda trace: bool(
                                (~silent(trace.truncated)[informative(trace)]).all()
                                and (trace.truncated.log10_dh_norms[informative(trace)] <= -3).all()
                            ),
                        ),
                        "The blocks before the last one contain no loss, so they get no gradient.",
                    ),
                    "nothing": Option(
                        "exactly nothing",
                        of("tanh", lambda trace: bool(silent(trace.truncated)[informative(trace)].all())),
                        "Yes: whatever is read before the last block goes unheard.",
                    ),
                }
            ),
            config=ORDER,
            takeaway="A network trained this way is never told to keep what it will need.",
            explain="The window sets a horizon: dependencies longer than it can be stumbled upon, but not learnt by "
            "following the gradient. Drag the window to 60 and the curve comes back, as small as it is in full.",
            holds=of(
                "tanh",
                lambda trace: len(informative(trace)) == 2 and max(informative(trace)) < 30 and change(trace) < -3,
            ),
            **CUT,
        ),
        Screen(
            setting="The same task with weights of scale 2, where the full gradient neither vanishes nor explodes.",
            ask="By what angle does truncation turn the gradient of W_hh?",
            question=Choose(
                {
                    "none": Option(
                        "hardly at all: it gets shorter, the direction stays",
                        of("tanh", lambda trace: turned(trace.full, trace.truncated) < 10),
                        "That is clipping by norm. Truncation leaves out whole contributions, each with its own "
                        "direction.",
                    ),
                    "some": Option(
                        "by 10° to 45°",
                        of("tanh", lambda trace: 10 <= turned(trace.full, trace.truncated) < 45),
                        "It would be if the last ten steps made up most of the sum. Here the early steps do.",
                    ),
                    "right": Option(
                        "by 45° or more",
                        of("tanh", lambda trace: turned(trace.full, trace.truncated) >= 45),
                        "Yes: at this seed it is about a right angle; the two have next to nothing in common.",
                    ),
                }
            ),
            config=Config(task="order", sequence_length=60, hidden_size=32, window=10, weight_scale=2),
            takeaway="A truncated gradient is not a shorter version of the full one; it can point somewhere else.",
            explain="If far terms are large, the window decides what is followed. Widen it and watch the angle in the "
            "sentence below the picture. Other seeds give other angles.",
            holds=of("tanh", lambda trace: 80 < turned(trace.full, trace.truncated) < 100 and abs(change(trace)) < 3),
            given=hidden_states,
            **CUT,
        ),
    ),
)
