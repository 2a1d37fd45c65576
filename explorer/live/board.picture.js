// One picture: Plotly draws axes and, under the pointer, lines; heatmaps are on a canvas under its axes, and what moves is
// sketched on one above them. A sketch on the axes that it needs looks the same, so it stays until somebody comes to zoom
// or to read: drawing it again would take a tenth of a second for every picture. Until Plotly has been loaded, axes are
// on the lower canvas, too (board.axes.js).

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
    this.ink = element("canvas", "", this.stage);
    this.marker = element("div", "lb-marker", this.stage);
    this.sentence = element("p", "lb-sentence", root);
    this.marker.hidden = true;
    this.stage.addEventListener("mousemove", (event) => this.hover(event));
    this.stage.addEventListener("mouseleave", () => board.mark(null));
    this.stage.addEventListener("pointerenter", () => this.visit(true));
    this.stage.addEventListener("pointerleave", () => this.visit(false));
    this.stage.addEventListener("pointerdown", (event) => (this.pressed = [event.clientX, event.clientY]), true);
    this.stage.addEventListener("click", (event) => this.click(event));
  }

  draw({ title, figure, sentence }, look, anew) {
    this.title.textContent = title;
    this.sentence.textContent = sentence;
    if (figure === this.figure && !anew) return; // equal parts of a strip are one object
    this.figure = figure;
    Object.assign(this, look);
    if (!window.Plotly) return this.begin();
    if (anew || !this.layout || !fits(figure.layout, this.layout)) return this.react();
    // The axes can stay, so everything goes on the canvas; heatmaps alone are then at their best already.
    this.sketched = figure.layout !== this.layout || figure.data.some((trace) => trace.type !== "heatmap");
    this.stage.classList.toggle("lb-sketched", this.sketched);
    this.pixels();
  }

  // Whether Plotly still has to draw it.
  get unfinished() {
    return this.sketched && (this.visited || !same(this.figure.layout, this.layout) || !this.figure.data.every(faithful));
  }

  // The pointer comes or goes.
  visit(here) {
    this.visited = here;
    if (window.Plotly && this.unfinished) this.board.finishAfter(0);
  }

  // The picture in this size and theme, with its legend.
  laidOut() {
    const { data, layout } = resolve(this.figure, this.palette);
    const font = { ...layout.font, family: this.family, size: 0.93 * this.size };
    const margin = mapValues(layout.margin, (pixels) => (pixels * this.size) / 14); // labels need room as they grow
    this.stage.classList.toggle("lb-pick", !!layout.meta?.cells);
    drawLegend(this.legend, data);
    return { data, layout: { ...fitting(layout, this.width), font, margin } };
  }

  // Without Plotly.
  begin() {
    this.placed = placed(this.laidOut().layout, this.width, this.height);
    this.sketched = true;
    this.pixels();
  }

  // Where the axes lie now.
  get axes() {
    return this.plot._fullLayout ?? this.placed;
  }

  react() {
    this.layout = this.figure.layout;
    const { data, layout } = this.laidOut();
    const first = !this.plot.data;
    const hovermode = layout.meta ? false : layout.hovermode; // over time and cells, our own reading stands at the pointer
    this.drawn = Plotly.react(
      this.plot,
      data.map((trace) => (trace.type === "heatmap" ? placeholder(trace) : trace)),
      { ...layout, hovermode, showlegend: false, width: this.width, height: this.height },
      (this.config ??= {
        displaylogo: false,
        modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "toImage", "sendChartToCloud"],
        modeBarButtonsToAdd: ["svg", "png"].map((format) => this.saver(format)),
      }), // one object for good: at another one Plotly would begin anew, and lose the zoom
    );
    if (first) this.plot.on("plotly_relayout", () => this.pixels());
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
    const name = say("save", { format: format.toUpperCase() });
    return { name, title: name, icon: format === "svg" ? Plotly.Icons.disk : Plotly.Icons.camera, click };
  }

  // What is on the canvases: heatmaps always (sharp pixels, a tenth of the time), lines while they are sketched.
  pixels() {
    const under = cleared(this.canvas, this.width, this.height);
    const over = cleared(this.ink, this.width, this.height);
    if (!this.plot._fullLayout) drawAxes(under, this.placed);
    let before = null;
    for (const trace of this.figure.data) {
      if (trace.type === "heatmap") this.heatmap(under, trace);
      else if (this.sketched) before = this.sketch(over, trace, before);
    }
    if (!this.plot._fullLayout) this.bars(under);
  }

  // Colour bars without Plotly.
  bars(context) {
    for (const name of new Set(this.figure.data.map((trace) => trace.coloraxis))) {
      if (name) drawBar(context, this.placed[name], lookup(this.placed[name], this.palette), this.placed);
    }
  }

  // One trace of lines or marks as Plotly would draw it; returns its points, which the next one may fill up to.
  sketch(context, trace, before) {
    const { [axisName(trace.xaxis ?? "x")]: X, [axisName(trace.yaxis ?? "y")]: Y } = this.axes;
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
    const { [axisName(trace.xaxis)]: X, [axisName(trace.yaxis)]: Y } = this.axes;
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
    if (!this.figure?.layout.meta?.cells || !this.axes) return null;
    const box = this.stage.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    for (const trace of this.figure.data) {
      if (trace.type !== "heatmap") continue;
      const { [axisName(trace.xaxis)]: X, [axisName(trace.yaxis)]: Y } = this.axes;
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
    if (!this.figure?.layout.meta?.time || !this.axes) return;
    const box = this.stage.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const lay = this.axes;
    const names = this.pairs().filter(([X, Y]) => inside(lay[axisName(X)], px) && inside(lay[axisName(Y)], py));
    if (!names.length) return this.board.mark(null);
    const [X, Y] = names[0];
    const step = Math.round(toData(lay[axisName(X)], px));
    const unit = Math.round(toData(lay[axisName(Y)], lay[axisName(Y)]._offset * 2 + lay[axisName(Y)]._length - py));
    const input = this.board.frame.reads.symbols?.[step - 1];
    const lines = [input === undefined ? say("at", { step }) : say("reads", { step, input })];
    for (const trace of this.figure.data) {
      if ((trace.xaxis ?? "x") !== X || trace.meta === "silent") continue;
      const line = reading(trace, step, unit);
      if (line) lines.push(line);
    }
    this.board.mark(step, this, lines, event.clientX, event.clientY);
  }

  // The pairs of axes that traces stand on.
  pairs() {
    return [...new Set(this.figure.data.map((trace) => `${trace.xaxis ?? "x"} ${trace.yaxis ?? "y"}`))].map((pair) =>
      pair.split(" "),
    );
  }

  mark(step) {
    const X = this.axes?.xaxis;
    const shown = step !== null && this.figure?.layout.meta?.time && X && step >= X.range[0] && step <= X.range[1];
    this.marker.hidden = !shown;
    if (!shown) return;
    const x = X._offset + ((step - X.range[0]) / (X.range[1] - X.range[0])) * X._length;
    this.marker.style.transform = `translateX(${x}px)`;
  }

  remove() {
    this.root.remove();
    this.drawn?.finally(() => Plotly.purge(this.plot)); // before, Plotly would go on drawing without its layout
  }
}

// A canvas of this size, to draw on in CSS pixels.
function cleared(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== width * ratio) canvas.width = width * ratio;
  if (canvas.height !== height * ratio) canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.imageSmoothingEnabled = false;
  return context;
}

const NARROW = 480; // pixels

// The layout for a picture of this width: in a narrow one every second label along the x axes.
function fitting(layout, width) {
  if (width >= NARROW) return layout;
  const rarer = ({ nticks, dtick, ...axis }) =>
    ({ ...axis, ...(nticks && { nticks: Math.ceil(nticks / 2) }), ...(dtick && { dtick: 2 * dtick }) });
  return Object.fromEntries(Object.entries(layout).map(([key, part]) => [key, /^xaxis/.test(key) ? rarer(part) : part]));
}

// Whether two layouts say the same.
const same = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);

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
