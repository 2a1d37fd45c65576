"""Vanishing: a product of factors below 1."""

from explorer.config import Config
from explorer.figures.gradient_terms import gradient_terms
from explorer.lessons.measure import change, explodes, stays, vanishes
from explorer.lessons.questions import Choose, Magnitude, Option, Sketch
from explorer.lessons.screens import Lesson, Screen

SMALL = Config(weight_scale=0.5, hidden_size=32, sequence_length=40)

LESSON = Lesson(
    "Vanishing",
    "What a factor below 1 does when it is applied at every step.",
    (
        Screen(
            "A tanh network with small recurrent weights (scale 0.5) reads 40 letters and is asked at the end. "
            "What happens to the last loss’s gradient ‖∂L_T/∂h_t‖ on its way back from step 40 to step 1?",
            Choose(
                {
                    "straight": Option(
                        "it falls like a straight line to 0 at step 1",
                        lambda traces: False,
                        "A straight fall to 0 would subtract the same at every step. Each step multiplies instead.",
                    ),
                    "factor": Option(
                        "it falls by about the same factor per step, to less than 1/1000",
                        lambda traces: vanishes(traces["tanh"]),
                        "Yes: each step back multiplies by one more factor.",
                    ),
                    "same": Option(
                        "it keeps about its size: the same weights are used at every step",
                        lambda traces: stays(traces["tanh"]),
                        "The same weights at every step mean the same factor at every step, not the same gradient.",
                    ),
                    "grows": Option(
                        "it grows: early steps influence everything after them",
                        lambda traces: explodes(traces["tanh"]),
                        "An early step can influence every later state and still do so very weakly.",
                    ),
                }
            ),
            SMALL,
            "Every step back multiplies by one more factor.",
            "On a logarithmic axis a constant factor is a straight line. This one is nearly straight.",
            lambda traces: change(traces["tanh"]) < -3,
        ),
    ),
)
