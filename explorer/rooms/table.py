"""The answers of a room as CSV, for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet would run instead of show


def as_csv(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Rows with their header. Numbers stay numbers, lists and dictionaries are JSON, and no text is a formula."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    for row in (header, *rows):
        table.writerow([cell(value) for value in row])
    return written.getvalue()


def cell(value: Any) -> Any:
    """A value as it goes into a cell."""
    if isinstance(value, (int, float)):
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    return "'" + text if text.lstrip(" ").startswith(FORMULA) else text
