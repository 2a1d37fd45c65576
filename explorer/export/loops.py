"""The lines of an exported script that differ between cells, and those that do not: forward, one step back, loops.

`run(phi, dphi)` of a script is put together from them; see `script.py`. A cell is one entry of CELL_LOOPS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explorer.engine.activations import dsigmoid, dtanh, sigmoid, small_sigmoid


@dataclass(frozen=True)
class Loops:
    """forward loop, one step back and gradients of a cell; `width`: H columns of the state, of the sums a; `uses`."""

    forward: str
    step_back: str
    gradients: str
    state: str = "H"
    sums: str = "H"
    uses: tuple[Callable, ...] = ()


CELL_LOOPS: dict[str, Loops] = {
    "rnn": Loops(
        """\
    hs, a = np.zeros((T + 1, N, H)), np.zeros((T, N, H))  # hs[0] is the state before the first step
    for t in range(T):
        a[t] = xs[t] @ W_xh + hs[t] @ W_hh + b_h
        hs[t + 1] = phi(a[t])
    slopes = dphi(a)
""",
        """\
    def step_back(t, dh):
        \"\"\"dL/dh_t -> dL/da_t, dL/dh_{t-1}: phi is elementwise, and a_t sees h_{t-1} through W_hh alone.\"\"\"
        da = dh * slopes[t]
        return da, da @ W_hh.T
""",
        """\
            "W_xh": flat(xs).T @ flat(das),
            "W_hh": flat(hs[:-1]).T @ flat(das),
            "b_h": flat(das).sum(axis=0),
""",
    ),
    "lstm": Loops(
        """\
    hs, cs, a = np.zeros((T + 1, N, H)), np.zeros((T + 1, N, H)), np.zeros((T, N, 4 * H))
    for t in range(T):
        a[t] = xs[t] @ W_xh + hs[t] @ W_hh + b_h
        (i, f, _, o), g = np.split(sigmoid(a[t]), 4, axis=1), np.tanh(a[t, :, 2 * H : 3 * H])
        cs[t + 1] = f * cs[t] + i * g
        hs[t + 1] = o * np.tanh(cs[t + 1])
""",
        """\
    def step_back(t, ds):
        \"\"\"dL/ds_t, complete -> dL/da_t, dL/ds_{t-1}; the state is s = [h | c].\"\"\"
        (dh, dc), (a_i, a_f, a_g, a_o) = np.split(ds, 2, axis=1), np.split(a[t], 4, axis=1)
        da_i, da_f = dc * np.tanh(a_g) * dsigmoid(a_i), dc * cs[t] * dsigmoid(a_f)
        da_g, da_o = dc * small_sigmoid(a_i) * dtanh(a_g), dh * np.tanh(cs[t + 1]) * dsigmoid(a_o)
        da = np.hstack([da_i, da_f, da_g, da_o])
        return da, np.hstack([da @ W_hh.T, dc * small_sigmoid(a_f)])  # c passes no weight, only the forget gate

    def complete(t, ds):
        \"\"\"h = o tanh(c) is one more way into c.\"\"\"
        dh, dc = np.split(ds, 2, axis=1)
        return np.hstack([dh, dc + dh * small_sigmoid(a[t, :, 3 * H :]) * dtanh(cs[t + 1])])
""",
        """\
            "W_xh": flat(xs).T @ flat(das),
            "W_hh": flat(hs[:-1]).T @ flat(das),
            "b_h": flat(das).sum(axis=0),
""",
        state="2 * H",
        sums="4 * H",
        uses=(sigmoid, small_sigmoid, dsigmoid, dtanh),
    ),
    "gru": Loops(
        """\
    hs, a = np.zeros((T + 1, N, H)), np.zeros((T, N, 4 * H))  # a holds a_r, a_z, q, a_n side by side
    for t in range(T):
        from_x, from_h = xs[t] @ W_xh + b_xh, hs[t] @ W_hh + b_hh
        a_rz, q = from_x[:, : 2 * H] + from_h[:, : 2 * H], from_h[:, 2 * H :]
        r, z = np.split(sigmoid(a_rz), 2, axis=1)
        a_n = from_x[:, 2 * H :] + r * q
        hs[t + 1] = (1.0 - z) * np.tanh(a_n) + z * hs[t]
        a[t] = np.hstack([a_rz, q, a_n])
""",
        """\
    def step_back(t, dh):
        \"\"\"dL/dh_t -> dL/da_t, dL/dh_{t-1}: through r, z and q, and past them all as far as z keeps.\"\"\"
        a_r, a_z, q, a_n = np.split(a[t], 4, axis=1)
        da_n = dh * small_sigmoid(-a_z) * dtanh(a_n)  # 1 - z = sigmoid(-a_z)
        da_r, da_z = da_n * q * dsigmoid(a_r), dh * (hs[t] - np.tanh(a_n)) * dsigmoid(a_z)
        da = np.hstack([da_r, da_z, da_n * small_sigmoid(a_r), da_n])
        return da, da[:, : 3 * H] @ W_hh.T + dh * small_sigmoid(a_z)
""",
        """\
            "W_xh": flat(xs).T @ np.delete(flat(das), np.s_[2 * H : 3 * H], axis=1),  # x does not enter q
            "W_hh": flat(hs[:-1]).T @ flat(das)[:, : 3 * H],  # h enters a_n through q
            "b_xh": np.delete(flat(das), np.s_[2 * H : 3 * H], axis=1).sum(axis=0),
            "b_hh": flat(das)[:, : 3 * H].sum(axis=0),
""",
        sums="4 * H",
        uses=(sigmoid, small_sigmoid, dsigmoid, dtanh),
    ),
}

OUTPUT = """\
    ys = hs[1:] @ W_hy + b_y
    losses, dys = {loss}(ys, targets, np.ones(T))  # of every step: L_t and dL_t/dy_t
    taken = dys * loss_mask[:, None, None]  # the losses that this run takes
"""

GRADIENTS = """\
    def gradients(das):
        \"\"\"The same weights act at every step, so their gradient is a sum over all steps and sequences.\"\"\"
        return {{
{cell}\
            "W_hy": flat(hs[1:]).T @ flat(taken),
            "b_y": flat(taken).sum(axis=0),
        }}
"""

BPTT = """\
    def bptt(keep{limit}):
        \"\"\"From the last step to the first; what step t sends back to step t - 1 is multiplied by keep[t].\"\"\"
        {ds}s, das = np.zeros((T, N, {state})), np.zeros((T, N, {sums}))
        from_future = np.zeros((N, {state}))
        for t in reversed(range(T)):
            {ds}s[t] = {own_taken} + from_future  # this step's own loss, plus what the future sends back
{complete_ds}{clip_ds}\
            das[t], from_future = step_back(t, {ds}s[t])
            from_future = keep[t] * from_future if keep[t] else np.zeros((N, {state}))  # a cut passes nothing on
        return {dhs}, gradients(das)
"""

BY_MASK = """\
    def by_mask(mask{limit}):
        \"\"\"Every loss goes back on its own; mask[t, k] is the weight of its term at step k.\"\"\"
        {ds}s = np.zeros((T, N, {state}))
        for t in range(T):
            row = {own_taken}
            for k in reversed(range(t + 1)):
                if not mask[t, : k + 1].any():
                    break
{complete_row}{clip_row}\
                {ds}s[k] += mask[t, k] * row
                _, row = step_back(k, row)
        return {dhs}, gradients(np.array([step_back(t, {ds}s[t])[0] for t in range(T)]))
"""

REACH = """\
    def reach(loss):
        \"\"\"log10 |dL_loss/dh_t| for all t up to it; the scale is kept aside, since it may leave float64.\"\"\"
        row, scale, logs = {own_loss}, 0.0, np.full(T, -np.inf)
        for t in reversed(range(loss + 1)):
{complete_loss}\
            logs[t] = scale + log10_norm({row_h})
            peak = np.abs(row).max()
            if peak > 0:
                row, scale = row / peak, scale + np.log10(peak)
            _, row = step_back(t, row)
        return logs
"""

H_ALONE = {
    "ds": "dh",
    "dhs": "dhs",
    "own_taken": "taken[t] @ W_hy.T",
    "own_loss": "dys[loss] @ W_hy.T",
    "row_h": "row",
    "complete_ds": "",
    "complete_row": "",
    "complete_loss": "",
}
H_AND_C = {  # the state is [h | c], and a loss speaks to h
    "ds": "ds",
    "dhs": "dss[:, :, :H]",
    "own_taken": "np.hstack([taken[t] @ W_hy.T, np.zeros((N, H))])",
    "own_loss": "np.hstack([dys[loss] @ W_hy.T, np.zeros((N, H))])",
    "row_h": "row[:, :H]",
    "complete_ds": "            dss[t] = complete(t, dss[t])\n",
    "complete_row": "                row = complete(k, row)\n",
    "complete_loss": "            row = complete(t, row)\n",
}
FREE = {"limit": "", "clip_ds": "", "clip_row": ""}
CLIPPED = {  # every entry is cut before it goes on to the step before, and into the weights
    "limit": ", limit=np.inf",
    "clip_ds": "            np.clip({ds}s[t], -limit, limit, out={ds}s[t])  # before it goes on\n",
    "clip_row": "                row = np.clip(row, -limit, limit)  # before it goes on\n",
}

HELPERS = '''\
def flat(u):
    """All steps of all sequences under one another: (T, N, n) -> (T * N, n)."""
    return u.reshape(-1, u.shape[-1])


def log10_norm(u):
    """log10 of the length of u; its largest entry is taken out first, or squares would underflow."""
    peak = np.abs(u).max()
    if not 0 < peak < np.inf:
        return np.log10(peak)
    return np.log10(peak) + 0.5 * np.log10(((u / peak) ** 2).sum())
'''

REPORT = '''\
def report(name{phi}):
    """Everything that the page shows of one network, to the last digit."""
    losses, (dhs, grads), (cut_dhs, cut_grads), {clipped}reach = run({phi_only})
    last = reach(T - 1)  # a row of the T x T picture of the gradient's flow; reach(t) is the one of loss t
    clipped = {clip} if np.isfinite(global_norm({of})) else None
    print(f"{{name}}: loss {{losses.sum():.15g}}{rates}")
    print("step                 loss log10|dL/dh|, full      ... truncated  log10|dL_T/dh_t|")
    for t in range(T):
        numbers = losses[t], log10_norm(dhs[t]), log10_norm(cut_dhs[t]), last[t]
        print(f"{{t + 1:4}}" + "".join(f" {{x:20.15g}}" for x in numbers))
    print("norm                 full            truncated              clipped")
    for names in [*([name] for name in grads), list(grads)]:
        norms = [global_norm({{k: g[k] for k in names}}) for g in (grads, cut_grads, clipped) if g]
        print(f"{{names[0] if len(names) == 1 else 'all':4}}" + "".join(f" {{x:20.15g}}" for x in norms))
'''
