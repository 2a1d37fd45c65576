// The unrolled network after one number of updates: what it reads, its states, its answers, and the gradient on its way.

const LEFT = 118, RIGHT = 20, WIDTH = 1400; // units of the drawing; a column takes what there is, up to MOST
const MOST = 215, ASIDE = 46, BOX_H = 58;

class Diagram {
  constructor(data, at) {
    Object.assign(this, { data, at });
    const { chains, columns } = data;
    this.rows = chains.every((chain) => chain.first === 0) ? chains.length : 1; // two directions: two rows
    this.step = Math.min(MOST, (WIDTH - LEFT - RIGHT) / columns);
    this.width = LEFT + columns * this.step + RIGHT;
    this.inputs = this.high(this.rows - 1) + 122;
    this.foot = this.inputs + 52; // where the chart begins
  }

  static wants = 24; // the heights of the rows that are not chains
  static answers = 72;

  // The height of a chain.
  high(i) {
    return 208 + 132 * Math.min(i, this.rows - 1);
  }

  // The middle of a column.
  x(column) {
    return LEFT + (column + 0.5) * this.step;
  }

  draw(moment) {
    const { data, width } = this;
    const frame = { viewBox: `0 0 ${width} ${this.foot + 154}`, role: "img", "aria-label": moment.sentence, class: "sh-svg" };
    this.svg = shape("svg", frame);
    Object.assign(this.svg.style, { maxWidth: `${width}px`, minWidth: `${Math.min(width, 620)}px` });
    this.labels();
    data.outputs.forEach((output, t) => this.box(this.x(output.column), output, moment.answers[t]));
    data.chains.forEach((chain, i) => this.chain(chain, i));
    this.chart();
    return this.svg;
  }

  labels() {
    const { data, rows, svg } = this;
    const beside = { [Diagram.wants]: say(data.known ? "wants" : "last_answer"), [Diagram.answers]: say("answers"), [this.inputs]: say("reads") };
    for (const [y, text] of Object.entries(beside)) write(svg, 4, Number(y) + 5, text, "sh-label");
    data.chains.forEach((chain, i) => {
      const name = rows > 1 ? say(chain.backward ? "from_right" : "from_left") : chain.name === "chain" ? say("states") : chain.name;
      if (rows > 1 || chain.first === 0) write(svg, 4, this.high(i) + 5, name, "sh-label");
      else write(svg, this.x(chain.first) - R, this.high(i) - R - 12, name, "sh-label", "end");
    });
  }

  box(x, { wants }, answer) {
    const { svg } = this, { answers } = Diagram, width = Math.min(this.step - 10, 156);
    const place = { x: x - width / 2, y: answers - BOX_H / 2, width, height: BOX_H, rx: 9 };
    shape("rect", { ...place, class: wants === "" ? "sh-box sh-idle" : "sh-box" }, svg);
    if (wants === "") return write(svg, x, answers + 5, say("no_loss"), "sh-small", "middle");
    const mark = answer.right === null ? "" : answer.right ? " ✓" : " ✗";
    write(svg, x, Diagram.wants + 5, wants, "sh-wants", "middle");
    write(svg, x, answers - 2, answer.text + mark, "sh-answer", "middle");
    write(svg, x, answers + 20, `p ${answer.p} · L ${answer.loss}`, "sh-small", "middle");
  }

  // A row of states with what they read, and the gradient that enters, passes and leaves each.
  chain(chain, i) {
    const { svg, rows } = this, norms = chain.norms[this.at], reads = chain.reads[this.at];
    const T = norms.states.length, y = this.high(i);
    for (let t = 0; t < T; t++) {
      const x = this.x(chain.first + t);
      this.between(x, y, i, norms.own[t], reads[t] !== "" && norms.entering[t]);
      const from = chain.backward ? t + 1 : t - 1; // the state that step t reads, and sends gradient to
      const exists = (from >= 0 && from < T) || (from < 0 && chain.after);
      if (exists) this.link(x, this.x(chain.first + from), y, norms.back[t], chain.kept[t]);
      const ring = shape("circle", { cx: x, cy: y, r: R, class: "sh-state" }, svg);
      ring.style.stroke = colourOf(this.data.scale, norms.states[t][0]);
      write(svg, x, y + 6, `s${sub(chain.first + t + 1)}`, "sh-symbol", "middle");
      if (i === 0 || rows === 1) write(svg, x, this.inputs + 8, reads[t] === "" ? "·" : reads[t], "sh-read", "middle");
    }
  }

  // From the loss down to a state, and from there to its input. With two rows, what would cross the other row's state
  // passes beside it.
  between(x, y, i, own, entering) {
    const top = Diagram.answers + BOX_H / 2, crossed = this.rows > 1;
    const [shift, back] = [crossed && i > 0 ? ASIDE : 0, crossed && i === 0 ? -ASIDE : 0];
    const side = crossed && i === 0 ? "left" : "right";
    if (own[0] !== null) this.arrow(beside([x + shift, top + 2], [x, y], -1), own, side, top + 34);
    if (entering) this.arrow(beside([x + back, this.inputs - 28], [x, y], 1).reverse(), entering, side, this.inputs - 52);
  }

  // Between two states: thin, what is computed forward; thick, the gradient that comes back.
  link(here, before, y, norm, kept) {
    const { svg } = this;
    const way = Math.sign(before - here);
    const [a, b] = [here + way * (R + 3), before - way * (R + 3)];
    shape("path", { d: `M${b},${y - 11}L${a + way * 2},${y - 11}`, class: "sh-forward" }, svg);
    shape("path", { d: head([a, y - 11], [-way, 0], 7), class: "sh-forward sh-fill" }, svg);
    if (!kept) {
      shape("path", { d: `M${a},${y + 9}L${b},${y + 9}`, class: "sh-cut" }, svg);
      write(svg, (a + b) / 2, y + 34, say("cut"), "sh-small", "middle");
    } else this.arrow([[a, y + 9], [b, y + 9]], norm, "under", y + 34);
  }

  // Along the points, coloured and as wide as its norm says; the number stands at height `at`.
  arrow(points, [log10, text], place, at) {
    const { svg, data } = this;
    const [x0, y0] = points.at(-2), [x1, y1] = points.at(-1), xs = points.map(([x]) => x);
    const length = Math.hypot(x1 - x0, y1 - y0), way = [(x1 - x0) / length, (y1 - y0) / length];
    const wide = log10 === null ? 1.5 : 2 + 1.5 * Math.min(Math.max(log10 - data.scale[0][0], 0), 6), tip = 6 + wide;
    const end = log10 === null ? [x1, y1] : [x1 - way[0] * (tip - 1), y1 - way[1] * (tip - 1)];
    const line = shape("path", { d: `M${[...points.slice(0, -1), end].join("L")}`, class: log10 === null ? "sh-zero" : "sh-gradient" }, svg);
    if (log10 !== null) {
      const colour = colourOf(data.scale, log10);
      Object.assign(line.style, { stroke: colour, strokeWidth: wide });
      shape("path", { d: head([x1, y1], way, tip), class: "sh-tip" }, svg).style.fill = colour;
    }
    if (place === "under") write(svg, (x0 + x1) / 2, at, text, "sh-number", "middle");
    else if (place === "left") write(svg, Math.min(...xs) - 10, at, text, "sh-number", "end");
    else write(svg, Math.max(...xs) + 10, at, text, "sh-number");
  }

  // The norm at every state, under the state.
  chart() {
    const { svg, data, at } = this, [low, high] = data.axis;
    const top = this.foot + 14, bottom = top + 112;
    const place = (log10) => bottom - ((log10 - low) / Math.max(high - low, 1)) * (bottom - top);
    write(svg, 4, top + 22, "‖∂L/∂sₜ‖", "sh-label");
    const every = Math.ceil((high - low) / 4) || 1;
    for (let decade = high; decade >= low; decade -= every) {
      shape("path", { d: `M${LEFT},${place(decade)}H${this.width - RIGHT}`, class: "sh-grid" }, svg);
      write(svg, LEFT - 8, place(decade) + 5, `10${power(decade)}`, "sh-small", "end");
    }
    data.chains.forEach((chain, i) => {
      const x = (t) => this.x(chain.first + t);
      const points = chain.norms[at].states.map(([log10], t) => (log10 === null ? null : [x(t), place(log10)]));
      this.curve(points, i);
      const mark = data.chains.length > 1 ? `${i ? "◆" : "●"} ` : "";
      points.forEach((point, t) => point ?? write(svg, x(t), bottom + 18, mark + say("exactly_0"), "sh-small", "middle"));
      const last = points[chain.backward ? 0 : points.length - 1];
      if (mark && last) write(svg, last[0] + 12, last[1] - 9, mark + chain.name, "sh-small");
    });
  }

  // A line with a gap where a point is null; dots on the first chain's, diamonds on the second's.
  curve(points, i) {
    let pen = "M", d = "";
    for (const point of points) (d += point ? `${pen}${point}` : "", pen = point ? "L" : "M");
    shape("path", { d, class: `sh-line sh-line${i}` }, this.svg);
    for (const [x, y] of points.filter(Boolean)) {
      const dot = i ? `M${x},${y - 8}l8,8l-8,8l-8,-8z` : `M${x - 6},${y}a6,6 0 1,0 12,0a6,6 0 1,0 -12,0z`;
      shape("path", { d: dot, class: `sh-dot sh-line${i}` }, this.svg);
    }
  }
}
