"""What the pages say: their prose, a Markdown file each, and their words (labels, buttons, messages) in words.ini.

A translation is the same files in another language. What else there is to translate: labels and helps, which stand
with the control they belong to (`config.py`, `training/recipe.py`, the Specs of a page); titles in the tables of the
engine; `lessons/`; sentences that are computed from a run (`figures/`) or say what is wrong with a value, where that is
checked.
"""

from configparser import ConfigParser
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


def text(name: str) -> str:
    """The text of a page."""
    return (HERE / f"{name}.md").read_text(encoding="utf-8")


def words(name: str, /, **values: object) -> str:
    """The words of this name, like "lessons.next", with these values in their {…}."""
    section, _, key = name.partition(".")
    return table()[section][key].format(**values)


@cache
def table() -> ConfigParser:
    """All words, by page."""
    parser = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.read(HERE / "words.ini", encoding="utf-8")
    return parser
