"""BPTT is a sum: of contributions over steps, and of terms over losses."""

import numpy as np

from explorer.config import Config
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.total_by_lag import shares_by_lag, total_by_lag
from explorer.lessons.measure import change, contributions, of, with_
from explorer.lessons.questions import Choose, Magnitude, Option, Sketch
from explorer.lessons.screens import Lesson, Screen

EVERY = Config(loss_at="every", weight_scale=0.5, hidden_size=32, sequence_length=40, truncation="full")


def near_share(trace) -> float:
    """The share of the total ∂L/∂h_1 that comes from the losses at lags 0 to 5."""
    return float(shares_by_lag(trace)[0][:3, 0].sum())


def last_share(trace) -> float:
    """log10 of ‖∂L_T/∂h_1‖ / ‖∂L/∂h_1‖."""
    return float(trace.last_row[0] - trace.full.log10_dh_norms[0])


LESSON = Lesson(
    "BPTT is a sum",
    "What is multiplied, what is added, and which part vanishes.",
    (
        Screen(
            setting="A network uses the same W_hh at each of 20 steps. There is one loss, at the last step.",
            ask="What is the gradient ∂L/∂W_hh made of?",
            question=Choose(
                {
                    "last": Option(
                        "of the last step alone: the loss is taken there",
                        of("tanh", lambda trace: np.allclose(contributions(trace)[-1], trace.full.grads["W_hh"])),
                        "Earlier uses of W_hh have shaped h_T too, so they contribute.",
                    ),
                    "sum": Option(
                        "of one contribution per step, added up",
                        of("tanh", lambda trace: np.allclose(contributions(trace).sum(0), trace.full.grads["W_hh"])),
                        "Yes: a weight that is used twenty times gets the sum of twenty gradients.",
                    ),
                    "product": Option(
                        "of one contribution per step, multiplied",
                        of("tanh", lambda trace: np.allclose(contributions(trace).prod(0), trace.full.grads["W_hh"])),
                        "There is a product, but inside each contribution: the way back from the loss to that step.",
                    ),
                }
            ),
            config=Config(sequence_length=20, truncation="full"),
            takeaway="Backpropagation through time is a sum over steps; the product is inside each summand.",
            explain="Step k adds h_{k−1}ᵀ (φ′(a_k) ∘ ∂L/∂h_k). The picture shows ‖∂L_T/∂h_k‖, which is a product with "
            "one more factor for every step back: it falls toward early steps, and they add less and less.",
            holds=of("tanh", lambda trace: change(trace) < -1),
        ),
        Screen(
            setting="Now every step has a loss. The dotted line is the last loss’s term ‖∂L_T/∂h_t‖: at step 1 it has "
            "vanished.",
            ask="Sketch the total ‖∂L/∂h_t‖, all losses together.",
            question=Sketch(gradient_terms, "tanh total ∂L/∂h", ("tanh",)),
            config=EVERY,
            takeaway="The total does not vanish: it is a sum, and its near terms stay.",
            explain="Every state feeds a loss of its own, and the one at the next step, and so on. Those near terms "
            "keep the total at about the same size everywhere. “The gradient vanishes” is a statement about one far "
            "term, not about the total.",
            holds=of("tanh", lambda trace: np.ptp(trace.full.log10_dh_norms) < 0.5 and change(trace) < -15),
            why="In one sentence: why does the total stay although the term vanishes?",
        ),
        Screen(
            setting="The same run, at step 1.",
            ask="How much of the total ∂L/∂h_1 comes from the losses at steps 1 to 6?",
            question=Choose(
                {
                    "little": Option(
                        "about 6/40: there are 40 losses, and they all count the same",
                        of("tanh", lambda trace: near_share(trace) < 0.3),
                        "All losses count the same, but their terms reach step 1 with very different lengths.",
                    ),
                    "half": Option(
                        "about half of it",
                        of("tanh", lambda trace: 0.3 <= near_share(trace) <= 0.9),
                        "With a factor of about ⅓ per step, six steps leave almost nothing for the rest.",
                    ),
                    "nearly_all": Option(
                        "more than nine tenths",
                        of("tanh", lambda trace: near_share(trace) > 0.9),
                        "Yes: the sum is dominated by its first few terms.",
                    ),
                }
            ),
            config=EVERY,
            takeaway="Training hears the near losses; the far ones are there, but drowned.",
            explain="The coloured areas are signed shares and add up to 100%. Drag the weight scale up and the far "
            "lags take over, and now the near losses are drowned.",
            holds=of("tanh", lambda trace: near_share(trace) > 0.9 and near_share(with_(trace, weight_scale=4)) < 0.5),
            given=gradient_terms,
            pictures=(total_by_lag,),
        ),
        Screen(
            setting="Still the same run. The last loss, at step 40, has something to say to h_1 as well.",
            ask="What fraction of the total’s length at step 1 is the last loss’s term?",
            question=Magnitude("‖∂L_T/∂h_1‖ / ‖∂L/∂h_1‖", -30.0, 2.0, of("tanh", last_share), near=2.0),
            config=EVERY,
            takeaway="The far term is not small, it is gone: nineteen decimal places below the total.",
            explain="An update follows the total, and float64 keeps sixteen digits of it: a term of this size does "
            "not change even the last of them. Long-range memory is not forbidden, it is inaudible.",
            holds=of("tanh", lambda trace: last_share(trace) < -16),
        ),
    ),
)
