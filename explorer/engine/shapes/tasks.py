"""What networks of each shape learn: small tasks of our own, each with one right answer.

An `Example` says symbol by symbol what each chain reads ("" for nothing) and what is asked for at each step ("" where
no loss is taken, "?" where nobody knows the answer: a sentence of one's own).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

BLANK, START = "___", "›"


@dataclass(frozen=True)
class Example:
    """`text` as it is typed; `reads` per chain, `answers` per step, in the order of time."""

    text: str
    reads: tuple[tuple[str, ...], ...]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """Symbols to read, classes to answer with, examples to learn from and `unseen` ones to be asked only.

    read(text) → Example for anything typed of known symbols; ValueError with a sentence for what cannot be read.
    `asks` says what may be typed, `play` whether the classes are notes.
    """

    symbols: tuple[str, ...]
    classes: tuple[str, ...]
    examples: tuple[Example, ...]
    read: Callable[[str], Example]
    asks: str
    unseen: tuple[Example, ...] = ()
    play: bool = False

    def known(self, text: str) -> Example:
        """The example of this text, with its answers where there are any."""
        example = self.read(text)
        return next((each for each in self.examples + self.unseen if each.text == example.text), example)


def as_rows(symbols: Sequence[Sequence[str]], names: Sequence[str]) -> np.ndarray:
    """N sequences of T symbols → (T, N, D), a zero row for the symbol ""."""
    rows = dict(zip(names, np.eye(len(names)), strict=True)) | {"": np.zeros(len(names))}
    return np.array([[rows[symbol] for symbol in sequence] for sequence in symbols]).swapaxes(0, 1)


def words_of(text: str, known: Sequence[str], longest: int) -> tuple[str, ...]:
    """The words of a typed text as the network knows them, if it knows all and there are not too many."""
    spelling = {word.lower(): word for word in known}
    words = text.replace(".", " ").split()
    unknown = [word for word in words if word.lower() not in spelling]
    if unknown:
        names = ", ".join(sorted((word for word in known if word != BLANK), key=str.lower))
        raise ValueError(f"“{unknown[0][:30]}” is not a word that this network has read. It knows: {names}.")
    if not 1 <= len(words) <= longest:
        raise ValueError(f"{len(words)} words: type 1 to {longest}.")
    return tuple(spelling[word.lower()] for word in words)


def vocabulary(sequences: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Every symbol once, in order of first appearance."""
    return tuple(dict.fromkeys(itertools.chain.from_iterable(sequences)))


# ------------------------------------------------------------------------------------------------ a letter

LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def next_letter() -> Task:
    """A letter → the letter after it in the alphabet; after z comes a."""

    def read(text: str) -> Example:
        letter = text.strip().lower()
        if letter not in LETTERS:
            raise ValueError(f"“{text[:30]}” is not one letter from a to z.")
        return Example(letter, ((letter,),), (LETTERS[(LETTERS.index(letter) + 1) % len(LETTERS)],))

    return Task(LETTERS, LETTERS, tuple(map(read, LETTERS)), read, "a letter")


# ------------------------------------------------------------------------------------------------ tunes

NOTES = ("C", "D", "E", "F", "G", "A", "B", "C’")
TUNES = ("C D E G A G E D C", "D F A F G E F E D", "E G C’ B G A F G E", "G A B C’ A F D E C", "A E C E B G F G A")


def tunes() -> Task:
    """A first note → the rest of the one tune that begins with it; nothing is read after the first note."""

    def example(tune: str) -> Example:
        first, *rest = tune.split()
        return Example(first, ((first, *("",) * (len(rest) - 1)),), tuple(rest))

    def read(text: str) -> Example:
        note = text.strip().replace("'", "’").upper()
        if note not in NOTES:
            raise ValueError(f"“{text[:30]}” is not one of the notes {' '.join(NOTES)}.")
        length = len(TUNES[0].split()) - 1
        return Example(note, ((note, *("",) * (length - 1)),), ("?",) * length)

    return Task(NOTES, NOTES, tuple(map(example, TUNES)), read, "the first note", play=True)


# ------------------------------------------------------------------------------------------------ sentiment

OPINIONS = {
    "positive": (
        "the film was good",
        "the film was very good",
        "the film was not bad",
        "the film was not boring",
        "the soup is lovely",
        "the soup is very lovely",
        "the soup is not bad",
        "the soup was good",
        "the song is very good",
        "the song was lovely",
        "the song was not boring",
        "I like the soup",
        "I like the film very much",
    ),
    "negative": (
        "the film was bad",
        "the film was very boring",
        "the film was not good",
        "the film was not lovely",
        "the soup is bad",
        "the soup is very bad",
        "the soup is not lovely",
        "the soup was not good",
        "the song is boring",
        "the song was bad",
        "the song was not lovely",
        "I do not like the soup",
        "I do not like the song",
    ),
}
LONGEST = 8  # words of a sentence of one's own


def sentiment() -> Task:
    """A sentence → positive or negative, asked once, at its end. “not” turns what comes after it."""
    examples = [make_opinion(text, kind) for kind, texts in OPINIONS.items() for text in texts]
    symbols = vocabulary([each.reads[0] for each in examples])

    def read(text: str) -> Example:
        return make_opinion(" ".join(words_of(text, symbols, LONGEST)), "?")

    return Task(symbols, tuple(OPINIONS), tuple(examples), read, "a sentence")


def make_opinion(text: str, kind: str) -> Example:
    """A sentence with one question, at its last word."""
    words = tuple(text.split())
    return Example(text, (words,), (*("",) * (len(words) - 1), kind))


# ------------------------------------------------------------------------------------------------ tags

TAGGED = """
the/article dog/noun runs/verb
a/article dog/noun barks/verb
the/article old/adjective dog/noun sleeps/verb
we/pronoun walk/verb
we/pronoun walk/verb the/article dog/noun
the/article walk/noun was/verb long/adjective
a/article long/adjective walk/noun was/verb good/adjective
they/pronoun play/verb
they/pronoun play/verb a/article song/noun
the/article play/noun was/verb good/adjective
a/article good/adjective play/noun was/verb long/adjective
she/pronoun runs/verb
she/pronoun sleeps/verb
the/article run/noun was/verb long/adjective
we/pronoun run/verb
they/pronoun run/verb a/article long/adjective run/noun
the/article song/noun was/verb old/adjective
she/pronoun was/verb good/adjective
they/pronoun sleep/verb
a/article good/adjective sleep/noun was/verb long/adjective
we/pronoun sleep/verb
the/article old/adjective song/noun was/verb long/adjective
we/pronoun play/verb the/article old/adjective song/noun
they/pronoun walk/verb the/article old/adjective dog/noun
"""


def tags() -> Task:
    """A word → its part of speech, at every word. “walk”, “run”, “play” and “sleep” need the words before them."""
    pairs = [[pair.split("/") for pair in line.split()] for line in TAGGED.split("\n") if line]
    examples = tuple(
        Example(" ".join(word for word, _ in line), (tuple(w for w, _ in line),), tuple(tag for _, tag in line))
        for line in pairs
    )
    symbols, classes = vocabulary([e.reads[0] for e in examples]), vocabulary([e.answers for e in examples])

    def read(text: str) -> Example:
        words = words_of(text, symbols, LONGEST)
        return Example(" ".join(words), (words,), ("?",) * len(words))

    return Task(symbols, classes, examples, read, "a sentence")


# ------------------------------------------------------------------------------------------------ reversal

REVERSED = "abc"
LENGTHS = (2, 3, 4)


def reversal() -> Task:
    """2 to 4 letters → the same letters backwards. While it learns, the decoder reads the right letter before (teacher
    forcing, Williams & Zipser 1989). Every fifth word is left out, to be asked only.
    """

    def read(text: str) -> Example:
        word = text.strip().lower()
        if len(word) not in LENGTHS or set(word) - set(REVERSED):
            raise ValueError(
                f"“{text[:30]}” cannot be reversed here: type {LENGTHS[0]} to {LENGTHS[-1]} of the letters "
                f"{', '.join(REVERSED)}."
            )
        answer = tuple(reversed(word))
        return Example(word, (tuple(word), (START, *answer[:-1])), answer)

    words = [read("".join(letters)) for n in LENGTHS for letters in itertools.product(REVERSED, repeat=n)]
    unseen = tuple(words[4::5])
    examples = tuple(example for example in words if example not in unseen)
    return Task((*REVERSED, START), tuple(REVERSED), examples, read, "2 to 4 of the letters a, b, c", unseen)


# ------------------------------------------------------------------------------------------------ a missing word

SUBJECTS = {0: ("the girl", "my brother"), 1: ("the girls", "my brothers")}  # 0 singular, 1 plural
VERBS = {
    "cold water": ("drinks", "drink"),
    "fresh bread": ("eats", "eat"),
    "a song": ("sings", "sing"),
    "a long letter": ("writes", "write"),
    "the ball": ("kicks", "kick"),
    "a good book": ("reads", "read"),
}


def missing_word() -> Task:
    """A sentence with one word left out → that word: its stem from what comes after, its ending from what is before."""
    examples = [
        make_gap(f"{subject} {BLANK} {things}", verbs[number])
        for number, subjects in SUBJECTS.items()
        for subject in subjects
        for things, verbs in VERBS.items()
    ]
    symbols = vocabulary([each.reads[0] for each in examples])

    def read(text: str) -> Example:
        words = words_of(text, symbols, LONGEST)
        if words.count(BLANK) != 1:
            raise ValueError(f"Leave out exactly one word: write {BLANK} in its place.")
        return make_gap(" ".join(words), "?")

    classes = tuple(verb for verbs in VERBS.values() for verb in verbs)
    return Task(symbols, classes, tuple(examples), read, f"a sentence with {BLANK} for the missing word")


def make_gap(text: str, word: str) -> Example:
    """Both directions read the same words; the question stands where the gap is."""
    words = tuple(text.split())
    return Example(text, (words, words), tuple(word if each == BLANK else "" for each in words))
