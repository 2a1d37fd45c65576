"""Success against length, as a part of the Training page: run it in slices, or open what the script wrote."""

from __future__ import annotations

import time

import streamlit as st

from explorer.crowd import by_itself, line
from explorer.figures.trainability import before_training, success
from explorer.live.chart import chart
from explorer.live.turns import turns, who
from explorer.markdown import plain
from explorer.texts import HERE as TEXTS
from explorer.texts import text, words
from explorer.training.trainability import BUDGET, LENGTHS, METHODS, SEEDS, Survey, from_csv, jobs, reach, to_csv

SLICE, TICK = 0.045, 0.1  # seconds of work, and between two slices
NAME = " (length)"  # this session's second place in the queue


@st.cache_resource(max_entries=4, show_spinner=False)
def reached(lengths: tuple[int, ...], seeds: int) -> dict[int, float]:
    """The regime map's column, once for everybody."""
    return reach(lengths, seeds)


def widget() -> None:
    """Buttons, progress, the two pictures."""
    if "survey" not in st.session_state:
        take((TEXTS / "trainability.csv").read_bytes())  # the script's, to begin with
    survey: Survey = st.session_state["survey"]
    running = survey.state == "running"
    run, file, save = st.columns([1.2, 2, 1.2], vertical_alignment="bottom")
    label = words("survey.pause" if running else "survey.continue" if survey.left() else "survey.begin")
    run.button(label, on_click=toggle, width="stretch", help=words("survey.runs", runs=len(jobs()), budget=BUDGET))
    upload = file.file_uploader(words("survey.open"), type=["csv"], key="survey_file", max_upload_size=2)
    if upload is not None and st.session_state.get("survey_opened") != upload.file_id:
        st.session_state["survey_opened"] = upload.file_id
        problem = take(upload.getvalue())
        if problem:
            st.error(plain(f"{upload.name[:60]}: {problem}"))
        else:
            st.rerun()
    if survey.results:
        table = to_csv(survey.results, survey.budget)
        save.download_button(words("survey.save"), table, "trainability.csv", on_click="ignore", width="stretch")
    st.fragment(by_itself(live), run_every=TICK if running else None)()
    st.markdown(text("trainability").format(methods=", ".join(METHODS), seeds=SEEDS))


def toggle() -> None:
    """Begin, pause, or go on with what is left."""
    survey: Survey = st.session_state["survey"]
    if not survey.left():
        st.session_state["survey"] = Survey(jobs())
    elif survey.state == "running":
        survey.state = "paused"
        turns().leave(who() + NAME)
    else:
        survey.state = "running"


def take(data: bytes) -> str:
    """Show a table; what is wrong with it, or ""."""
    try:
        results, budget = from_csv(data.decode("utf-8-sig"))
    except ValueError as error:  # a UnicodeDecodeError is one
        return str(error)
    st.session_state["survey"] = Survey([], budget, results, "done")
    return ""


def live() -> None:
    """A slice, if it is this session's turn; a picture whenever there is a new result."""
    survey: Survey = st.session_state["survey"]
    if survey.state == "running":
        place = turns().ask(who() + NAME, time.monotonic())
        if place == 0:
            survey.slice(SLICE, line().let_pass)
        done, all_jobs = len(survey.results), len(survey.todo)
        said = words("survey.progress" if place == 0 else "survey.waits", done=done, all=all_jobs)
        st.progress(done / max(all_jobs, 1), said)
        if survey.state == "done":
            turns().leave(who() + NAME)
            st.rerun()
    if survey.results:
        left, right = st.columns(2, gap="large")
        with left:
            chart(success(survey.results, survey.budget), "survey_success")
        with right:
            lengths = tuple(sorted({T for _, T, _ in survey.results} | {LENGTHS[0]}))
            chart(before_training(reached(lengths, SEEDS), survey.results), "survey_reach")
