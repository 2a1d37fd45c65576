"""Hostile input by kind: what looks like a good value, what is one with a few characters changed, what is none."""

from __future__ import annotations

from hypothesis import strategies as st

from explorer.config import SPECS
from explorer.specs import Choice, Number

MARKUP = (
    "<script>document.title='hacked'</script>",
    "<img src=x onerror=\"document.title='hacked'\">",
    "</style><style>*{display:none}</style>",
    "[click](javascript:alert(1))",
    "![x](http://127.0.0.1:1/x.png)",
    "**bold** _it_ `code` ~~gone~~ # head",
    "$\\frac{a}{b}$ $$x$$ \\[y\\]",
    ":red[colour] :material/delete: :streamlit:",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "{{7*7}} ${7*7} %s %n {0.__class__} f'{x}'",
    "'; DROP TABLE rooms; --",
    "../../../../etc/passwd\0.png",
)
SPECIAL = (
    *("", " ", "0", "-0", "00050", "1e3", "1E999", "-inf", "nan", "1,5", "1_000", "0x10", "٣", "½", "５", "²"),
    *(
        "9" * 400,
        "9" * 5000,
        "1e-400",
        "true",
        "None",
        "null",
        "[]",
        "{}",
        "\0",
        "\ud7ff",
        "\ufeff",
        "\u202e",
        "\u2028",
    ),
    *(
        "x" * 100_000,
        "e\u0301" * 500,
        "\u202egnp.exe",
        "👩‍👩‍👧‍👦" * 20,
        "".join(map(chr, range(0x4E00, 0x4E00 + 1990))),
    ),
    *MARKUP,
)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.one_of(st.integers(), st.floats(), st.integers(-3, 2000)).map(str)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words, st.sampled_from(SPECIAL)),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(words, inner, max_size=5)),
    max_leaves=12,
)


@st.composite
def mutated(draw, good: st.SearchStrategy[str]) -> str:
    """A good value with a few characters deleted, doubled, replaced or put in."""
    text = draw(good)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        put = draw(
            st.one_of(words.map(lambda w: w[:3]), st.just(""), st.sampled_from("-.e,;:|+%&=<$\0"), st.just(text))
        )
        text = text[:at] + put + text[at + draw(st.integers(0, 2)) :]
    return text


def good_value(name: str) -> st.SearchStrategy[str]:
    """What a page itself would write for a field of Config or an extra."""
    spec = SPECS.get(name)
    if isinstance(spec, Choice):
        return st.sampled_from(list(spec.options))
    if isinstance(spec, Number):
        return st.one_of(st.sampled_from((spec.low, spec.high, *spec.grid)), st.integers(0, 300)).map(str)
    return st.sampled_from(("tanh,relu", "W_hh:0.5,0;0,1|b_h:1,2,3", "mississippi", "30", "0.5", "dogs"))


def queries(names: dict[str, str]) -> st.SearchStrategy[dict[str, str]]:
    """URL parameters; `names` says by URL name which field or extra it is. One in five names means nothing."""
    known = st.sampled_from(sorted(names))
    pairs = known.flatmap(lambda url: st.tuples(st.just(url), values(good_value(names[url]))))
    foreign = st.tuples(words, st.one_of(words, st.sampled_from(SPECIAL)))
    return st.lists(st.one_of(pairs, pairs, pairs, pairs, foreign), min_size=1, max_size=8).map(dict)


def values(good: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Good, nearly good, numbers, words, and what has broken programs before."""
    return st.one_of(good, mutated(good), numbers, words, st.sampled_from(SPECIAL))


texts = st.one_of(
    st.text(st.characters(), max_size=60),  # half characters too: a browser can send them
    st.text("ab\u202e\u200f\u0301\x00\x07\x1b\x7f\r\n\t", max_size=30),
    st.sampled_from(SPECIAL),
    st.tuples(st.sampled_from(MARKUP), st.sampled_from(MARKUP), words).map("".join),
    mutated(st.sampled_from(("mississippi", "the quick brown fox ", "日本語のテキスト", "ШАШЛЫК"))),
)
