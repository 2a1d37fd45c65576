// Axes before Plotly is there: loading it takes longer than everything else of a first visit together. Same places, same
// ticks, same type as Plotly's, for layouts of what KNOWN says; with anything else a picture waits for Plotly.

const KNOWN = new Set(
  "anchor domain dtick gridcolor linecolor matches nticks showgrid showticklabels tick0 tickangle tickfont ticklabeloverflow ticklen \
tickmode tickprefix ticks ticksuffix ticktext tickvals text uirevision zeroline".split(" "),
);
const LARGEST = 1e4; // of numbers along an axis: from here on Plotly writes 10k
const TICK = "#444";

const axesOf = (layout) => Object.keys(layout).filter((key) => /^[xy]axis/.test(key));

// Whether the axes of this layout are of the kind that is drawn here.
function drawable(layout) {
  const known = ({ title, range, ...axis }) =>
    Object.keys({ ...title, ...axis }).every((part) => KNOWN.has(part)) && range?.every((end) => Math.abs(end) < LARGEST);
  return !layout.annotations && !layout.shapes && axesOf(layout).every((key) => known(layout[key]));
}

// Where the axes of a layout lie: the names and units of Plotly's own record of it.
function placed(layout, width, height) {
  const { l, r, t, b } = mapValues(layout.margin, Math.round);
  const [w, h] = [width - l - r, height - t - b];
  const place = (key) => {
    const [from, to] = layout[key].domain ?? [0, 1];
    const span = key[0] === "x" ? { _offset: l + from * w, _length: (to - from) * w } : { _offset: t + (1 - to) * h, _length: (to - from) * h };
    return { ...layout[key], ...span };
  };
  return { ...layout, ...Object.fromEntries(axesOf(layout).map((key) => [key, place(key)])), area: { l, t, w, h }, width, height };
}

// Ticks of an axis, [where, what is written]: at given places, at steps given, or at most so many round ones.
function ticks({ range, tickvals, ticktext, tick0 = 0, dtick, nticks, tickprefix, _length }, least) {
  if (tickvals) return tickvals.map((at, i) => [at, ticktext[i]]);
  const [low, high] = [...range].sort((a, b) => a - b);
  const rough = (high - low) / (nticks ?? Math.min(Math.max(_length / least, 4), 9) + 1);
  const base = 10 ** Math.floor(Math.log10(rough));
  const step = dtick ?? base * ([2, 5].find((n) => n > rough / base) ?? 10);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const made = [];
  for (let n = Math.ceil((low - tick0) / step - 1e-6); tick0 + n * step <= high + 1e-6 * step; n++) {
    const at = tick0 + n * step;
    made.push([at, Number(at.toFixed(digits)).toString().replace("-", "−"), !!tickprefix]);
  }
  return made;
}

// A text; after its `power` sign it is an exponent of ten.
function letters(context, text, x, y, align, power) {
  if (!power) return Object.assign(context, { textAlign: align }).fillText(text, x, y);
  const { font } = context;
  const size = parseFloat(font);
  const small = font.replace(/[\d.]+px/, `${0.7 * size}px`);
  const ten = context.measureText("10").width;
  context.font = small;
  const whole = ten + context.measureText(text).width;
  const left = x - { left: 0, center: whole / 2, right: whole }[align];
  context.textAlign = "left";
  context.fillText(text, left + ten, y - 0.42 * size);
  context.font = font;
  context.fillText("10", left, y);
}

function line(context, colour, ...points) {
  Object.assign(context, { strokeStyle: colour, lineWidth: 1 });
  context.stroke(path(points));
}

function drawAxes(context, layout) {
  const { size, family, color } = layout.font;
  const title = Math.round(1.2 * size);
  const type = (pixels) => Object.assign(context, { font: `${pixels}px ${family}`, fillStyle: color });
  for (const key of axesOf(layout)) {
    const axis = layout[key];
    const flat = key[0] === "x";
    const other = layout[axisName(axis.anchor ?? key.replace(/^(.)axis/, (_, letter) => (flat ? "y" : "x")))];
    const [from, to] = [other._offset, other._offset + other._length];
    const edge = flat ? to : from;
    const out = axis.ticks === "outside" ? axis.ticklen : 0;
    const letterSize = axis.tickfont?.size ?? size;
    type(letterSize);
    for (const [at, text, power] of ticks(axis, flat ? 80 : 40)) {
      const p = toPixel(axis, at, !flat);
      if (p < axis._offset - 0.5 || p > axis._offset + axis._length + 0.5) continue;
      const sharp = Math.round(p - 0.5) + 0.5;
      if (axis.showgrid !== false) line(context, axis.gridcolor, ...(flat ? [[sharp, from], [sharp, to]] : [[from, sharp], [to, sharp]]));
      if (out) line(context, TICK, ...(flat ? [[sharp, edge + 1], [sharp, edge + 1 + out]] : [[edge - 1, sharp], [edge - 1 - out, sharp]]));
      if (axis.showticklabels === false) continue;
      if (flat) letters(context, text, p, edge + 1 + out + 1.2 * letterSize, "center", power);
      else letters(context, text, edge - 1 - out - 0.2 * letterSize, p + 0.35 * letterSize, "right", power);
    }
    const [begin, end] = [axis._offset, axis._offset + axis._length];
    line(context, axis.linecolor, ...(flat ? [[begin - 1, edge + 0.5], [end, edge + 0.5]] : [[edge - 0.5, begin], [edge - 0.5, end]]));
    if (!axis.title?.text) continue;
    type(title);
    const labels = axis.showticklabels !== false;
    const below = context.measureText(axis.title.text).fontBoundingBoxDescent;
    context.save();
    if (flat) context.translate((begin + end) / 2, Math.min(edge + 10 + title * (labels ? 3 : 2), layout.height - below));
    else context.translate(edge - 10 - title * (labels ? 2 : 1.5), (begin + end) / 2);
    if (!flat) context.rotate(-Math.PI / 2);
    letters(context, axis.title.text, 0, 0, "center");
    context.restore();
  }
}

// The colour bar of a colour axis.
function drawBar(context, { cmin, cmax, colorbar }, colours, { area, font: { size, family, color } }) {
  const { len = 1, y = 0.5, ypad = 10, x, thickness, title } = colorbar;
  const titled = Math.round(1.2 * size);
  const left = area.l + x * area.w;
  const middle = area.t + (1 - y) * area.h;
  let [top, bottom] = [middle - (len * area.h) / 2 + ypad, middle + (len * area.h) / 2 - ypad];
  Object.assign(context, { font: `${titled}px ${family}`, fillStyle: color });
  if (title?.text) {
    letters(context, title.text, left, top + 3 + 0.75 * titled, "left");
    const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = context.measureText(title.text);
    top += Math.round(above + below) + 5;
  }
  colours.forEach((c, i) => {
    context.fillStyle = `rgb(${c})`;
    const [low, high] = [i, i + 1].map((n) => bottom - ((bottom - top) * n) / colours.length);
    context.fillRect(Math.round(left), high, thickness, Math.ceil(low - high));
  });
  const axis = { ...colorbar, range: [cmin, cmax], _offset: top, _length: bottom - top };
  Object.assign(context, { font: `${size}px ${family}`, fillStyle: color });
  for (const [at, text, power] of ticks(axis, 40)) {
    letters(context, text, Math.round(left) + thickness + 0.5 + 0.2 * size, toPixel(axis, at, true) + 0.35 * size, "left", power);
  }
}
