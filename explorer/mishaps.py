"""What no page has foreseen: its details stay in the server's log, under a number that a visitor can quote.

`with reported():` around a page, `@reported()` on a fragment. What Streamlit runs by itself, callbacks above all, it
also catches by itself; `Numbered` gives its log entry a number then, and shows it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from explorer.texts import words

LOG = logging.getLogger(__name__)
SORRY = words("app.sorry")


@contextmanager
def reported() -> Iterator[None]:
    """Log an exception of the page and show its number. Streamlit's own signals (stop, rerun) are no Exceptions."""
    try:
        yield
    except Exception:
        LOG.exception("error %s", shown())


def shown() -> str:
    """Show a new number; the number."""
    number = secrets.token_hex(4)
    st.error(f"{SORRY} **{number}**.", icon=":material/bug_report:")
    return number


class Numbered(logging.Filter):
    """Between Streamlit and its log: an exception that nobody else has caught."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Put its number before the message."""
        if record.exc_info:
            record.msg = f"error {shown()}: {record.msg}"
        return True


def number_what_streamlit_catches() -> None:
    """From here on; more than once changes nothing."""
    logger = logging.getLogger("streamlit.error_util")
    if not any(isinstance(each, Numbered) for each in logger.filters):
        logger.addFilter(Numbered())
