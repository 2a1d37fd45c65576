"""A text of the user's own to train on: typed, or a file that the session keeps."""

from __future__ import annotations

import streamlit as st

from explorer import controls
from explorer.config import Config
from explorer.markdown import plain

LONGEST_TEXT = 1_000_000  # bytes


def chosen(config: Config) -> str | None:
    """The uploaded text, where the task reads a text and there is one."""
    corpus = st.session_state.get("corpus")
    return corpus[1] if corpus and config.task == "text" else None


def widget() -> None:
    """Typed text, or a file."""
    corpus = st.session_state.get("corpus")
    if corpus is not None:
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.markdown(f"Training text: **{plain(corpus[0])}**, {len(corpus[1]):,} characters.")
        right.button("Let it go", on_click=st.session_state.pop, args=("corpus",), width="stretch")
        return
    left, right = st.columns([2, 1])
    with left:
        controls.control("text")
    file = right.file_uploader("or a text file, UTF-8", type=["txt", "md"], key="corpus_file", max_upload_size=1)
    if file is not None:
        problem = take_text(file.name, file.getvalue())
        if problem:
            st.error(plain(problem))
        else:
            st.rerun()


def take_text(name: str, data: bytes) -> str:
    """Keep an uploaded text for this session; what is wrong with it, or ""."""
    if len(data) > LONGEST_TEXT:
        return f"{name} has {len(data):,} bytes: choose a file of at most {LONGEST_TEXT:,}"
    try:
        read = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return f"{name} is not UTF-8 text (byte {error.start + 1:,}): save it as UTF-8 and try again"
    if len(set(read)) < 2:
        return f"{name} has fewer than two different characters: nothing to predict"
    st.session_state["corpus"] = name[:60], read
    return ""
