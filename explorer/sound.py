"""A tune as sound: sine waves with two overtones, as a WAV file in memory."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence

import numpy as np

RATE = 22_050  # samples per second
SECONDS = 0.34  # of a note; the last one is held twice as long
PITCHES = {"C": 60, "D": 62, "E": 64, "F": 65, "G": 67, "A": 69, "B": 71, "C’": 72}  # MIDI numbers, 69 is 440 Hz


def wav(notes: Sequence[str]) -> bytes:
    """Names of notes → a mono WAV file of 16 bits."""
    lengths = [SECONDS] * (len(notes) - 1) + [2 * SECONDS]
    samples = np.concatenate([tone(PITCHES[note], seconds) for note, seconds in zip(notes, lengths, strict=True)])
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((samples * 32_767).astype("<i2").tobytes())
    return file.getvalue()


def tone(pitch: int, seconds: float) -> np.ndarray:
    """One note, struck and fading, that begins and ends at 0; |samples| < 1."""
    t = np.arange(int(RATE * seconds)) / RATE
    frequency = 440.0 * 2.0 ** ((pitch - 69) / 12)
    waves = sum(share * np.sin(2 * np.pi * n * frequency * t) for n, share in ((1, 0.6), (2, 0.2), (3, 0.08)))
    return waves * np.exp(-3.0 * t) * np.clip(t / 0.01, 0, 1) * np.clip((seconds - t) / 0.03, 0, 1)
