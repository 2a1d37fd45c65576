"""The return of vanishing: very large weights push the units to where the activation is flat."""

from explorer.config import Config
from explorer.engine.diagnostics import saturated_share
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.theme import number
from explorer.lessons.measure import change, explodes, of, stays, vanishes, with_
from explorer.lessons.questions import Choose, Magnitude, Option
from explorer.lessons.screens import Lesson, Screen

HUGE = Config(weight_scale=16, hidden_size=8, truncation="full")


def flat(trace) -> float:
    """The share of unit-steps with φ′ < γ/10."""
    return saturated_share(trace.slopes, trace.activation.gamma)


LESSON = Lesson(
    "Vanishing returns",
    "What happens if the weights are made larger and larger.",
    (
        Screen(
            setting="Eight tanh units, and very large weights: scale 16, ρ = 12.8.",
            ask="What does the last loss’s term do over 50 steps?",
            question=Choose(
                {
                    "explodes": Option(
                        "it explodes, more than at any smaller scale",
                        of("tanh", explodes),
                        "Large weights enlarge a gradient only if the slopes φ′ let it through.",
                    ),
                    "stays": Option(
                        "it keeps about its size",
                        of("tanh", stays),
                        "Two strong effects would have to cancel at every step.",
                    ),
                    "vanishes": Option(
                        "it vanishes",
                        of("tanh", vanishes),
                        "Yes: with such weights nearly every unit sits where tanh is flat.",
                    ),
                }
            ),
            config=HUGE,
            takeaway="Very large weights bring vanishing back, through saturation.",
            explain="φ′ = 1 − tanh² is nearly 0 at the ends. The weights multiply by about 13, the slopes by less "
            "than 1/13. Drag the weight scale from 1 to 16: the line rises first and sinks later.",
            holds=of(
                "tanh",
                lambda trace: (
                    number(trace.rho) == "12.8"
                    and flat(trace) > 0.8
                    and change(with_(trace, weight_scale=3)) > change(trace)
                    and change(with_(trace, weight_scale=3)) > change(with_(trace, weight_scale=1))
                ),
            ),
            pictures=(gradient_terms, hidden_states),
        ),
        Screen(
            setting="The same eight units.",
            ask="By what factor does the term change from step 50 to step 1?",
            question=Magnitude("‖∂L_T/∂h_1‖ / ‖∂L_T/∂h_T‖", -80.0, 80.0, of("tanh", change), near=8.0),
            config=HUGE,
            takeaway="Vanishing by saturation can be faster than vanishing by small weights.",
            explain="At scale 0.5 this network loses fewer decades than here. What is largest is not what carries "
            "furthest: somewhere in between lies the longest memory. Find it.",
            holds=of(
                "tanh",
                lambda trace: (
                    change(trace) < change(with_(trace, weight_scale=0.5)) < -3
                    and change(with_(trace, weight_scale=3)) > change(with_(trace, weight_scale=0.5))
                ),
            ),
        ),
        Screen(
            setting="Scale 16 again, with more units: H = 64 instead of 8. Nine tenths of the unit-steps are flat in "
            "both.",
            ask="What does the term do now?",
            question=Choose(
                {
                    "vanishes": Option(
                        "it vanishes as before: the units are saturated as before",
                        of("tanh", vanishes),
                        "A tenth of 8 units is mostly nobody; a tenth of 64 is always somebody.",
                    ),
                    "faster": Option(
                        "it stays within a factor of 1000",
                        of("tanh", stays),
                        "With so many ways through, what gets through is multiplied by large weights.",
                    ),
                    "explodes": Option(
                        "it explodes",
                        of("tanh", explodes),
                        "Yes: at every step some units are on their way from one end to the other, and there the "
                        "slope is steep.",
                    ),
                }
            ),
            config=Config(weight_scale=16, hidden_size=64, truncation="full"),
            takeaway="The few units that are not flat are enough, if there is always one.",
            explain="Saturation wins if the scale is large compared with H. There is no rule of thumb in the weight "
            "alone: scale, size and input decide together. Drag H from 4 to 64.",
            holds=of(
                "tanh",
                lambda trace: (
                    flat(trace) > 0.85
                    and flat(with_(trace, hidden_size=8)) > 0.85
                    and vanishes(with_(trace, hidden_size=8))
                    and vanishes(with_(trace, hidden_size=4))
                ),
            ),
            pictures=(gradient_terms, hidden_states),
            sliders=("hidden_size", "weight_scale"),
        ),
        Screen(
            setting="Small recurrent weights again (scale 1, 16 units), but the inputs are enlarged: W_xh times 10.",
            ask="What do strong inputs do to the term?",
            question=Choose(
                {
                    "stronger": Option(
                        "it falls more slowly: stronger inputs make a stronger gradient",
                        of("tanh", lambda trace: change(trace) > change(with_(trace, input_scale=1)) + 1),
                        "The inputs are not in the chain ∂h_T/∂h_1 at all, except through φ′.",
                    ),
                    "nothing": Option(
                        "nothing: the chain from state to state has only W_hh in it",
                        of("tanh", lambda trace: abs(change(trace) - change(with_(trace, input_scale=1))) <= 1),
                        "The chain is diag(φ′(a))·W_hhᵀ, and the inputs are in a.",
                    ),
                    "faster": Option(
                        "it falls much faster",
                        of("tanh", lambda trace: change(trace) < 2 * change(with_(trace, input_scale=1)) - 1),
                        "Yes: strong inputs drive the units to the flat ends, exactly as strong recurrent weights do.",
                    ),
                }
            ),
            config=Config(input_scale=10, truncation="full"),
            takeaway="Whatever drives units to the flat ends closes the way back.",
            explain="Input scale, bias and recurrent weights all act through a, and a decides φ′. This is why "
            "normalising what enters a unit helps to keep gradients alive.",
            holds=of("tanh", lambda trace: flat(trace) > 2 * flat(with_(trace, input_scale=1))),
            pictures=(gradient_terms, hidden_states),
            sliders=("input_scale", "weight_scale"),
        ),
    ),
)
