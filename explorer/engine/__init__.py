"""The recurrent network and its gradients, in NumPy alone. Read the files in this order:

    activations → cells/contract → cells/rnn → losses → bptt → flow → truncation → clipping → diagnostics → jacobians
    → tasks → weights → records; then cells/lstm, cells/gru → carousel; shapes

Letters and shapes (one letter, one meaning)
--------------------------------------------
    T  steps             N  sequences in the batch       D  inputs
    H  hidden units      O  outputs

    x_t  (N, D)  input           W_xh (D, H)   input → hidden
    a_t  (N, H)  pre-activation  W_hh (H, H)   hidden → hidden
    h_t  (N, H)  hidden state    b_h  (H,)     hidden bias
    y_t  (N, O)  logits          W_hy (H, O)   hidden → output
                                 b_y  (O,)     output bias

    a_t = x_t W_xh + h_{t−1} W_hh + b_h        h_t = φ(a_t)        y_t = h_t W_hy + b_y

    φ  activation    φ′ its derivative    γ = sup φ′    ρ spectral radius    σ_max largest singular value

    s_t (N, S)  state: h_t, of the LSTM h_t and c_t (N, H) side by side; a_t (N, P), P = H or 4H
    LSTM   i f g o  gates and candidate g     W_xh (D, 4H)   W_hh (H, 4H)   b_h (4H,)
    GRU    r z n    gates and candidate n     W_xh (D, 3H)   W_hh (H, 3H)   b_xh (3H,)   b_hh (3H,)

Conventions
-----------
* Row vectors and time-major arrays, `(T, N, ·)`; `hs` has T + 1 entries because `hs[0]` is the initial state, so
  index t of `xs`, `losses`, `dhs` and of the flow belongs to `hs[t + 1]`. Steps count from 0 in code, from 1 on pages.
* `dX` is ∂L/∂X and has X's shape. Losses are means over the batch, so 1/N is inside every gradient and no norm is
  divided again. A norm of a state's gradient is the Frobenius norm over (N, H).
* Any number of leading axes may stand before N (weight scales, seeds, variants): `(T, *lead, N, ·)`, weights
  `(*lead, H, H)`, biases `(*lead, 1, H)`. They broadcast, so that a sweep over settings is one call.
* float64 throughout. No ε is ever added before a logarithm: log10 0 is −inf and means exactly zero.

References
----------
    Elman (1990), Finding structure in time.
    Werbos (1990), Backpropagation through time: what it does and how to do it.
    Williams & Peng (1990), An efficient gradient-based algorithm for on-line training of recurrent networks.
    Doya (1993), Bifurcations of recurrent neural networks in gradient descent learning.
    Bengio, Simard & Frasconi (1994), Learning long-term dependencies with gradient descent is difficult.
    Hochreiter & Schmidhuber (1997), Long short-term memory.
    Gers, Schmidhuber & Cummins (2000), Learning to forget: continual prediction with LSTM.
    Mikolov (2012), Statistical language models based on neural networks.
    Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks.
    Cho et al. (2014), Learning phrase representations using RNN encoder–decoder.
    Tallec & Ollivier (2017), Unbiasing truncated backpropagation through time.
"""
