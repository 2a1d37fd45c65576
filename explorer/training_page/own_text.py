"""A text of the user's own to train on: typed, or a file that the session keeps."""

from __future__ import annotations

import streamlit as st

from explorer import controls
from explorer.config import Config
from explorer.markdown import plain
from explorer.texts import words

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
        left.markdown(words("corpus.label", name=plain(corpus[0]), length=len(corpus[1])))
        right.button(words("corpus.let_go"), on_click=st.session_state.pop, args=("corpus",), width="stretch")
        return
    left, right = st.columns([2, 1])
    with left:
        controls.control("text")
    file = right.file_uploader(words("corpus.upload"), type=["txt", "md"], key="corpus_file", max_upload_size=1)
    if file is not None:
        problem = take_text(file.name, file.getvalue())
        if problem:
            st.error(plain(problem))
        else:
            st.rerun()


def take_text(name: str, data: bytes) -> str:
    """Keep an uploaded text for this session; what is wrong with it, or ""."""
    if len(data) > LONGEST_TEXT:
        return words("corpus.too_long", name=name, bytes=len(data), most=LONGEST_TEXT)
    try:
        read = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return words("corpus.not_utf8", name=name, byte=error.start + 1)
    if len(set(read)) < 2:
        return words("corpus.too_few", name=name)
    st.session_state["corpus"] = name[:60], read
    return ""
