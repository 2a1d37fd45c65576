"""Presets and lessons.

    presets.py      settings in one click, with a sentence on what to look at
    trials.py       the same for training: settings, a recipe, and what is compared
    questions/      kinds of questions: check an answer, score it, draw many of them
    screens.py      Screen and Lesson: settings, a question about their run, and what is said afterwards
    measure.py      what the lessons ask about a run
    catalogue.py    LESSONS, and beside it one file per lesson

Nothing here knows Streamlit: a lesson is data and functions of runs. `explorer/asking.py` puts a screen on a page.
"""
