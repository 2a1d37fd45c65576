// Colours by name, and numbers as colours.

const TOKEN = /^\$(\w+)(?:@([\d.]+))?$/; // "$tanh", "$tanh@0.3": see figures/theme.py
const READ = ["text", "ticktext", "name", "x", "y"]; // never a colour's name

function resolve(node, palette) {
  if (typeof node === "string") {
    const match = TOKEN.exec(node);
    if (!match) return node;
    return match[2] ? `rgba(${rgb(palette[match[1]])},${match[2]})` : palette[match[1]];
  }
  if (Array.isArray(node)) return node.map((item) => resolve(item, palette));
  if (node === null || typeof node !== "object" || ArrayBuffer.isView(node) || "shape" in node) return node;
  return mapValues(node, (item, key) => (READ.includes(key) ? item : resolve(item, palette)));
}

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

// 256 colours along a colour scale.
function lookup({ colorscale }, palette) {
  const stops = colorscale.map(([at, token]) => [at, rgb(resolve(token, palette))]);
  return Array.from({ length: 256 }, (_, i) => {
    const x = i / 255;
    const k = Math.max(1, stops.findIndex(([at]) => at >= x));
    const [[x0, c0], [x1, c1]] = [stops[k - 1], stops[k]];
    return c0.map((c, j) => c + ((x - x0) / (x1 - x0)) * (c1[j] - c));
  });
}

// A matrix (columns, rows) as an image: cell (i, j) is pixel (i, j).
function colour({ values, shape, scale, missing }, colours, blank, { cmin, cmax }) {
  const [columns, rows] = shape;
  const image = new ImageData(columns, rows);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < rows; j++) {
      const q = values[i * rows + j];
      const at = Math.round((255 * (q * scale - cmin)) / (cmax - cmin));
      const c = q === missing || Number.isNaN(q) ? blank : colours[Math.min(Math.max(at, 0), 255)];
      image.data.set([c[0], c[1], c[2], c[3] ?? 255], 4 * (j * columns + i));
    }
  }
  const canvas = new OffscreenCanvas(columns, rows);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function isDark(node) {
  const background = getComputedStyle(node).getPropertyValue("--st-background-color").trim();
  const [r, g, b] = /^#[0-9a-f]{6}/i.test(background) ? rgb(background) : (background.match(/\d+/g) ?? [255, 255, 255]);
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}
