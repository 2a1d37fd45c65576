"""The prose of the pages, one Markdown file each."""

from pathlib import Path


def text(name: str) -> str:
    """The text of a page."""
    return (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8")
