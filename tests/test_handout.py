"""Handouts and figures as HTML: complete, escaped, and nothing is fetched; prose and its formulas; the data files."""

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from explorer.config import SPECS, Config
from explorer.export.data import npz, spreadsheet, table
from explorer.export.handout import figure_page, handout, settings_of
from explorer.export.prose import formula, prose
from explorer.export.steps import mathematics, steps
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.hidden_states import hidden_states
from explorer.figures.latex import tex
from explorer.figures.theme import Picture
from explorer.figures.verdict import verdict
from explorer.figures.walk import walk
from explorer.run import compare, run
from explorer.texts import text
from tests.own.test_own_network import network

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"
SMALL = Config(sequence_length=9, hidden_size=4)


class Reader(HTMLParser):
    """Tags with their attributes, and the text outside scripts and styles."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.open = [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.text += data


def made(config=SMALL, title="Explore", link="http://x/?T=9", words=None):
    traces = compare(config)
    pictures = [hidden_states(traces), gradient_terms(traces)]
    verdicts = [verdict(name, trace) for name, trace in traces.items()]
    return handout(
        title, settings_of(config), verdicts, pictures, text("explore") if words is None else words, link
    ), pictures


def test_it_holds_settings_sentences_pictures_and_the_text():
    html, pictures = made()
    page = Reader(html)
    for name, spec in SPECS.items():
        assert (spec.label in page.text) == (name != "text")
    for picture in pictures:
        assert picture.title in page.text
        assert picture.sentence in page.text
    assert "Truncation does not avoid vanishing." in page.text
    assert [attrs["href"] for tag, attrs in page.tags if tag == "a"] == ["http://x/?T=9"]
    figures = re.findall(r'<script type="application/json">(.*?)</script>', html, re.S)
    for figure in map(json.loads, figures):
        assert set(figure) == {"light", "dark"}
        assert "$" not in json.dumps(figure["light"]["layout"]["font"])
        assert figure["light"]["layout"]["font"] != figure["dark"]["layout"]["font"]


def test_nothing_is_fetched():
    """No address in it but the link to itself, and a policy that forbids the rest."""
    page = Reader(made()[0])
    assert not [tag for tag, attrs in page.tags if "src" in attrs or tag in ("link", "iframe", "img", "base")]
    policy = next(attrs["content"] for tag, attrs in page.tags if "http-equiv" in attrs)
    assert policy.startswith("default-src 'none'")


@pytest.mark.parametrize("where", ["text", "title", "link", "network", "picture"])
def test_hostile_text_stays_text(where):
    config, title, link = SMALL, "Explore", "http://x/"
    if where == "text":
        config = replace(SMALL, task="text", text=HOSTILE)
    elif where == "title":
        title = HOSTILE
    elif where == "link":
        link = "javascript:alert(1)//" + HOSTILE
    elif where == "network":
        config = replace(SMALL, network=network(name=HOSTILE))
    html = made(config, title, link)[0]
    if where == "picture":
        html = figure_page(Picture(HOSTILE, {"data": [{"type": "scatter", "name": HOSTILE}], "layout": {}}, HOSTILE))
    harmless = figure_page(Picture("", {"data": [], "layout": {}}, "")) if where == "picture" else made()[0]
    page, plain = Reader(html), Reader(harmless)
    assert [tag for tag, _ in page.tags].count("script") == [tag for tag, _ in plain.tags].count("script")
    assert not [tag for tag, attrs in page.tags if tag == "img" or any(name.startswith("on") for name in attrs)]
    assert not [attrs for tag, attrs in page.tags if attrs.get("href", "http").startswith("javascript")]
    if where in ("text", "title", "network"):
        assert HOSTILE in page.text


@pytest.mark.parametrize("name", ["explore", "flow", "by_hand", "own"])
def test_the_pages_texts_are_put_into_html_whole(name):
    """No LaTeX, no star and no dollar is left over, and no word is lost."""
    page = Reader(prose(text(name)))
    assert not re.search(r"[\\$]|\*\*", page.text)
    words = re.findall(r"[A-Za-z]{7,}", re.sub(r"\$[^$]*\$|\\\w+", "", text(name).replace("$$", "$")))
    assert [word for word in words if word not in page.text] == []
    assert {tag for tag, _ in page.tags} <= {"p", "ul", "li", "strong", "em", "code", "span", "sub", "sup"}


def test_formulas():
    assert formula(r"\frac{\partial L_T}{\partial h_k}") == "∂L<sub>T</sub>/∂h<sub>k</sub>"
    assert formula(r"dy_t W_{hy}^\top") == "dy<sub>t</sub> W<sub>hy</sub>ᵀ"
    assert formula(r"\lVert x\rVert \le e^{L}") == "‖ x‖ ≤ e<sup>L</sup>"


def test_prose_escapes_raw_html():
    assert "<b>" not in prose("a <b>c</b> & `<i>` $<x>$ [<u>](javascript:x)")


def test_every_array_says_what_it_is():
    """And is what the run has; the README in the file has a line for each."""
    traces = compare(SMALL)
    with np.load(io.BytesIO(npz(traces))) as file:
        lines = str(file["README"]).splitlines()[1:]
        arrays = [name for name in file.files if name != "README"]
        assert [line.split(" | ")[0] for line in lines] == arrays
        for line, name in zip(lines, arrays, strict=True):
            assert str(file[name].shape) in line
            assert len(line.split(" | ")) >= 3
        for name, trace in traces.items():
            np.testing.assert_array_equal(file[f"{name}.hs"], trace.hs)
            np.testing.assert_array_equal(file[f"{name}.flow"], trace.flow.log10_norms)
            np.testing.assert_array_equal(file[f"{name}.W_hh"], trace.params["W_hh"])


def test_the_table_has_a_row_per_step_and_every_digit():
    traces = compare(replace(SMALL, loss_at="every"))
    first, *rows = csv.reader(io.StringIO(table(traces).removeprefix("\ufeff")))
    assert len(rows) == 9
    for name, trace in traces.items():
        for column, values in (("loss L_t (nats)", trace.losses), ("log10 |dL_T/dh_t|", trace.last_row)):
            at = first.index(f"{name}: {column}")
            np.testing.assert_array_equal([float(row[at]) for row in rows], values)


def test_a_spreadsheet_takes_no_symbol_for_a_formula():
    traces = compare(replace(SMALL, task="text", text='=1+"x",\n@-+'))
    _, *rows = csv.reader(io.StringIO(table(traces)))
    assert all(row[1][:1] not in tuple("=+-@") for row in rows)


@pytest.mark.parametrize("phi", ["tanh", "sigmoid"])
def test_the_walk_by_hand_is_in_the_handout(phi):
    """Every quantity with its title and all its numbers; nothing of the LaTeX is left over."""
    trace = run(Config(activation=phi, task="text", text="dogs!", sequence_length=4, hidden_size=2, loss_at="every"))
    html = steps({phi: trace})
    said = Reader(html).text
    for stop in walk(trace):
        assert stop.title in said
        for x in np.ravel(stop.value):
            assert Reader(mathematics(tex(x))).text in said
    assert not set("\\{}$&") & set(said), set("\\{}$&") & set(said)
    assert "<p" not in html.replace("<p>", ""), "matrices are tables, and no paragraph can hold one"
    assert handout("By hand", settings_of(SMALL), [], [], "", more=html).count("<table") == html.count("<table") > 100


def test_a_matrix_is_a_table():
    cells = "<tr><td>1</td><td>−0.5</td></tr><tr><td>10<sup>−3</sup></td><td>0</td></tr>"
    latex = r"h\,\begin{bmatrix}1&-0.5\\10^{-3}&0\end{bmatrix}^{\top}"
    assert mathematics(latex) == f'h <table class="matrix">{cells}</table>ᵀ'


def test_a_spreadsheet_of_columns_of_different_lengths():
    """One that is shorter ends early; no header is a formula."""
    assert spreadsheet({"=n": [1, 2], "loss": [0.5]}) == "\ufeff'=n,loss\r\n1,0.5\r\n2,\r\n"
