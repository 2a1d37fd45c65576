"""Downloads are still there when their browser comes for them.

A file that is made on demand belongs to no page. Streamlit marks it for deletion at the end of a run, of any session,
and deletes it at the end of the next one: in a class at work that is milliseconds, less than the way to a browser and
back. Here a marked file stays for SECONDS.
"""

from __future__ import annotations

from contextlib import suppress
from time import monotonic
from typing import Any

SECONDS = 20.0


def keep_files() -> None:
    """From here on; more than once changes nothing. A later Streamlit may keep its files elsewhere."""
    with suppress(ImportError):
        from streamlit.runtime.media_file_manager import MediaFileMetadata

        MediaFileMetadata.mark_for_delete = mark
        MediaFileMetadata.is_marked_for_delete = property(marked_long_ago)


def mark(file: Any) -> None:
    """Nobody shows it any more; only the first time counts."""
    file.__dict__.setdefault("marked", monotonic())


def marked_long_ago(file: Any) -> bool:
    """Whether it may go."""
    return monotonic() - file.__dict__.get("marked", monotonic()) > SECONDS
