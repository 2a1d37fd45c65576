// The unrolled network of the Shapes page. Python sends every number of every kept update, as text and as a log10 for
// its colour; this module draws the diagram and moves through the updates, without asking Python in between.

const views = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = new View(parentElement)));
  view.send = (event) => setTriggerValue("event", { ...event, nonce: Math.random() });
  view.receive(data);
  return () => view.remove();
}

const PACE = 450; // ms per kept update while it learns by itself
const LEFT = 118, RIGHT = 20, WIDTH = 1400; // units of the drawing; a column takes what there is, up to MOST
const MOST = 215, R = 30, ASIDE = 46, BOX_H = 58;

class View {
  constructor(parent) {
    this.root = element("div", "sh", parent);
    this.notice = new Notice(this.root);
    const bar = element("div", "sh-bar", this.root);
    this.play = element("button", "sh-button", bar);
    this.play.onclick = () => this.toggle();
    const label = element("label", "", bar);
    label.append(`${say("updates")} `);
    this.output = element("output", "", label);
    this.slider = element("input", "", bar);
    Object.assign(this.slider, { type: "range", min: 0, step: 1, id: "sh-updates" });
    label.htmlFor = this.slider.id;
    this.slider.addEventListener("input", () => this.moved());
    this.slider.addEventListener("change", () => this.commit());
    this.score = element("span", "sh-score", bar);
    this.key = element("div", "sh-key", this.root);
    this.stage = element("div", "sh-stage", this.root);
    Object.assign(this.stage, { tabIndex: 0, ariaLabel: say("diagram") });
    this.stage.setAttribute("role", "group");
    this.sentence = element("p", "sh-sentence", this.root);
    const below = element("div", "sh-below", this.root);
    this.matrices = element("div", "sh-matrices", below);
    this.table = element("div", "sh-table", below);
    this.flying = 0; // serial of the event that Python has not answered yet, or 0
    this.waiting = null; // the newest event made meanwhile
    this.pause();
  }

  receive(data) {
    this.notice.look(data.session);
    this.serial ??= data.answer; // a diagram mounted anew goes on counting where the session was
    if (data.answer >= this.flying) this.flying = 0;
    const stale = this.flying || this.waiting; // the slider has moved on since: what it says is newer
    this.data = data;
    this.slider.max = data.updates.length - 1;
    if (!stale && !this.timer) this.slider.value = Math.max(0, data.updates.indexOf(data.value));
    this.legend();
    this.draw();
    if (this.waiting && !this.flying) this.fly(this.waiting);
  }

  get at() {
    return Number(this.slider.value);
  }

  moved() {
    this.pause();
    this.draw();
  }

  commit() {
    const event = { updates: this.data.updates[this.at], serial: ++this.serial };
    if (this.flying) this.waiting = event;
    else this.fly(event);
  }

  // One event at a time; the next leaves when Python has answered, the latest wins.
  fly(event) {
    this.waiting = null;
    this.flying = event.serial;
    this.send(event);
  }

  toggle() {
    if (this.timer) return (this.pause(), this.commit());
    if (this.at === this.data.updates.length - 1) this.slider.value = 0;
    this.play.textContent = say("playing");
    this.timer = setInterval(() => {
      this.slider.value = this.at + 1;
      this.draw();
      if (this.at === this.data.updates.length - 1) (this.pause(), this.commit());
    }, PACE);
    this.draw();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = say("paused");
  }

  remove() {
    this.pause();
    views.delete(this.root.parentElement);
    this.root.remove();
  }

  // ------------------------------------------------------------------------------------------- one moment

  draw() {
    const { data, at } = this;
    const moment = data.moments[at];
    this.output.textContent = data.updates[at];
    this.slider.setAttribute("aria-valuetext", say("after", { updates: data.updates[at] }));
    this.score.textContent = say("score", moment);
    this.sentence.textContent = moment.sentence;
    this.stage.replaceChildren(this.diagram(moment));
    this.matrices.replaceChildren(...data.matrices.map((matrix) => this.matrix(matrix)));
    this.answers();
    this.root.dataset.painted = data.updates[at];
  }

  diagram(moment) {
    const { data, at } = this;
    const step = Math.min(MOST, (WIDTH - LEFT - RIGHT) / data.columns);
    const x = (column) => LEFT + (column + 0.5) * step;
    const rows = data.chains.every((chain) => chain.first === 0) ? data.chains.length : 1; // two directions: two rows
    const y = { wants: 24, box: 72, state: (i) => 208 + 132 * Math.min(i, rows - 1) };
    y.input = y.state(rows - 1) + 122;
    y.chart = y.input + 52;
    const height = y.chart + 128 + 26;
    const width = LEFT + data.columns * step + RIGHT;
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": moment.sentence, class: "sh-svg" });
    Object.assign(svg.style, { maxWidth: `${width}px`, minWidth: `${Math.min(width, 620)}px` });
    const words = [[y.wants, say(data.known ? "wants" : "last_answer")], [y.box, say("answers")], [y.input, say("reads")]];
    for (const [at_, text] of words) write(svg, 4, at_ + 5, text, "sh-label");
    data.chains.forEach((chain, i) => {
      const name = rows > 1 ? say(chain.backward ? "from_right" : "from_left") : chain.name === "chain" ? say("states") : chain.name;
      if (rows > 1 || chain.first === 0) write(svg, 4, y.state(i) + 5, name, "sh-label");
      if (rows === 1 && chain.first > 0) write(svg, x(chain.first) - R, y.state(i) - R - 12, name, "sh-label", "end");
    });
    data.outputs.forEach((output, t) => this.box(svg, x(output.column), y, Math.min(step - 10, 156), output, moment.answers[t]));
    data.chains.forEach((chain, i) => {
      const norms = chain.norms[at];
      const T = norms.states.length, high = y.state(i);
      for (let t = 0; t < T; t++) {
        const here = x(chain.first + t);
        const reads = chain.reads[at][t] !== "";
        // With two rows, what would cross the other row's state passes beside it.
        const own = rows > 1 && i > 0 ? ASIDE : 0, entering = rows > 1 && i === 0 ? -ASIDE : 0, side = rows > 1 && i === 0 ? "left" : "right";
        const down = beside([here + own, y.box + BOX_H / 2 + 2], [here, high], -1), on = beside([here + entering, y.input - 28], [here, high], 1);
        if (norms.own[t][0] !== null) this.arrow(svg, down, norms.own[t], side, y.box + BOX_H / 2 + 34);
        if (reads) this.arrow(svg, on.reverse(), norms.entering[t], side, y.input - 52);
        const from = chain.backward ? t + 1 : t - 1; // the state that step t reads, and sends gradient to
        if ((from >= 0 && from < T) || (from < 0 && chain.after)) this.link(svg, here, x(chain.first + from), high, norms.back[t], chain.kept[t]);
        const ring = shape("circle", { cx: here, cy: high, r: R, class: "sh-state" }, svg);
        ring.style.stroke = this.colour(norms.states[t][0]);
        write(svg, here, high + 6, `s${sub(chain.first + t + 1)}`, "sh-symbol", "middle");
        if (i === 0 || rows === 1) write(svg, here, y.input + 8, chain.reads[at][t] === "" ? "·" : chain.reads[at][t], "sh-read", "middle");
      }
    });
    this.chart(svg, x, y, width);
    return svg;
  }

  box(svg, x, y, width, { wants }, answer) {
    const asked = wants !== "";
    shape("rect", { x: x - width / 2, y: y.box - BOX_H / 2, width, height: BOX_H, rx: 9, class: asked ? "sh-box" : "sh-box sh-idle" }, svg);
    if (!asked) return write(svg, x, y.box + 5, say("no_loss"), "sh-small", "middle");
    const mark = answer.right === null ? "" : answer.right ? " ✓" : " ✗";
    write(svg, x, y.wants + 5, wants, "sh-wants", "middle");
    write(svg, x, y.box - 2, answer.text + mark, "sh-answer", "middle");
    write(svg, x, y.box + 20, `p ${answer.p} · L ${answer.loss}`, "sh-small", "middle");
  }

  // Between two states: thin, what is computed forward; thick, the gradient that comes back.
  link(svg, here, before, y, norm, kept) {
    const way = Math.sign(before - here);
    const [a, b] = [here + way * (R + 3), before - way * (R + 3)];
    shape("path", { d: `M${b},${y - 11}L${a + way * 2},${y - 11}`, class: "sh-forward" }, svg);
    shape("path", { d: head([a, y - 11], [-way, 0], 7), class: "sh-forward sh-fill" }, svg);
    if (!kept) {
      shape("path", { d: `M${a},${y + 9}L${b},${y + 9}`, class: "sh-cut" }, svg);
      write(svg, (a + b) / 2, y + 34, "✂ cut", "sh-small", "middle");
    } else this.arrow(svg, [[a, y + 9], [b, y + 9]], norm, "under", y + 34);
  }

  // Along the points, coloured and as wide as its norm says; the number stands at height `at`.
  arrow(svg, points, [log10, text], place, at) {
    const [x0, y0] = points.at(-2), [x1, y1] = points.at(-1), xs = points.map(([x]) => x);
    const length = Math.hypot(x1 - x0, y1 - y0), way = [(x1 - x0) / length, (y1 - y0) / length];
    const wide = log10 === null ? 1.5 : 2 + 1.5 * Math.min(Math.max(log10 - this.data.scale[0][0], 0), 6), tip = 6 + wide;
    const end = log10 === null ? [x1, y1] : [x1 - way[0] * (tip - 1), y1 - way[1] * (tip - 1)];
    const line = shape("path", { d: `M${[...points.slice(0, -1), end].join("L")}`, class: log10 === null ? "sh-zero" : "sh-gradient" }, svg);
    if (log10 !== null) {
      const colour = this.colour(log10);
      Object.assign(line.style, { stroke: colour, strokeWidth: wide });
      shape("path", { d: head([x1, y1], way, tip), class: "sh-tip" }, svg).style.fill = colour;
    }
    if (place === "under") write(svg, (x0 + x1) / 2, at, text, "sh-number", "middle");
    else if (place === "left") write(svg, Math.min(...xs) - 10, at, text, "sh-number", "end");
    else write(svg, Math.max(...xs) + 10, at, text, "sh-number");
  }

  // The norm at every state, under the state.
  chart(svg, x, y, width) {
    const { data, at } = this, [low, high] = data.axis;
    const top = y.chart + 14, bottom = top + 112;
    const place = (log10) => bottom - ((log10 - low) / Math.max(high - low, 1)) * (bottom - top);
    write(svg, 4, top + 22, "‖∂L/∂sₜ‖", "sh-label");
    const every = Math.ceil((high - low) / 4) || 1;
    for (let decade = high; decade >= low; decade -= every) {
      shape("path", { d: `M${LEFT},${place(decade)}H${width - RIGHT}`, class: "sh-grid" }, svg);
      write(svg, LEFT - 8, place(decade) + 5, `10${power(decade)}`, "sh-small", "end");
    }
    data.chains.forEach((chain, i) => {
      const points = chain.norms[at].states.map(([log10], t) => log10 === null ? null : [x(chain.first + t), place(log10)]);
      let pen = "M", d = "";
      for (const point of points) (d += point ? `${pen}${point}` : "", pen = point ? "L" : "M");
      shape("path", { d, class: `sh-line sh-line${i}` }, svg);
      points.forEach((point, t) => {
        if (!point) return write(svg, x(chain.first + t), bottom + 18, `${data.chains.length > 1 ? `${i ? "◆" : "●"} ` : ""}exactly 0`, "sh-small", "middle");
        const dot = i ? { d: `M${point[0]},${point[1] - 8}l8,8l-8,8l-8,-8z` } : { d: `M${point[0] - 6},${point[1]}a6,6 0 1,0 12,0a6,6 0 1,0 -12,0z` };
        shape("path", { ...dot, class: `sh-dot sh-line${i}` }, svg);
      });
      const last = chain.backward ? 0 : points.length - 1;
      if (data.chains.length > 1 && points[last]) write(svg, points[last][0] + 12, points[last][1] - 9, `${i ? "◆" : "●"} ${chain.name}`, "sh-small");
    });
  }

  matrix({ title, rows, columns, cells }) {
    const box = document.createElement("div");
    element("div", "sh-title", box).textContent = say("matrix", { title });
    const grid = element("table", "sh-matrix", box);
    const head = element("tr", "", grid);
    element("th", "", head).textContent = "t \\ k";
    for (const name of columns) element("th", "", head).textContent = name;
    cells[this.at].forEach((row, r) => {
      const line = element("tr", "", grid);
      element("th", "", line).textContent = rows[r];
      for (const [log10, text] of row) {
        const cell = element("td", "", line);
        if (log10 === null) continue;
        cell.textContent = text;
        cell.style.setProperty("--ink", this.colour(log10));
      }
    });
    return box;
  }

  answers() {
    const { data, at } = this;
    const grid = document.createElement("table");
    const head = element("tr", "", element("thead", "", grid));
    for (const text of [say("reads"), say("wants"), say("its_answer"), "p", say("right")]) element("th", "", head).textContent = text;
    const body = element("tbody", "", grid);
    for (const { read, unseen, wants, said, p, right } of data.rows) {
      const line = element("tr", right[at] ? "" : "sh-wrong", body);
      const first = element("td", "", line), open = element("button", "sh-link", first);
      if (unseen) first.append(` ${say("unseen")}`);
      Object.assign(open, { textContent: read, title: say("show"), onclick: () => this.send({ read }) });
      for (const text of [wants, said[at], p[at], right[at] ? "✓" : "✗"]) element("td", "", line).textContent = text;
    }
    const scrolled = this.table.scrollTop;
    this.table.replaceChildren(grid);
    this.table.scrollTop = scrolled;
  }

  legend() {
    const { scale } = this.data, [low, high] = [scale[0][0], scale.at(-1)[0]];
    this.key.replaceChildren(say("key"));
    const bar = element("span", "sh-bar-key", this.key);
    bar.style.background = `linear-gradient(90deg, ${scale.map(([d, c]) => `${c} ${(100 * (d - low)) / (high - low)}%`)})`;
    for (let d = low; d <= high; d += 2) {
      const tick = element("span", "", bar);
      tick.textContent = d === 0 ? "1" : `10${power(d)}`;
      tick.style.left = `${(100 * (d - low)) / (high - low)}%`;
    }
  }

  // The colour of a norm on the one absolute scale of decades.
  colour(log10) {
    const { scale } = this.data;
    if (log10 === null) return scale[0][1];
    const k = Math.max(1, scale.findIndex(([decade]) => decade >= log10));
    const [[d0, c0], [d1, c1]] = log10 >= scale.at(-1)[0] ? scale.slice(-2) : [scale[k - 1], scale[k]];
    const share = Math.min(Math.max((log10 - d0) / (d1 - d0), 0), 1);
    return `color-mix(in oklab, ${c1} ${(100 * share).toFixed(1)}%, ${c0})`;
  }
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

function shape(tag, attributes, parent) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  parent?.append(node);
  return node;
}

function write(svg, x, y, text, name, anchor = "start") {
  shape("text", { x, y, class: name, "text-anchor": anchor }, svg).textContent = text;
}
