// What the diagram of Shapes is drawn with.

const R = 30; // of the ring of a state, units of the drawing

function shape(tag, attributes, parent) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  parent?.append(node);
  return node;
}

function write(svg, x, y, text, name, anchor = "start") {
  shape("text", { x, y, class: name, "text-anchor": anchor }, svg).textContent = text;
}

// The colour of a norm on the one absolute scale of decades, [[decade, colour], …]; null is a norm of exactly 0.
function colourOf(scale, log10) {
  if (log10 === null) return scale[0][1];
  const k = Math.max(1, scale.findIndex(([decade]) => decade >= log10));
  const [[d0, c0], [d1, c1]] = log10 >= scale.at(-1)[0] ? scale.slice(-2) : [scale[k - 1], scale[k]];
  const share = Math.min(Math.max((log10 - d0) / (d1 - d0), 0), 1);
  return `color-mix(in oklab, ${c1} ${(100 * share).toFixed(1)}%, ${c0})`;
}

// From a point down (or up) to the ring of a state: straight if it stands above, else beside it and in with a bend.
function beside([x, y], [cx, cy], sign) {
  if (x === cx) return [[x, y], [cx, cy + sign * (R + 3)]];
  const way = Math.sign(x - cx);
  return [[x, y], [x, cy + sign * (R + 12)], [cx + way * 0.72 * (R + 4), cy + sign * 0.72 * (R + 4)]];
}

// A filled arrowhead with its tip at [x, y].
function head([x, y], [dx, dy], size) {
  const [bx, by] = [x - dx * size, y - dy * size], half = 0.62 * size;
  return `M${x},${y}L${bx - dy * half},${by + dx * half}L${bx + dy * half},${by - dx * half}z`;
}

const sub = (n) => [...String(n)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");
const power = (n) => [...String(n)].map((c) => ({ "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³" })[c] ?? "⁴⁵⁶⁷⁸⁹"[c - 4]).join("");
