"""The unrolled network of the Shapes page as a component: one diagram, with every kept update ready to be dragged to.

`drawing(...)` writes down what stands where, every number as text and as log10 for its colour; the browser lays it
out and moves through the updates by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from explorer.engine.shapes import Chain, Shape
from explorer.engine.shapes.looking import Answers, Look
from explorer.figures.shape import Matrix, columns_of, matrices, sentence
from explorer.figures.theme import COLOURS, number, power
from explorer.live.component import mount_component, session
from explorer.texts import words

SCALE = {-4.0: "grid", 0.0: "low", 2.0: "high"}  # decades → colours; what lies beyond keeps the last one


def shape_diagram(key: str, data: dict[str, Any], dark: bool, answer: int, on_event: Callable[[], None]) -> None:
    """Mount the component. An event is {"updates": n, "serial": i} or {"read": text}; `answer` is the last serial."""
    mount_component("shape", key, {**data, "scale": scale(dark), "answer": answer, "session": session()}, on_event)


def scale(dark: bool) -> list[list]:
    """The colours of norms: decades with their colours, in between mixed."""
    return [[decade, COLOURS[name][dark]] for decade, name in SCALE.items()]


def written(log10s: np.ndarray) -> list:
    """Norms as [log10, text] in nested lists; what is exactly 0 or does not exist has no logarithm."""
    if log10s.ndim:
        return [written(row) for row in log10s]
    return [round(float(log10s), 3) if np.isfinite(log10s) else None, power(float(log10s), 2)]


def drawing(shape: Shape, look: Look, asked: Answers, losses: np.ndarray, value: int) -> dict[str, Any]:
    """Everything the component shows; `value` is the number of updates that it begins with."""
    first = columns_of(shape, look)
    speaking = next(chain.name for chain in shape.chains if chain.speaks)
    return {
        "updates": list(look.updates),
        "value": value,
        "columns": max(first[name] + len(reads[0]) for name, reads in look.reads.items()),
        "chains": [placed(chain, look, first[chain.name]) for chain in shape.chains],
        "outputs": [
            {"column": first[speaking] + t, "wants": shape.task.classes[look.targets[t]] if t in look.asked else ""}
            for t in range(len(look.targets))
        ],
        "known": look.known,
        "axis": axis_of(look),
        "moments": [moment(shape, look, asked, losses, c) for c in range(len(look.updates))],
        "matrices": [table_of(matrix) for matrix in matrices(shape, look)],
        "rows": [row(shape, asked, n) for n in unseen_first(shape, asked)],
    }


def placed(chain: Chain, look: Look, first: int) -> dict[str, Any]:
    """One chain: where it begins, which way it reads, what it reads, and what a truncation cuts of it."""
    norms = look.norms[chain.name]
    return {
        "name": chain.name,
        "first": first,
        "backward": chain.backward,
        "after": chain.after is not None,
        "speaks": chain.speaks,
        "kept": norms.kept.tolist(),
        "reads": look.reads[chain.name],
        "norms": [
            {part: written(getattr(norms, part)[c]) for part in ("states", "back", "entering", "own")}
            for c in range(len(look.updates))
        ],
    }


def axis_of(look: Look) -> list[int]:
    """The decades that hold every state's norm, whatever the update, so that the axis stands still."""
    values = np.concatenate([norms.states.ravel() for norms in look.norms.values()])
    values = values[np.isfinite(values)]
    return [int(np.floor(values.min(initial=-1.0))), int(np.ceil(values.max(initial=0.0)))]


def moment(shape: Shape, look: Look, asked: Answers, losses: np.ndarray, c: int) -> dict[str, Any]:
    """What changes from update to update, beside the norms."""
    return {
        "answers": [
            {
                "text": shape.task.classes[look.answers[c, t]],
                "p": number(look.probs[c, t], 2),
                "right": bool(look.answers[c, t] == look.targets[t]) if look.known else None,
                "loss": number(look.losses[c, t], 2),
            }
            for t in range(len(look.targets))
        ],
        "score": score(shape, asked, c),
        "loss": number(losses[look.updates[c]], 2),
        "sentence": sentence(shape, look, c),
    }


def score(shape: Shape, asked: Answers, c: int) -> str:
    """How many of the examples are answered wholly right."""
    learnt = len(shape.task.examples)
    right = asked.right[:, c]
    said = words("shapes.score", right=right[:learnt].sum(), all=learnt)
    if len(right) == learnt:
        return said
    return words("shapes.never_seen", score=said, right=right[learnt:].sum(), all=len(right) - learnt)


def table_of(matrix: Matrix) -> dict[str, Any]:
    """A matrix of norms with its labels."""
    return {"title": matrix.title, "rows": matrix.rows, "columns": matrix.columns, "cells": written(matrix.log10s)}


def unseen_first(shape: Shape, asked: Answers) -> list[int]:
    """The order of the table: what the network has not learnt from is the test."""
    return sorted(range(len(asked.examples)), key=lambda n: asked.examples[n] not in shape.task.unseen)


def row(shape: Shape, asked: Answers, n: int) -> dict[str, Any]:
    """One example with the network's answer after every kept update."""
    example = asked.examples[n]
    return {
        "unseen": example in shape.task.unseen,
        "read": example.text,
        "wants": " ".join(answer for answer in example.answers if answer),
        "said": [" ".join(text) for text in asked.texts[n]],
        "p": [f"{p:.2f}" for p in asked.probs[n]],
        "right": asked.right[n].tolist(),
    }
