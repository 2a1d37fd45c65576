"""What a hidden state is: H numbers, made anew at every step."""

import numpy as np

from explorer.config import Config
from explorer.figures.hidden_states import hidden_states
from explorer.lessons.measure import apart, change_of_state, of, vanishes, with_
from explorer.lessons.questions import Choose, Magnitude, Option
from explorer.lessons.screens import Lesson, Screen

STATES = {"show": ("tanh",), "pictures": (hidden_states,)}


def settled(trace) -> bool:
    """h_36 and h_40, four letters apart, agree to three digits and are not 0."""
    return apart(trace, 36, 40) < 1e-3 and np.linalg.norm(trace.hs[40]) > 0.1


LESSON = Lesson(
    "What a hidden state is",
    "A few numbers that carry the past, and how long they carry it.",
    (
        Screen(
            setting="A network of 16 tanh units reads d, o, g, s, d, o, g, s, … one letter per step.",
            ask="Steps 1 and 5 both read “d”. How do the states h_1 and h_5 compare?",
            question=Choose(
                {
                    "same": Option(
                        "they are equal: same letter, same weights, same state",
                        of("tanh", lambda trace: apart(trace, 1, 5) < 1e-3),
                        "That would be a network without W_hh. The state also takes in the state before it.",
                    ),
                    "different": Option(
                        "they differ: h_5 also depends on what was read before it",
                        of("tanh", lambda trace: apart(trace, 1, 5) >= 1e-3 and trace.hs[1].size == trace.hs[5].size),
                        "Yes: h_5 is made from the letter and from h_4, and h_4 is not h_0 = 0.",
                    ),
                    "longer": Option(
                        "h_5 is longer: it holds five letters by now",
                        of("tanh", lambda trace: trace.hs[5].size > trace.hs[1].size),
                        "The state has H numbers at every step. Whatever it keeps of the past has to share them.",
                    ),
                }
            ),
            config=Config(weight_scale=0.5, sequence_length=12),
            takeaway="The state is H numbers, made anew at every step from the letter and the state before.",
            explain="Each row of the picture is one unit over time, each column one state. Turn the weight scale down "
            "to 0.1: h_1 and h_5 come closer, because less of the state before gets through.",
            holds=of("tanh", lambda trace: apart(with_(trace, weight_scale=0.1), 1, 5) < apart(trace, 1, 5) / 3),
            sliders=("weight_scale", "hidden_size"),
            **STATES,
        ),
        Screen(
            setting="32 tanh units with small recurrent weights (scale 0.5) have read “dogs” ten times.",
            ask="Steps 36 and 40 both read “s”. How do h_36 and h_40 compare?",
            question=Choose(
                {
                    "different": Option(
                        "they differ clearly: everything that was read is still in there",
                        of("tanh", lambda trace: apart(trace, 36, 40) >= 1e-3),
                        "It was in there, but every step scales it down. After some steps nothing of it is visible.",
                    ),
                    "cycle": Option(
                        "they agree to three digits or more: the state has settled into a cycle",
                        of("tanh", settled),
                        "Yes: the start is forgotten, only the last few letters count.",
                    ),
                    "nothing": Option(
                        "both are nearly 0: tanh squashes the state again and again",
                        of("tanh", lambda trace: np.linalg.norm(trace.hs[40]) < 0.1),
                        "Old content fades, but every step reads a new letter through W_xh.",
                    ),
                }
            ),
            config=Config(weight_scale=0.5, hidden_size=32, sequence_length=40),
            takeaway="With small weights the state forgets: after a few letters the start does not matter any more.",
            explain="The picture repeats every four steps. What fades on the way forward, the influence of an early "
            "letter on a late state, is the very thing that the gradient measures on the way back.",
            holds=of("tanh", lambda trace: settled(trace) and vanishes(trace)),
            **STATES,
        ),
        Screen(
            setting="The same network and text, with ten times the recurrent weights (scale 5).",
            ask="And now: how do h_36 and h_40 compare?",
            question=Choose(
                {
                    "cycle": Option(
                        "they agree again: the text repeats, so the state must repeat",
                        of("tanh", settled),
                        "A repeating input has a repeating answer only if the network forgets its start.",
                    ),
                    "stuck": Option(
                        "all units sit at ±1 and never move again",
                        of("tanh", lambda trace: np.abs(trace.hs[36] - trace.hs[40]).max() < 1e-3),
                        "Many units are near ±1, but large weights also throw them from one end to the other.",
                    ),
                    "never": Option(
                        "they differ by about their own size: the state never settles",
                        of("tanh", lambda trace: apart(trace, 36, 40) > 0.3),
                        "Yes: differences are enlarged instead of forgotten, and the same letters never find the same "
                        "state.",
                    ),
                }
            ),
            config=Config(weight_scale=5, hidden_size=32, sequence_length=40),
            takeaway="With large weights differences grow: the text repeats, the state does not.",
            explain="Drag the weight scale slowly from 0.5 upward and watch the pattern dissolve. Between forgetting "
            "and this restlessness lies a narrow range in which a network can hold on to something.",
            holds=of("tanh", lambda trace: settled(with_(trace, weight_scale=0.5)) and apart(trace, 36, 40) > 0.3),
            **STATES,
        ),
        Screen(
            setting="Back to small weights (scale 0.5), 20 steps. Somebody swaps the first letter, “d”, for an “o”.",
            ask="By how much does h_20 change, as a fraction of its length?",
            question=Magnitude("‖change of h_20‖ / ‖h_20‖", -16.0, 1.0, of("tanh", change_of_state), "", near=1.5),
            config=Config(weight_scale=0.5, hidden_size=32, sequence_length=20),
            takeaway="One letter, 19 steps ago, is a change far below what a weight can react to.",
            explain="19 steps have each scaled the difference down. A network that should remember the first letter "
            "would have to learn it from this.",
            holds=of("tanh", lambda trace: change_of_state(trace) < -6),
            **STATES,
        ),
    ),
)
