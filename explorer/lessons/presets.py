"""Presets: a name, the settings that show it, and one sentence on what to look at."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.config import Config


@dataclass(frozen=True)
class Preset:
    """`config` and the activations `show`n; `text` says what to look at."""

    config: Config
    text: str
    show: tuple[str, ...] = ("tanh", "sigmoid")


FLOW_PRESETS: dict[str, Preset] = {
    "far terms vanish": Preset(
        Config(loss_at="every", hidden_size=32),
        "Near the diagonal terms are large, away from it they fall by a factor per step: sigmoid’s faster, so that "
        "its far corner fades.",
    ),
    "tanh explodes, sigmoid vanishes": Preset(
        Config(loss_at="every", hidden_size=32, weight_scale=3),
        "The same weights: away from the diagonal tanh’s terms grow and sigmoid’s fall.",
    ),
    "grows first, vanishes later": Preset(
        Config(loss_at="every", hidden_size=8, init="non-normal", sequence_length=120),
        "ρ < 1 < σ_max. With φ = identity a row rises to two hundred times its start before it falls.",
        ("tanh", "identity"),
    ),
    "below float32": Preset(
        Config(loss_at="every", hidden_size=32, weight_scale=0.5, sequence_length=120, window=20),
        "Left of the dashed line float32 would read 0. The true terms go on falling in a straight line.",
    ),
    "truncation against chaos": Preset(
        Config(loss_at="every", hidden_size=32, weight_scale=5),
        "At this seed the block-truncated gradient even points away from the full one, by more than 90°. Try others.",
    ),
}

CELLS_COMPARED = ("tanh", "lstm", "gru")

GATED_PRESETS: dict[str, Preset] = {
    "f ≈ ½: it vanishes too": Preset(
        Config(sequence_length=100, truncation="full", forget_bias=0),
        "No cure by name: with forget gates near ½ the LSTM’s term falls about as fast as the RNN’s. Try other seeds.",
        CELLS_COMPARED,
    ),
    "carried for 200 steps": Preset(
        Config(sequence_length=200, truncation="full", forget_bias=6, bias=-4),
        "Forget gates open, input gates shut by a bias of −4: nearly all is kept from step to step. The same bias "
        "saturates the RNN.",
        CELLS_COMPARED,
    ),
    "constant error carousel, f ≡ 1": Preset(
        Config(sequence_length=100, truncation="full", forget_bias=100),
        "σ(100) is 1 in float64: the kept part is the same at every step. What goes through the LSTM’s weights is not.",
        CELLS_COMPARED,
    ),
    "GRU, z near 1": Preset(
        Config(sequence_length=100, truncation="full", forget_bias=6),
        "The GRU’s term hardly shrinks, and its state hardly moves: what is kept leaves no room for what is new.",
        CELLS_COMPARED,
    ),
    "the RNN reaches further": Preset(
        Config(sequence_length=100, truncation="full", hidden_size=32, weight_scale=2),
        "With these weights it is the plain RNN’s term that arrives largest at step 1. No cell wins by its name.",
        CELLS_COMPARED,
    ),
}

REGIME_PRESETS: dict[str, Preset] = {
    "tanh grows, sigmoid does not yet": Preset(
        Config(hidden_size=32, weight_scale=4),
        "At the diamonds tanh’s term grows on its way back and sigmoid’s falls: sigmoid needs far larger weights.",
    ),
    "vanish, grow, vanish": Preset(
        Config(hidden_size=16, weight_scale=14),
        "In a small network the median of tanh grows in the middle only: at the largest weights units saturate, and "
        "vanishing is back, although ρ is far above 1.",
    ),
    "guaranteed to vanish": Preset(
        Config(hidden_size=32, weight_scale=0.4),
        "Below the dashed line no network and no input can do anything else. Above it nothing is promised.",
    ),
    "a linear network": Preset(
        Config(hidden_size=32, init="orthogonal", weight_scale=1.1),
        "Orthogonal weights times s, φ = identity: ρ, σ_max and the observed rate are one line, log₁₀ s exactly.",
        ("tanh", "identity"),
    ),
    "ρ < 1 < σ_max": Preset(
        Config(hidden_size=16, init="non-normal", sequence_length=16, input_scale=0.1),
        "All eigenvalues lie inside the unit circle. With φ = identity the term still grows over these 16 steps; over "
        "long sequences it falls.",
        ("tanh", "identity"),
    ),
}

CLIPPING_PRESETS: dict[str, Preset] = {
    "clipping at work": Preset(
        Config(weight_scale=2, truncation="full"),
        "‖g‖ is far above the threshold: every kind shortens the step, by global norm alone it keeps its direction.",
        ("tanh",),
    ),
    "no cure for vanishing": Preset(
        Config(weight_scale=0.8, hidden_size=32, truncation="full", clip_at=0.1),
        "The far end of the chain is as small against the near end as before, however the gradient is clipped.",
        ("tanh",),
    ),
    "a wall nearby": Preset(
        Config(weight_scale=2, hidden_size=8, truncation="full"),
        "Open “The wall in your network” below: a cliff runs through the loss beside the present weights.",
        ("tanh",),
    ),
    "squares overflow float32": Preset(
        Config(loss_at="every", weight_scale=5, hidden_size=64, sequence_length=100, truncation="full"),
        "Every entry fits into float32, the sum of their squares does not: open “Overflow” below.",
        ("tanh",),
    ),
    "the gradient overflows float32": Preset(
        Config(loss_at="every", weight_scale=5, hidden_size=64, sequence_length=200, truncation="full"),
        "Entries are beyond 3.4·10³⁸: in float32 they are ∞, and ∞ · 0 is NaN. Open “Overflow” below.",
        ("tanh",),
    ),
}

PRESETS: dict[str, Preset] = {
    "vanish": Preset(
        Config(weight_scale=0.5),
        "Small weights: both terms fall by a nearly constant factor per step back. Drag the weight scale.",
    ),
    "edge": Preset(
        Config(init="orthogonal", weight_scale=2, hidden_size=32),
        "Near the edge, tanh’s term keeps about its size over 50 steps; more weight, or another seed, tips it.",
    ),
    "explode": Preset(
        Config(weight_scale=3, hidden_size=32, truncation="full"),
        "Large weights and room to move: tanh’s term grows on its way back. The bound says it may, not that it must.",
    ),
    "saturated": Preset(
        Config(weight_scale=16, hidden_size=8),
        "Very large weights in a small network push most units to where φ is flat: vanishing is back, although ρ is "
        "far above 1. Raise H and it explodes again.",
    ),
    "sigmoid vanishes where tanh explodes": Preset(
        Config(weight_scale=5, hidden_size=32),
        "The same weights and inputs. Sigmoid’s slope is at most ¼, so its chain shrinks where tanh’s grows.",
    ),
    "truncation goes blind": Preset(
        Config(task="order", sequence_length=60, hidden_size=32, weight_scale=2),
        "The answer depends on symbols in the first half. Beyond the last block the truncated gradient is exactly 0.",
    ),
    "clipping at work": Preset(
        Config(weight_scale=4, hidden_size=32, loss_at="every", truncation="full", clip_at=1),
        "The step is bounded, the direction kept; the chain behind it still explodes. Switch to clipping by value.",
    ),
}
