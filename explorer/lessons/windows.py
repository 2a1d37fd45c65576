"""Block is not sliding: two truncations that are often taken for one another."""

from dataclasses import replace

import numpy as np

from explorer.config import Config
from explorer.figures.flow_matrix import flow_matrix, share_kept
from explorer.figures.hidden_states import hidden_states
from explorer.figures.received import received
from explorer.figures.theme import Picture
from explorer.figures.truncation import full_against_truncated
from explorer.lessons.measure import of, share_of_seeds, turned, with_
from explorer.lessons.questions import Choose, Option, Sketch, Traces
from explorer.lessons.screens import Lesson, Screen
from explorer.run import mask_of

BLOCK = Config(loss_at="every", sequence_length=20, hidden_size=32, window=5)
LIVE = {"show": ("tanh",), "pictures": (received,), "sliders": ("window", "weight_scale"), "given": hidden_states}


def around_step_11(traces: Traces) -> Picture:
    """The T×T matrix with what the truncation cuts, and the row and column of step 11."""
    return flow_matrix(traces, 11)


REACH = {**LIVE, "pictures": (around_step_11,)}


def reached(trace, loss: int) -> int:
    """How many states the loss at this step (from 1) reaches under the run's truncation."""
    return int((mask_of(trace.config)[loss - 1] != 0).sum())


def sliding(trace):
    """The same network under sliding truncation."""
    return with_(trace, truncation="sliding")


def block_turns_more(trace) -> bool:
    """Block truncation turns the gradient of W_hh by a larger angle than sliding does."""
    return turned(trace.full, trace.truncated) > turned(trace.full, sliding(trace).truncated)


LESSON = Lesson(
    "Block is not sliding",
    "Two kinds of truncation with one window.",
    (
        Screen(
            setting="20 steps in blocks of 5: 1–5, 6–10, 11–15, 16–20. Each step has a loss.",
            ask="How many states does the loss at step 11 reach?",
            question=Choose(
                {
                    "one": Option(
                        "1: its own",
                        of("tanh", lambda trace: reached(trace, 11) == 1),
                        "Yes: step 11 is the first of its block, and the cut is right behind it.",
                    ),
                    "five": Option(
                        "5: the window",
                        of("tanh", lambda trace: reached(trace, 11) == 5),
                        "That is sliding truncation. In blocks, 5 is what the luckiest loss of a block gets.",
                    ),
                    "ten": Option(
                        "10: its own block and the one before",
                        of("tanh", lambda trace: reached(trace, 11) == 10),
                        "The state is carried across the edge, the gradient is not.",
                    ),
                    "eleven": Option(
                        "11: all so far",
                        of("tanh", lambda trace: reached(trace, 11) == 11),
                        "That is the full gradient.",
                    ),
                }
            ),
            config=BLOCK,
            takeaway="In blocks a loss looks back to the start of its own block: anything from 1 to 5 states.",
            explain="Block truncation is what most programs do, since it is one detach per block. How far a loss "
            "looks back depends on where in the block it happens to stand.",
            holds=of("tanh", lambda trace: [reached(trace, t) for t in range(11, 16)] == [1, 2, 3, 4, 5]),
            **REACH,
        ),
        Screen(
            setting="Sliding truncation instead: every loss looks back over a window of 5 states, its own included.",
            ask="How many states does the loss at step 11 reach now?",
            question=Choose(
                {
                    "one": Option(
                        "1",
                        of("tanh", lambda trace: reached(trace, 11) == 1),
                        "There are no blocks any more: step 11 is not the first of anything.",
                    ),
                    "five": Option(
                        "5",
                        of("tanh", lambda trace: reached(trace, 11) == 5),
                        "Yes: steps 7 to 11, and the same for every loss from step 5 on.",
                    ),
                    "six": Option(
                        "6: five back, and its own",
                        of("tanh", lambda trace: reached(trace, 11) == 6),
                        "Here the window counts states, with its own: lags 0 to 4.",
                    ),
                }
            ),
            config=replace(BLOCK, truncation="sliding"),
            takeaway="Sliding treats all losses alike, and costs a backward pass of five steps for each of them.",
            explain="With the same window, sliding keeps half as many terms again as blocks do here. What is kept is "
            "a band along the diagonal of the picture; blocks keep triangles.",
            holds=of(
                "tanh",
                lambda trace: (
                    share_kept(trace) > 1.4 * share_kept(with_(trace, truncation="block"))
                    and [reached(trace, t) for t in range(5, 21)] == 16 * [5]
                ),
            ),
            **REACH,
        ),
        Screen(
            setting="Small weights (scale 1), 40 steps, window 5. Both truncations turn the gradient of W_hh a little.",
            ask="Which one turns it more?",
            question=Choose(
                {
                    "block": Option(
                        "block",
                        of("tanh", lambda trace: share_of_seeds(trace.config, block_turns_more) > 0.9),
                        "Yes: it drops terms of lag 1 at every edge, and those are among the largest.",
                    ),
                    "sliding": Option(
                        "sliding",
                        of("tanh", lambda trace: share_of_seeds(trace.config, block_turns_more) < 0.1),
                        "Sliding drops only lags of 5 and more, which are small here.",
                    ),
                    "equal": Option(
                        "both the same: it is the same window",
                        of(
                            "tanh",
                            lambda trace: 0.1 <= share_of_seeds(trace.config, block_turns_more) <= 0.9,
                        ),
                        "The window is the same, the terms that are dropped are not.",
                    ),
                }
            ),
            config=Config(loss_at="every", sequence_length=40, hidden_size=32, window=5),
            takeaway="Block truncation drops near terms at every edge; sliding drops far terms only.",
            explain="Where terms fall with the lag, near ones matter most. This holds for 15 or more of 16 seeds at "
            "this setting. With large weights it is another matter: there the far terms are the large ones, and both "
            "fail.",
            holds=of(
                "tanh",
                lambda trace: (
                    share_of_seeds(trace.config, block_turns_more) > 0.9
                    and turned(with_(trace, weight_scale=5).full, with_(trace, weight_scale=5).truncated) > 60
                    and turned(
                        sliding(with_(trace, weight_scale=5)).full, sliding(with_(trace, weight_scale=5)).truncated
                    )
                    > 60
                ),
            ),
            **LIVE,
        ),
        Screen(
            setting="One loss, at the last of 40 steps, and sliding truncation with a window of 12. Dotted: the full "
            "gradient.",
            ask="Sketch the truncated one. The lower edge of the axis stands for exactly 0.",
            question=Sketch(full_against_truncated, "truncated", ("full",)),
            config=Config(sequence_length=40, hidden_size=32, truncation="sliding", window=12, weight_scale=1.5),
            takeaway="Inside the window nothing changes; one step further there is nothing at all.",
            explain="With one loss at the end both kinds do the same, except that a block may end anywhere: blocks of "
            "12 would leave the loss at step 40 only four states. Drag the window and see it follow one step at a "
            "time.",
            holds=of(
                "tanh",
                lambda trace: (
                    (np.isfinite(trace.truncated.log10_dh_norms) == (np.arange(40) >= 28)).all()
                    and reached(with_(trace, truncation="block"), 40) == 4
                ),
            ),
            show=("tanh",),
            pictures=(full_against_truncated,),
            sliders=("window", "weight_scale"),
        ),
    ),
)
