// The live board. Python sends frames (everything there is to draw, see packing.py); this module draws them and
// keeps the pictures alive in between. It computes nothing: every number in a picture is from the NumPy engine.
//
// While something moves, lines are sketched on a canvas under Plotly's axes, like the heatmaps; Plotly itself, which
// takes a hundred times as long, draws when an axis has to change and as soon as there is a moment of rest.
//
// A slider that is grabbed or focused asks Python once for a *strip*, the frames along that slider, and then scrubs
// through it locally. Where there is no strip yet, values go to Python one at a time, the latest wins.

const REST = 160; // ms without a new picture, after which Plotly draws
const PATIENCE = 8000; // ms without an answer, after which an event is taken for lost and sent again
const RESTARTED =
  "The connection was lost and the server has forgotten this page. Its settings are back from the address; " +
  "settings of the other pages, and what stands in no address, are gone.";
const boards = new WeakMap(); // this module's export is called again on every data or theme change

export default function ({ parentElement, data, setTriggerValue }) {
  let board = boards.get(parentElement);
  if (!board) boards.set(parentElement, (board = new Board(parentElement)));
  board.send = (event) => setTriggerValue("event", event);
  board.receive(unpack(data));
  return () => board.remove(); // at unmount only
}

// ---------------------------------------------------------------------------------------------------- unpacking

function unpack(bytes) {
  const buffer = bytes.slice().buffer; // a copy starts at 0, so that typed arrays are aligned
  const [message, body] = header(buffer, 0);
  message.frame = open(buffer, body).frame(0);
  if (message.strip) Object.assign(message.strip, open(buffer, body + message.frameBytes));
  return message;

  function header(buffer, at) {
    const length = new DataView(buffer).getUint32(at, true);
    const json = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, at + 4, length)));
    if ("frame" in json) json.frameBytes = json.frame;
    return [json, at + 4 + length];
  }

  function open(buffer, at) {
    const [{ pool, roots }, base] = header(buffer, at);
    const made = [];
    const decode = (node) => {
      if (node === null || typeof node !== "object") return node;
      if (Array.isArray(node)) return node.map(decode);
      if ("@" in node) return (made[node["@"]] ??= mapValues(pool[node["@"]], decode));
      return array(buffer, base, node);
    };
    return { frame: (i) => decode(roots[i]) };
  }
}

const ARRAYS = { float32: Float32Array, int16: Int16Array, int8: Int8Array };

function array(buffer, base, { $: dtype, at, shape, scale }) {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = new ARRAYS[dtype](buffer, base + at, count);
  return shape.length === 1 ? values : { values, shape, scale: scale ?? 1, missing: dtype === "int8" ? -128 : NaN };
}

const mapValues = (object, f) => Object.fromEntries(Object.entries(object).map(([k, v]) => [k, f(v)]));

// ---------------------------------------------------------------------------------------------------- the board

class Board {
  constructor(parent) {
    this.root = element("div", "lb", parent);
    this.notice = element("p", "lb-notice", this.root);
    this.notice.textContent = RESTARTED;
    this.notice.hidden = true;
    this.notice.setAttribute("role", "status");
    this.controls = element("div", "lb-sliders", this.root);
    this.verdicts = element("div", "lb-verdicts", this.root);
    this.gallery = element("div", "lb-pictures", this.root);
    this.tip = element("div", "lb-tip", this.root);
    this.sliders = new Map();
    this.pictures = [];
    this.strips = new Map();
    this.held = null; // the slider under the pointer
    this.serial = 0; // of the last event made here
    this.flying = 0; // serial of the event Python has not answered yet, or 0
    this.waiting = null; // the newest event made meanwhile
    this.resizer = new ResizeObserver(() => this.wanted && this.paint());
    this.resizer.observe(this.gallery);
  }

  receive(message) {
    this.serial ||= message.answer; // a board mounted anew goes on counting where the session was
    this.notice.hidden = (this.session ??= message.session) === message.session;
    this.colours = message.colours;
    library(message.plotly).then(
      () => this.paint(),
      () => (this.root.dataset.error = this.gallery.textContent = "plotly.js could not be loaded from " + message.plotly),
    );
    if (message.strip) this.strips.set(message.strip.field, message.strip);
    this.exact = message.frame;
    if (message.answer >= this.flying) {
      this.flying = this.requested = 0;
      clearInterval(this.reminder);
    }
    const stale = this.flying || this.waiting;
    for (const settings of message.sliders) this.slider(settings).update(settings, stale);
    for (const slider of this.sliders.values()) slider.box.hidden = !message.sliders.some((s) => s.field === slider.field);
    const held = this.held && this.frameAt(this.held, true);
    if (held) this.show(held);
    else if (!stale || !this.strip(this.held?.field)) this.show(this.exact);
    if (this.waiting && !this.flying) this.fly(this.waiting);
  }

  slider(settings) {
    if (!this.sliders.has(settings.field)) this.sliders.set(settings.field, new Slider(this, settings));
    return this.sliders.get(settings.field);
  }

  // The strip along a slider, if it was computed for the settings that the others have now.
  strip(field) {
    const strip = field && this.strips.get(field);
    return strip && strip.key === this.exact.others[field] ? strip : null;
  }

  // The frame of the strip at the slider's value; the nearest one if `near`, else only an exact match.
  frameAt(slider, near) {
    const strip = this.strip(slider.field);
    if (!strip) return null;
    const distance = strip.values.map((value) => Math.abs(value - slider.value));
    const i = distance.indexOf(Math.min(...distance));
    return near || distance[i] === 0 ? strip.frame(i) : null;
  }

  // A slider moved. Draw from the strip what can be drawn; let Python know on release, or at once without a strip.
  moved(slider, settled) {
    const frame = this.frameAt(slider, this.held === slider);
    if (frame) this.show(frame);
    slider.tell(frame && this.held === slider ? frame.values[slider.field] : slider.value);
    if (settled || !this.strip(slider.field)) this.ask(slider);
  }

  ask(slider) {
    const strip = !this.strip(slider.field) && this.requested !== this.exact.others[slider.field];
    const event = { field: slider.field, value: slider.value, strip, serial: ++this.serial };
    if (this.flying) this.waiting = event;
    else this.fly(event);
  }

  fly(event) {
    this.waiting = null;
    this.flying = event.serial;
    if (event.strip) this.requested = this.exact.others[event.field]; // on its way: not to be asked for again
    this.send(event);
    clearInterval(this.reminder);
    this.reminder = setInterval(() => this.send(event), PATIENCE); // while the network is down, Streamlit drops events
  }

  // A cell was clicked: its column and row.
  pick(cell) {
    this.fly({ picked: cell, serial: ++this.serial });
  }

  show(frame) {
    this.wanted = frame;
    this.frameRequest ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    if (this.frameRequest) cancelAnimationFrame(this.frameRequest);
    this.frameRequest = null;
    const frame = this.wanted;
    if (!frame || !window.Plotly || !this.gallery.clientWidth) return;
    this.pictures.splice(frame.pictures.length).forEach((picture) => picture.remove());
    while (this.pictures.length < frame.pictures.length) this.pictures.push(new Picture(this));
    // Everything is measured here, before anything is written: a size read in between would force a layout each time.
    this.root.style.setProperty("--rows", Math.max(2, frame.rows ?? frame.verdicts.length)); // small multiples need height
    const dark = isDark(this.root);
    const { clientWidth: width, clientHeight: height } = this.pictures[0].stage;
    const { fontFamily: family, fontSize } = getComputedStyle(this.root);
    const size = parseFloat(fontSize);
    const look = `${dark} ${width} ${height} ${devicePixelRatio} ${family} ${size}`;
    const finer = this.frame?.coarse && !frame.coarse; // a strip's heatmaps are rounded, Python's answer is not
    if (frame.key === this.painted && look === this.look && !finer) return this.report();
    const palette = mapValues(this.colours, (pair) => pair[+dark]);
    drawVerdicts(this.verdicts, frame.verdicts, palette);
    for (const [i, picture] of this.pictures.entries()) {
      picture.draw(frame.pictures[i], { palette, width, height, family, size }, look !== this.look);
    }
    this.look = look;
    this.painted = frame.key;
    this.frame = frame;
    this.paints = (this.paints ?? 0) + 1;
    clearTimeout(this.rest);
    if (this.pictures.some((picture) => picture.sketched)) this.rest = setTimeout(() => this.finish(), frame.rest ?? REST);
    this.report();
  }

  // A moment of rest: Plotly draws what was only sketched.
  finish() {
    for (const picture of this.pictures) if (picture.sketched) picture.react();
    this.report();
  }

  // What is on the screen, for tests to wait for: the painted setting, and whether Python has nothing newer to say.
  report() {
    this.root.dataset.painted = JSON.stringify(this.frame.values);
    const sketched = this.pictures.some((picture) => picture.sketched);
    const exact = this.painted === this.exact.key && !this.frame.coarse;
    this.root.dataset.settled = String(exact && !sketched && !this.flying && !this.waiting);
    this.root.dataset.key = this.painted;
    this.root.dataset.paints = this.paints;
  }

  // Mark a step in every picture that has a time axis.
  mark(step, source, lines, x, y) {
    for (const picture of this.pictures) picture.mark(step);
    this.tip.hidden = !lines;
    if (!lines) return;
    this.tip.replaceChildren(...lines.map((line) => Object.assign(document.createElement("div"), { textContent: line })));
    const box = this.root.getBoundingClientRect();
    const left = x - box.left + 14;
    this.tip.style.left = `${left + this.tip.offsetWidth > box.width ? left - this.tip.offsetWidth - 28 : left}px`;
    this.tip.style.top = `${y - box.top + 14}px`;
  }

  remove() {
    this.resizer.disconnect();
    clearInterval(this.reminder);
    this.pictures.forEach((picture) => picture.remove());
    boards.delete(this.root.parentElement);
    this.root.remove();
  }
}

// ---------------------------------------------------------------------------------------------------- sliders

class Slider {
  constructor(board, settings) {
    this.board = board;
    this.field = settings.field;
    const box = (this.box = element("div", "lb-slider", board.controls));
    const label = element("label", "", box);
    this.name = element("span", "lb-name", label);
    this.output = element("output", "", label);
    this.input = element("input", "", box);
    this.note = element("small", "lb-note", box);
    Object.assign(this.input, { type: "range", min: 0, step: 1, id: `lb-${settings.field}` });
    label.htmlFor = this.input.id;
    this.input.addEventListener("pointerdown", () => this.grab(true));
    this.input.addEventListener("focus", () => this.grab(false));
    for (const end of ["pointerup", "pointercancel", "blur"]) this.input.addEventListener(end, () => this.release());
    this.input.addEventListener("input", () => this.board.moved(this, false));
    this.input.addEventListener("change", () => this.settle());
  }

  update({ label, help, values, texts, value, note }, stale) {
    const mine = stale || this.board.held === this; // what the user does now is newer than what Python says
    const before = this.value;
    Object.assign(this, { values, texts });
    this.name.textContent = label;
    this.input.parentElement.title = help;
    this.input.max = values.length - 1;
    this.input.disabled = !!note;
    this.note.textContent = note;
    this.input.value = values.indexOf(mine && values.includes(before) ? before : value);
    if (!mine) this.tell(this.value);
  }

  get value() {
    return this.values?.[Number(this.input.value)];
  }

  tell(value) {
    const at = this.values.indexOf(value);
    this.output.textContent = at < 0 ? String(value) : this.texts[at];
    this.input.setAttribute("aria-valuetext", this.texts[Number(this.input.value)]);
    this.input.style.setProperty("--at", `${(100 * this.input.value) / Math.max(this.input.max, 1)}%`);
  }

  grab(byPointer) {
    if (byPointer) this.board.held = this;
    if (!this.board.strip(this.field) && this.asked !== this.board.exact.key) {
      this.asked = this.board.exact.key; // pointerdown and focus come together: ask once
      this.board.ask(this);
    }
  }

  release() {
    if (this.board.held === this) this.board.held = null;
  }

  settle() {
    this.release();
    this.board.moved(this, true);
  }
}

// ---------------------------------------------------------------------------------------------------- pictures

class Picture {
  constructor(board) {
    this.board = board;
    const root = (this.root = element("figure", "lb-picture", board.gallery));
    const head = element("figcaption", "", root);
    this.title = element("span", "lb-title", head);
    this.legend = element("span", "lb-legend", head);
    this.stage = element("div", "lb-stage", root);
    this.canvas = element("canvas", "", this.stage);
    this.plot = element("div", "lb-plot", this.stage);
    this.marker = element("div", "lb-marker", this.stage);
    this.sentence = element("p", "lb-sentence", root);
    this.marker.hidden = true;
    this.stage.addEventListener("mousemove", (event) => this.hover(event));
    this.stage.addEventListener("mouseleave", () => board.mark(null));
    this.stage.addEventListener("pointerdown", (event) => (this.pressed = [event.clientX, event.clientY]), true);
    this.stage.addEventListener("click", (event) => this.click(event));
  }

  draw({ title, figure, sentence }, look, anew) {
    this.title.textContent = title;
    this.sentence.textContent = sentence;
    if (figure === this.figure && !anew) return; // equal parts of a strip are one object
    this.figure = figure;
    Object.assign(this, look);
    if (anew || !this.layout || !fits(figure.layout, this.layout)) return this.react();
    // The axes can stay, so everything goes on the canvas; heatmaps alone are then at their best already.
    this.sketched = figure.layout !== this.layout || figure.data.some((trace) => trace.type !== "heatmap");
    this.stage.classList.toggle("lb-sketched", this.sketched);
    this.pixels();
  }

  react() {
    this.layout = this.figure.layout;
    const { data, layout } = resolve(this.figure, this.palette);
    const first = !this.plot.data;
    const font = { ...layout.font, family: this.family, size: 0.93 * this.size };
    const margin = mapValues(layout.margin, (pixels) => (pixels * this.size) / 14); // labels need room as they grow
    const hovermode = layout.meta ? false : layout.hovermode; // over time and cells, our own reading stands at the pointer
    this.stage.classList.toggle("lb-pick", !!layout.meta?.cells);
    Plotly.react(
      this.plot,
      data.map((trace) => (trace.type === "heatmap" ? placeholder(trace) : trace)),
      { ...layout, font, margin, hovermode, showlegend: false, width: this.width, height: this.height },
      (this.config ??= {
        displaylogo: false,
        modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "toImage", "sendChartToCloud"],
        modeBarButtonsToAdd: ["svg", "png"].map((format) => this.saver(format)),
      }), // one object for good: at another one Plotly would begin anew, and lose the zoom
    );
    if (first) this.plot.on("plotly_relayout", () => this.pixels());
    drawLegend(this.legend, data);
    this.sketched = false;
    this.stage.classList.remove("lb-sketched");
    this.pixels();
  }

  // A button that saves the picture. What is on the canvas is given to Plotly to draw, on the page's background.
  saver(format) {
    const click = () => {
      const { data, layout } = resolve(this.figure, this.palette);
      const background = getComputedStyle(this.root).getPropertyValue("--st-background-color").trim() || "#fff";
      const full = data.map((trace) => (trace.type === "heatmap" ? { ...trace, z: nested(trace.z) } : trace));
      const looks = { ...layout, paper_bgcolor: background, font: { ...layout.font, family: this.family } };
      const title = { text: this.title.textContent, x: 0.02, y: 0.97, font: { size: 15 } };
      const margin = { ...layout.margin, t: 64, b: 40 };
      const figure = { data: full, layout: { ...looks, title, margin, showlegend: true, width: 900, height: 460 } };
      const filename = title.text.replace(/[^\p{L}\p{N}]+/gu, "-");
      Plotly.downloadImage(figure, { format, filename, width: 900, height: 460, scale: format === "png" ? 2 : 1 });
    };
    const name = `Save as ${format.toUpperCase()}`;
    return { name, title: name, icon: format === "svg" ? Plotly.Icons.disk : Plotly.Icons.camera, click };
  }

  // The canvas under Plotly's axes: heatmaps always (sharp pixels, a tenth of the time), lines while they move.
  pixels() {
    const ratio = window.devicePixelRatio || 1;
    const { width, height } = this;
    if (this.canvas.width !== width * ratio) this.canvas.width = width * ratio;
    if (this.canvas.height !== height * ratio) this.canvas.height = height * ratio;
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = false;
    let before = null;
    for (const trace of this.figure.data) {
      if (trace.type === "heatmap") this.heatmap(context, trace);
      else if (this.sketched) before = this.sketch(context, trace, before);
    }
  }

  // One trace of lines or marks as Plotly would draw it; returns its points, which the next one may fill up to.
  sketch(context, trace, before) {
    const { [axisName(trace.xaxis ?? "x")]: X, [axisName(trace.yaxis ?? "y")]: Y } = this.plot._fullLayout;
    const points = Array.from(trace.x, (x, i) => [toPixel(X, x), toPixel(Y, trace.y[i], true)]);
    const { line = {}, marker = {}, mode, fill } = resolve({ ...trace, x: 0, y: 0 }, this.palette);
    context.save();
    context.beginPath();
    const room = trace.cliponaxis === false ? 4 : 0;
    context.rect(X._offset - room, Y._offset - room, X._length + 2 * room, Y._length + 2 * room);
    context.clip();
    if (fill) {
      const base = toPixel(Y, 0, true);
      const back = { toself: [], tonexty: before, tozeroy: points.map(([x]) => [x, base]) }[fill];
      context.fillStyle = resolve(trace.fillcolor, this.palette);
      context.fill(path([...points, ...[...back].reverse()]));
    }
    if (mode.includes("lines") && line.width > 0) {
      Object.assign(context, { strokeStyle: line.color, lineWidth: line.width, lineJoin: "round" });
      context.setLineDash(DASHES[line.dash] ?? []);
      context.stroke(path(points));
    }
    if (mode.includes("markers")) for (const point of points) mark(context, point, marker);
    context.restore();
    return points;
  }

  heatmap(context, trace) {
    const { [axisName(trace.xaxis)]: X, [axisName(trace.yaxis)]: Y } = this.plot._fullLayout;
    const scale = this.figure.layout[trace.coloraxis];
    const blank = trace.meta?.missing ? [...rgb(resolve(trace.meta.missing, this.palette)), 255] : [0, 0, 0, 0];
    const image = colour(trace.z, lookup(scale, this.palette), blank, scale);
    const [columns, rows] = trace.z.shape;
    const x = [cellEdge(trace, "x", 0), cellEdge(trace, "x", columns)].map((edge) => toPixel(X, edge));
    const y = [cellEdge(trace, "y", 0), cellEdge(trace, "y", rows)].map((edge) => toPixel(Y, edge, true));
    context.save();
    context.beginPath();
    context.rect(X._offset, Y._offset, X._length, Y._length);
    context.clip();
    context.translate(x[0], y[0]); // an axis that runs the other way mirrors the image
    context.scale((x[1] - x[0]) / columns, (y[1] - y[0]) / rows);
    context.drawImage(image, 0, 0);
    context.restore();
  }

  // The cell of a heatmap under the pointer, [column, row], where the layout names its cells.
  cell(event) {
    if (!this.figure?.layout.meta?.cells || !this.plot._fullLayout) return null;
    const box = this.stage.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    for (const trace of this.figure.data) {
      if (trace.type !== "heatmap") continue;
      const { [axisName(trace.xaxis)]: X, [axisName(trace.yaxis)]: Y } = this.plot._fullLayout;
      const at = [cellAt(trace, "x", toData(X, px)), cellAt(trace, "y", toData(Y, 2 * Y._offset + Y._length - py))];
      if (inside(X, px) && inside(Y, py) && at.every((n, i) => n >= 0 && n < trace.z.shape[i])) return at;
    }
    return null;
  }

  click(event) {
    const moved = Math.hypot(event.clientX - this.pressed?.[0], event.clientY - this.pressed?.[1]);
    const cell = moved > 4 || event.target.closest(".modebar") ? null : this.cell(event); // a zoom is no click
    if (cell) this.board.pick(cell);
  }

  // What all heatmaps of the picture say at the cell under the pointer.
  readCell(event) {
    const [i, j] = this.cell(event) ?? [];
    if (i === undefined) return this.board.mark(null);
    const { x, y } = this.figure.layout.meta.cells;
    const lines = [`${x[i]} · ${y[j]}`];
    for (const { type, name, meta } of this.figure.data) if (type === "heatmap") lines.push(`${name}: ${overSeeds(meta.seeds, i, j)}`);
    this.board.mark(null, this, lines, event.clientX, event.clientY);
  }

  hover(event) {
    if (this.figure?.layout.meta?.cells) return this.readCell(event);
    if (!this.figure?.layout.meta?.time || !this.plot._fullLayout) return;
    const box = this.stage.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const lay = this.plot._fullLayout;
    const names = this.axes().filter(([X, Y]) => inside(lay[axisName(X)], px) && inside(lay[axisName(Y)], py));
    if (!names.length) return this.board.mark(null);
    const [X, Y] = names[0];
    const step = Math.round(toData(lay[axisName(X)], px));
    const unit = Math.round(toData(lay[axisName(Y)], lay[axisName(Y)]._offset * 2 + lay[axisName(Y)]._length - py));
    const input = this.board.frame.reads.symbols?.[step - 1];
    const lines = [`step ${step}` + (input === undefined ? "" : ` · reads “${input}”`)];
    for (const trace of this.figure.data) {
      if ((trace.xaxis ?? "x") !== X || trace.meta === "silent") continue;
      const line = reading(trace, step, unit);
      if (line) lines.push(line);
    }
    this.board.mark(step, this, lines, event.clientX, event.clientY);
  }

  axes() {
    return [...new Set(this.figure.data.map((trace) => `${trace.xaxis ?? "x"} ${trace.yaxis ?? "y"}`))].map((pair) =>
      pair.split(" "),
    );
  }

  mark(step) {
    const X = this.plot._fullLayout?.xaxis;
    const shown = step !== null && this.figure?.layout.meta?.time && X && step >= X.range[0] && step <= X.range[1];
    this.marker.hidden = !shown;
    if (!shown) return;
    const x = X._offset + ((step - X.range[0]) / (X.range[1] - X.range[0])) * X._length;
    this.marker.style.transform = `translateX(${x}px)`;
  }

  remove() {
    if (window.Plotly) Plotly.purge(this.plot);
    this.root.remove();
  }
}

// Whether what `wanted` shows can be drawn on the axes of `drawn`: the same but for ranges, and these hold the wanted.
function fits(wanted, drawn) {
  if (wanted === drawn) return true;
  const rangeless = (layout) => JSON.stringify(layout, (key, value) => (key === "range" ? undefined : value));
  if (rangeless(wanted) !== rangeless(drawn)) return false;
  return Object.keys(wanted).every((key) => {
    if (!/^[xy]axis/.test(key)) return true;
    const [a, b] = [wanted[key].range, drawn[key].range];
    return Math.min(...a) >= Math.min(...b) && Math.max(...a) <= Math.max(...b);
  });
}

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

// What a trace says at a step: the unit's state for a heatmap, the value of a line.
function reading(trace, step, unit) {
  if (trace.type === "heatmap") {
    const { values, shape, scale, missing } = trace.z;
    const [i, j] = [cellAt(trace, "x", step), cellAt(trace, "y", unit)];
    if (i < 0 || i >= shape[0] || j < 0 || j >= shape[1]) return null;
    const q = values[i * shape[1] + j];
    const gap = q === missing || Number.isNaN(q);
    if (trace.meta.share) return null;
    if (trace.meta.flow) return gap ? `${trace.name}: no loss before its state` : flowReading(trace, q * scale, step, unit);
    return `${trace.name}: unit ${unit}, ${trace.meta.symbol ?? "h"} = ${gap ? "not a number" : (q * scale).toFixed(2)}`;
  }
  const i = trace.x.indexOf(step);
  if (i < 0 || Number.isNaN(trace.y[i])) return null;
  if (trace.meta === "share") return null;
  return trace.meta === "zero" ? "truncated: exactly 0" : trace.y[i] === -Infinity ? null : `${trace.name}: ${power(trace.y[i])}`;
}

// One cell of a map over seeds: the median and its spread.
function overSeeds(seeds, i, j) {
  const [median, least, most] = ["median", "least", "most"].map((part) => {
    const { values, shape, scale } = seeds[part];
    return values[i * shape[1] + j] * scale;
  });
  if (Number.isNaN(median)) return "no seed has a number here (overflow, or a loss that sends nothing)";
  const times = (log10) => (log10 === -Infinity ? "×0" : `×${power(log10)}`);
  return `${times(median)} (seeds ${times(least)} … ${times(most)})`;
}

// One entry of the flow: its size, its share of the total that the state hears, and its factors on average.
function flowReading(trace, log10, k, t) {
  if (log10 < -640) return `${trace.name}: loss ${t} → state ${k}: exactly 0`;
  const { values, shape, scale } = trace.z;
  const home = values[cellAt(trace, "x", t) * shape[1] + cellAt(trace, "y", t)] * scale;
  const factors = t > k ? `, ${t - k} factors of ×${power((log10 - home) / (t - k))} on average` : ", its own loss";
  const share = `, ${power(log10 - trace.meta.total[k - 1])} of the total’s norm`;
  return `${trace.name}: loss ${t} → state ${k}: ${power(log10)}${share}${factors}`;
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

// A matrix as Plotly wants it: a list of columns, gaps as null.
const nested = ({ values, shape: [columns, rows], scale, missing }) =>
  Array.from({ length: columns }, (_, i) =>
    Array.from(values.subarray(i * rows, (i + 1) * rows), (q) => (q === missing || Number.isNaN(q) ? null : q * scale)),
  );

// Plotly draws the axes and the colour bar of a heatmap through a trace without points.
function placeholder({ xaxis, yaxis, coloraxis }) {
  const marker = { color: [0], coloraxis };
  return { type: "scatter", mode: "markers", x: [null], y: [null], xaxis, yaxis, marker, hoverinfo: "skip" };
}

// ---------------------------------------------------------------------------------------------------- colours

const TOKEN = /^\$(\w+)(?:@([\d.]+))?$/; // "$tanh", "$tanh@0.3": see figures/theme.py

function resolve(node, palette) {
  if (typeof node === "string") {
    const match = TOKEN.exec(node);
    if (!match) return node;
    return match[2] ? `rgba(${rgb(palette[match[1]])},${match[2]})` : palette[match[1]];
  }
  if (Array.isArray(node)) return node.map((item) => resolve(item, palette));
  if (node === null || typeof node !== "object" || ArrayBuffer.isView(node) || "shape" in node) return node;
  return mapValues(node, (item) => resolve(item, palette));
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

// ---------------------------------------------------------------------------------------------------- words

function drawVerdicts(root, verdicts, palette) {
  while (root.children.length < verdicts.length) element("section", "lb-verdict", root);
  while (root.children.length > verdicts.length) root.lastChild.remove();
  verdicts.forEach(({ name, headline, facts, reason, events }, i) => {
    const box = root.children[i];
    box.replaceChildren();
    box.style.setProperty("--ink", palette[name]);
    const head = element("div", "lb-headline", box);
    element("strong", "", head).textContent = name;
    element("span", "", head).textContent = headline;
    for (const [label, value] of facts) {
      const fact = element("span", "lb-fact", head);
      element("em", "", fact).textContent = label;
      element("b", "", fact).textContent = value;
    }
    element("div", "lb-reason", box).textContent = reason;
    for (const { kind, cause } of events) {
      const line = element("span", "lb-event", box.lastChild);
      element("b", "", line).textContent = kind;
      line.append(` ${cause}`);
    }
  });
}

const legends = new WeakMap(); // what each says, so that it is only rebuilt when that changes

function drawLegend(root, data) {
  const seen = data.filter(({ name, showlegend, type }) => name && showlegend !== false && type !== "heatmap");
  const text = JSON.stringify(seen.map(({ name, line, marker, fillcolor }) => [name, line, marker, fillcolor]));
  if (text === legends.get(root)) return;
  legends.set(root, text);
  root.replaceChildren();
  for (const { name, line, marker, mode, fillcolor } of seen) {
    const key = element("span", "lb-key", root);
    const swatch = element("i", fillcolor ? "lb-area" : mode === "markers" ? `lb-${marker.symbol}` : "lb-line", key);
    swatch.style.color = fillcolor ?? marker?.color ?? line.color;
    if (line?.dash && line.dash !== "solid") swatch.classList.add(`lb-${line.dash}`);
    key.append(name);
  }
}
