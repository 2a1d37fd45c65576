"""Vanishing: a product of factors below 1."""

from explorer.config import Config
from explorer.engine.diagnostics import FLOAT32_ZERO
from explorer.figures.gradient_terms import gradient_terms
from explorer.lessons.measure import change, explodes, of, stays, vanishes, with_
from explorer.lessons.questions import Choose, Magnitude, Option, Sketch
from explorer.lessons.screens import Lesson, Screen

SMALL = Config(weight_scale=0.5, hidden_size=32, sequence_length=40, truncation="full")


def half_way(trace) -> float:
    """‖∂L_T/∂h_t‖ at half the way, as a fraction of its start."""
    return float(10.0 ** (trace.last_row[len(trace.last_row) // 2] - trace.last_row[-1]))


def size_over_length(trace) -> float:
    """‖∂L/∂W_hh‖ at T = 80, as a multiple of that at T = 10."""
    return with_(trace, sequence_length=80).full.norms["W_hh"] / with_(trace, sequence_length=10).full.norms["W_hh"]


LESSON = Lesson(
    "Vanishing",
    "What a factor below 1 does when it is applied at every step.",
    (
        Screen(
            setting="A tanh network with small recurrent weights (scale 0.5) reads 40 letters; one loss at the end.",
            ask="What happens to ‖∂L_T/∂h_t‖ on its way back from step 40 to step 1?",
            question=Choose(
                {
                    "straight": Option(
                        "it falls evenly, half of it is left half way",
                        of("tanh", lambda trace: 0.3 < half_way(trace) < 0.7 and not stays(trace)),
                        "Falling evenly would take away the same amount at every step. Each step multiplies instead.",
                    ),
                    "factor": Option(
                        "it falls by about the same factor per step, to less than 1/1000",
                        of("tanh", lambda trace: vanishes(trace) and half_way(trace) < 0.03),
                        "Yes: each step back multiplies by one more factor.",
                    ),
                    "same": Option(
                        "it keeps about its size: the same weights are used at every step",
                        of("tanh", stays),
                        "The same weights at every step mean about the same factor at every step, not the same size.",
                    ),
                    "grows": Option(
                        "it grows: early steps influence everything after them",
                        of("tanh", explodes),
                        "An early step influences every later state, but the last one only very weakly.",
                    ),
                }
            ),
            config=SMALL,
            takeaway="Every step back multiplies by one more factor; here it is about a third.",
            explain="The axis counts decades, and on such an axis a constant factor is a straight line. The dashed "
            "bound (γ·σ_max)^(T−t) is below 1 too: for this network vanishing is guaranteed, whatever it reads.",
            holds=of("tanh", lambda trace: 0.28 < 10 ** (change(trace) / 39) < 0.38 and trace.sigma_max < 1),
        ),
        Screen(
            setting="The same network. The dotted line is the bound that no run can exceed.",
            ask="Sketch ‖∂L_T/∂h_t‖ from step 1 to step 40.",
            question=Sketch(gradient_terms, "tanh", ("tanh bound",), near=2.0),
            config=SMALL,
            takeaway="A straight line on an axis of decades: exponential decay.",
            explain="The run falls faster than its bound: σ_max is the most that W_hh can do to any vector, and φ′ is "
            "below 1 wherever a unit is not at 0. Raise the weight scale until the line is level, and notice that the "
            "bound points upward by then.",
            holds=of(
                "tanh",
                lambda trace: (
                    change(trace) < trace.bound[0] - trace.bound[-1] - 5
                    and with_(trace, weight_scale=2).sigma_max > 1
                    and stays(with_(trace, weight_scale=2))
                ),
            ),
        ),
        Screen(
            setting="At T = 40 the term that reaches step 1 is about 10⁻¹⁹. The text goes on, to T = 80.",
            ask="How large is ‖∂L_T/∂h_1‖ now?",
            question=Magnitude("‖∂L_T/∂h_1‖", -60.0, 0.0, of("tanh", lambda trace: trace.last_row[0]), near=3.0),
            config=Config(weight_scale=0.5, hidden_size=32, sequence_length=80, truncation="full"),
            takeaway="Twice the steps, twice the decades: the size is squared, not halved.",
            explain="Decades add up: 19 for the first 39 steps back, 19 more for the next forty. A number this small "
            "is exact here because the engine carries logarithms beside the directions.",
            holds=of(
                "tanh", lambda trace: abs(trace.last_row[0] / with_(trace, sequence_length=40).last_row[0] - 2) < 0.1
            ),
        ),
        Screen(
            setting="The same network at T = 100, computed in float32, as most training is.",
            ask="What does a program read for ‖∂L_T/∂h_1‖?",
            question=Choose(
                {
                    "small": Option(
                        "a very small number, close to the true one",
                        of("tanh", lambda trace: trace.last_row[0] > FLOAT32_ZERO),
                        "float32 cannot write numbers below 10⁻⁴⁵.",
                    ),
                    "zero": Option(
                        "exactly 0",
                        of("tanh", lambda trace: trace.last_row[0] < FLOAT32_ZERO),
                        "Yes: it underflows, without any warning.",
                    ),
                    "error": Option(
                        "NaN or an error message",
                        of("tanh", lambda trace: not trace.last_row[0] < 0),
                        "Overflow gives ∞ and then NaN. Underflow is silent: the answer is 0, and training goes on.",
                    ),
                }
            ),
            config=Config(weight_scale=0.5, hidden_size=32, sequence_length=100, truncation="full"),
            takeaway="Below 10⁻⁴⁵ float32 reads exactly 0, and nobody is told.",
            explain="The dotted level in the picture is where float32 ends. Rescaling the loss shifts the whole line "
            "up, and moves the problem some steps further; it does not change the factor.",
            holds=of("tanh", lambda trace: trace.last_row[0] < FLOAT32_ZERO < trace.last_row[20]),
        ),
        Screen(
            setting="Compare two trainings of this network: on 10 steps, and on 80 steps, where the far terms have "
            "vanished.",
            ask="How does ‖∂L/∂W_hh‖, the gradient that updates the weights, compare?",
            question=Choose(
                {
                    "vanished": Option(
                        "at T = 80 it has vanished too, it is below 10⁻¹⁵",
                        of("tanh", lambda trace: size_over_length(trace) < 1e-3),
                        "It is a sum over steps. The steps near the loss contribute as before.",
                    ),
                    "same": Option(
                        "it is about the same",
                        of("tanh", lambda trace: 0.5 < size_over_length(trace) < 2),
                        "Yes: the near steps make up nearly all of it in both cases.",
                    ),
                    "larger": Option(
                        "at T = 80 it is about eight times as large: eight times as many contributions",
                        of("tanh", lambda trace: size_over_length(trace) > 4),
                        "There are eight times as many contributions, but the new ones are as good as 0.",
                    ),
                }
            ),
            config=Config(weight_scale=0.5, hidden_size=32, sequence_length=80, truncation="full"),
            takeaway="Vanishing does not stop training: it stops learning from what is far away.",
            explain="Its norm is 2.5 in both. The loss falls, the weights move, the curves look healthy. What is "
            "missing cannot be seen in the norm of the gradient, only in where it comes from.",
            holds=of(
                "tanh",
                lambda trace: 0.8 < size_over_length(trace) < 1.25 and round(float(trace.full.norms["W_hh"]), 1) == 2.5,
            ),
        ),
    ),
)
