// Lines, marks and cells in pixels.

const DASHES = { dash: [9, 6], dot: [2, 4], longdash: [14, 6] };

// Points joined by straight lines; one that is not a number leaves a gap.
function path(points) {
  const made = new Path2D();
  let gap = true;
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) gap = true;
    else if (gap) made.moveTo(x, y);
    else made.lineTo(x, y);
    gap &&= !(Number.isFinite(x) && Number.isFinite(y));
  }
  return made;
}

// An open circle or a filled diamond.
function mark(context, [x, y], { symbol, size, color }) {
  if (!Number.isFinite(x) || !Number.isFinite(y)) return;
  const r = size / 2;
  context.beginPath();
  if (symbol === "diamond") [[0, -r], [r, 0], [0, r], [-r, 0]].forEach(([dx, dy]) => context.lineTo(x + 1.3 * dx, y + 1.3 * dy));
  else context.arc(x, y, r, 0, 2 * Math.PI);
  context.closePath();
  Object.assign(context, { fillStyle: color, strokeStyle: color, lineWidth: 2 });
  context[symbol === "diamond" ? "fill" : "stroke"]();
}

// Whether the sketch of a trace looks as Plotly would draw it.
const faithful = ({ type, mode = "text", opacity = 1, line = {}, marker = {} }) =>
  type === "heatmap" ||
  (opacity === 1 &&
    !mode.includes("text") &&
    (!mode.includes("lines") || (line.width !== undefined && !line.shape)) &&
    (!mode.includes("markers") ||
      (["circle-open", "diamond"].includes(marker.symbol) && !marker.opacity && [marker.size, marker.color].every(single))));
const single = (value) => typeof value === "number" || typeof value === "string";

const axisName = (short) => short.replace(/^([xy])/, "$1axis"); // "x2" → "xaxis2"
const inside = (axis, pixel) => pixel >= axis._offset && pixel <= axis._offset + axis._length;
const toData = (axis, pixel) =>
  axis.range[0] + ((pixel - axis._offset) / axis._length) * (axis.range[1] - axis.range[0]);

const toPixel = (axis, value, vertical = false) => {
  const share = (value - axis.range[0]) / (axis.range[1] - axis.range[0]);
  return axis._offset + (vertical ? 1 - share : share) * axis._length;
};
// Cell i of a heatmap covers cellEdge(i) … cellEdge(i + 1) on its axis.
const cellEdge = (trace, axis, i) => (trace[axis + "0"] ?? 0) + (i - 0.5) * (trace["d" + axis] ?? 1);
const cellAt = (trace, axis, value) =>
  Math.floor((value - cellEdge(trace, axis, 0)) / (trace["d" + axis] ?? 1) + 1e-9);
