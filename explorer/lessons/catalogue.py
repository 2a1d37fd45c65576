"""The lessons in the order of the page, by the name that stands in a link."""

from explorer.lessons import vanishing
from explorer.lessons.screens import Lesson

LESSONS: dict[str, Lesson] = {
    "vanishing": vanishing.LESSON,
}
