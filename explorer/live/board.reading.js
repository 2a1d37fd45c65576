// What the pointer is told.

// What a trace says at a step: the unit's state for a heatmap, the value of a line.
function reading(trace, step, unit) {
  if (trace.type === "heatmap") {
    const { values, shape, scale, missing } = trace.z;
    const [i, j] = [cellAt(trace, "x", step), cellAt(trace, "y", unit)];
    if (i < 0 || i >= shape[0] || j < 0 || j >= shape[1]) return null;
    const q = values[i * shape[1] + j];
    const gap = q === missing || Number.isNaN(q);
    if (trace.meta.share) return null;
    if (trace.meta.flow) return gap ? say("no_loss", trace) : flowReading(trace, q * scale, step, unit);
    const value = gap ? say("no_number") : (q * scale).toFixed(2);
    return say("unit", { name: trace.name, unit, symbol: trace.meta.symbol ?? "h", value });
  }
  const i = trace.x.indexOf(step);
  if (i < 0 || Number.isNaN(trace.y[i])) return null;
  if (trace.meta === "share") return null;
  return trace.meta === "zero" ? say("truncated") : trace.y[i] === -Infinity ? null : `${trace.name}: ${power(trace.y[i])}`;
}

// One cell of a map over seeds: the median and its spread.
function overSeeds(seeds, i, j) {
  const [median, least, most] = ["median", "least", "most"].map((part) => {
    const { values, shape, scale } = seeds[part];
    return values[i * shape[1] + j] * scale;
  });
  if (Number.isNaN(median)) return say("no_seed");
  const times = (log10) => (log10 === -Infinity ? "×0" : `×${power(log10)}`);
  return say("seeds", { median: times(median), least: times(least), most: times(most) });
}

// One entry of the flow: its size, its share of the total that the state hears, and its factors on average.
function flowReading(trace, log10, k, t) {
  if (log10 < -640) return say("flow_zero", { name: trace.name, t, k });
  const { values, shape, scale } = trace.z;
  const home = values[cellAt(trace, "x", t) * shape[1] + cellAt(trace, "y", t)] * scale;
  const factors = t > k ? say("factors", { n: t - k, factor: power((log10 - home) / (t - k)) }) : say("own_loss");
  return say("flow", { name: trace.name, t, k, norm: power(log10), share: power(log10 - trace.meta.total[k - 1]), factors });
}

const SUPER = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

// 10^log10 as a book prints it, like `power` in theme.py: 0.210, 4.70, 1234, 3.10·10⁻⁴⁰.
function power(log10) {
  let exponent = Math.floor(log10);
  let mantissa = Number((10 ** (log10 - exponent)).toFixed(2));
  if (mantissa >= 10) [mantissa, exponent] = [1, exponent + 1];
  if (exponent >= -3 && exponent < 4) return (mantissa * 10 ** exponent).toFixed(Math.max(2 - exponent, 0));
  return `${mantissa.toFixed(2)}·10${[...String(exponent)].map((c) => SUPER[c]).join("")}`;
}
