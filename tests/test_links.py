"""Links: versions, locks, and what old links mean for ever."""

import pytest

from explorer import links
from explorer.config import Config
from explorer.links import Locks, defaults_then, link, parse_locks, version_of

OFFERED = {"scale": "weight_scale", "T": "sequence_length", "show": "show"}


def test_a_link_without_a_version_is_of_version_1():
    assert version_of({}) == version_of({"v": "1"}) == 1


@pytest.mark.parametrize("text", ["0", "2", "-1", "1.0", "", "x", "¹", "٣", "9" * 5000])
def test_an_unknown_version_gets_a_sentence(text):
    with pytest.raises(ValueError, match="no version of links") as refusal:
        version_of({"v": text})
    assert len(str(refusal.value)) < 150


def test_an_old_link_is_read_against_the_defaults_of_its_time(monkeypatch):
    """A default changed in version 2 and again in 3: each link sees the value that held when it was made."""
    monkeypatch.setattr(links, "VERSION", 3)
    monkeypatch.setattr(
        links, "CHANGED", {1: {"explore": {"hidden_size": 8, "step": 5}}, 2: {"explore": {"hidden_size": 12}}}
    )
    today = Config(hidden_size=20)
    assert [defaults_then("explore", v, today, {"step": 9})[0].hidden_size for v in (1, 2, 3)] == [8, 12, 20]
    assert [defaults_then("explore", v, today, {"step": 9})[1]["step"] for v in (1, 2, 3)] == [5, 9, 9]
    assert defaults_then("flow", 1, today, {}) == (today, {})
    assert version_of({"v": "3"}) == 3


def test_locks_by_either_name():
    locks, problems = parse_locks({"lock": "scale,sequence_length,scale", "hide": "show"}, OFFERED)
    assert locks == Locks(("weight_scale", "sequence_length"), ("show",))
    assert problems == []
    assert locks.query() == {"lock": "weight_scale,sequence_length", "hide": "show"}
    assert parse_locks(locks.query(), OFFERED)[0] == locks


@pytest.mark.parametrize("value", ["💥", "scale;T", "__class__", "x" * 5000, "<script>", "a,b,c,d,e,f"])
def test_a_bad_lock_gets_a_sentence_and_locks_nothing(value):
    locks, (problem,) = parse_locks({"lock": value}, OFFERED)
    assert locks == Locks()
    assert "choose from scale, T, show" in problem
    assert len(problem) < 300


def test_a_link_is_quoted():
    assert link("http://x/", {}) == "http://x/"
    assert link("http://x/flow", {"text": "a b&c=💥", "T": "5"}) == "http://x/flow?text=a+b%26c%3D%F0%9F%92%A5&T=5"
