"""Nothing that a reader reads stands in the code of pages: it is in texts/, in lessons/, or with what it belongs to."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from explorer.texts import table, words

ROOT = Path(__file__).parents[1]
EXPLORER = ROOT / "explorer"
# Where words stand beside what they belong to, so that an entry in a table stays one entry in one file.
ELSEWHERE = {
    "engine": "titles in the tables of the engine, and what is wrong with a value",
    "figures": "titles of pictures, names of lines, and sentences that are computed from a run",
    "lessons": "lessons and presets",
    "rooms": "what is wrong with a code",
    "config.py": "labels and helps of the controls",
    "specs.py": "what is wrong with a value",
    "recipe.py": "labels and helps of the controls",
    "run": "what is wrong with a value",
    "read_network.py": "what is wrong with a file",
    "read_sequence.py": "what is wrong with a file",
    "trained.py": "what is wrong with a file",
    "trainability.py": "what is wrong with a table",
    "links.py": "what is wrong with a link",
    "data.py": "what the arrays of a file are, in a table",
    "script.py": "a program that is written, in the language of programs",
    "loops.py": "the same",
    "training_script.py": "the same",
    "shape_script.py": "the same",
    "source.py": "the same",
    "notebook.py": "the same",
    "prose.py": "HTML",
    "handout.py": "HTML",
    "steps.py": "HTML",
    "diagram.py": "HTML",
    "component.py": "JavaScript",
}
SOURCES = [ROOT / "app.py", *sorted(EXPLORER.rglob("*.py"))]
PAGES = [path for path in SOURCES if not {path.name, *path.relative_to(ROOT).parts[1:-1]} & set(ELSEWHERE)]
SPECS = {"Number", "Choice", "Text", "Page"}  # a control's label and help; a page's name in the session
TWO_WORDS = re.compile(r"[^\W\d_]{2,}[,.:;]? +[(“]?(?:[^\W\d_]{2}|…)|… +[^\W\d_]{2}|^[A-Z][a-z]+$")
SHOWN_FIRST = {"caption", "markdown", "info", "warning", "error", "success", "subheader", "expander", "popover"}
SHOWN_FIRST |= {"toggle", "radio", "selectbox", "multiselect", "segmented_control", "pills", "slider", "select_slider"}
SHOWN_FIRST |= {"number_input", "text_input", "text_area", "file_uploader", "download_button", "form_submit_button"}
SHOWN_FIRST |= {"button"}


def named(node):
    """The last part of the name that is called."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def without(node):
    """Literals that are not for readers of a page: docstrings, messages of errors and of the log, what a Spec says of
    its control, keys of the session.
    """
    if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
        first = node.body[0] if node.body else None
        return [first] if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else []
    if isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and named(node) in SPECS):
        return [node]
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("__all__", "record.msg"):
        return [node]
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "st.session_state":
        return [node.slice]
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("st.session_state."):
        return node.args[:1]
    return []


def written(node):
    """A literal with … for what is put in, or None for any other node."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def left_outside(tree):
    """Literals that a reader would read."""
    skipped = {id(inner) for node in ast.walk(tree) for each in without(node) for inner in ast.walk(each)}
    skipped |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = None if id(node) in skipped else written(node)
        if text is not None and TWO_WORDS.search(text):
            yield text
        if isinstance(node, ast.Call) and named(node) in SHOWN_FIRST and node.args:
            text = written(node.args[0])
            if text is not None and re.search(r"[^\W\d_]{2}", re.sub(r":\w+[/\w]*:", "", text)):
                yield text


SECTIONS = sorted({path.name.partition(".")[0] for path in (EXPLORER / "live").glob("*.js")} & set(table().sections()))


def calls():
    """Every use of words("section.key", value=…): the name and the values, None where they are not all written out."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and named(node) == "words":
                given = {keyword.arg for keyword in node.keywords}
                for name in possible(node.args[0]):
                    yield name, None if None in given else given


def possible(node):
    """The names that an argument of words() can be."""
    if isinstance(node, ast.IfExp):
        return [*possible(node.body), *possible(node.orelse)]
    if isinstance(node, ast.JoinedStr):  # f"lab.{state}": every name that can be made of it
        parts = [re.escape(part.value) if isinstance(part, ast.Constant) else "[a-z_]+" for part in node.values]
        return [name for name in every_name() if re.fullmatch("".join(parts), name)]
    return [node.value] if isinstance(node, ast.Constant) else []


def every_name():
    """section.key of all words that Python asks for."""
    sections = [section for section in table().sections() if section not in SECTIONS]
    return [f"{section}.{key}" for section in sections for key in table()[section]]


def holes(name):
    """The {…} of a text."""
    section, _, key = name.partition(".")
    return {field for _, field, _, _ in Formatter().parse(table()[section][key]) if field}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_is_left_in_the_code_of_pages(path):
    assert list(left_outside(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_every_word_asked_for_is_there_with_what_is_put_into_it():
    for name, given in calls():
        assert name in every_name()
        assert given is None or given == holes(name), name


def test_no_word_is_left_over():
    """Or a translator would work for nothing."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    used = {name for name, _ in calls()}
    assert [name for name in every_name() if name not in used and f'"{name}"' not in source] == []


MODULES = sorted((EXPLORER / "live").glob("*.js"))
LITERAL = re.compile(r"\"(?:[^\"\\\\]|\\\\.)*\"|`(?:[^`\\\\]|\\\\.)*`")
NAMES = re.compile(r"^((\$\{[^}]*\}|[a-z]{2})(-[\w-]*(\$\{[^}]*\})?)?\s*)+$")  # of classes: "sk-tick sk-middle"
KEYS = {"Backspace", "Delete", "End", "Enter", "Escape", "Home"}  # on a keyboard


def module_texts(source):
    """Literals of a module of the browser that a reader would read: two words, or one that begins with a capital."""
    for line in source.splitlines():
        for literal in LITERAL.findall(re.sub(r"(^|\s)//.*", "", line)):
            text = re.sub(r"\$\{[^}]*\}", "…", literal[1:-1])
            code = NAMES.match(literal[1:-1]) or re.search(r"[<>{};=]|\w-\w+\(", text) or text in KEYS
            if TWO_WORDS.search(text) and not code:
                yield text


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_text_is_left_in_the_modules_of_the_browser(path):
    assert list(module_texts(path.read_text(encoding="utf-8"))) == []


def test_the_words_of_the_modules_are_there_and_all_of_them_are_used():
    """say("key", …) in explorer/live/<section>.js and its parts; what [library] has is for all of them."""
    shared, asked_of_all = set(table()["library"]), set()
    for section in SECTIONS:
        source = "".join(path.read_text(encoding="utf-8") for path in MODULES if path.name.split(".")[0] == section)
        asked = {key for call in re.findall(r"\bsay\(([^){]*)", source) for key in re.findall(r'"([a-z0-9_]+)"', call)}
        asked_of_all |= asked
        assert asked - shared == set(table()[section]) - shared, section
    assert shared <= asked_of_all


def test_words():
    assert words("lessons.place", lesson="{x} % Vanishing", number=1, all=5) == "**{x} % Vanishing** · 1 of 5"
    with pytest.raises(KeyError):
        words("lessons.place")


def test_the_check_can_fail():
    for line in ('st.button("Go")', 'x = "two words"', 'f(f"{n} of them all")', 'st.caption("ok")', 'f("Reveal")'):
        assert list(left_outside(ast.parse(line))), line
    assert list(module_texts('node.textContent = "two words"')) == ["two words"]
    assert list(module_texts("node.title = `of ${n} steps`"))
    for line in (
        '"""A docstring here."""',
        'raise ValueError("no such thing")',
        'st.button(words("a.b"), key="some_key")',
    ):
        assert not list(left_outside(ast.parse(line))), line
