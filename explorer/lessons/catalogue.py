"""The lessons in the order of the page, by the name that stands in a link."""

from explorer.lessons import (
    clipping,
    eigenvalues,
    exploding,
    gates,
    learning,
    saturation,
    sigmoid,
    state,
    sums,
    truncating,
    vanishing,
    windows,
)
from explorer.lessons.screens import Lesson

LESSONS: dict[str, Lesson] = {
    "state": state.LESSON,
    "sum": sums.LESSON,
    "vanishing": vanishing.LESSON,
    "sigmoid": sigmoid.LESSON,
    "exploding": exploding.LESSON,
    "saturation": saturation.LESSON,
    "truncation": truncating.LESSON,
    "windows": windows.LESSON,
    "clipping": clipping.LESSON,
    "eigenvalues": eigenvalues.LESSON,
    "lstm": gates.LESSON,
    "learning": learning.LESSON,
}
