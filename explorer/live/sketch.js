// A pad to sketch a curve on. Python sends the axes; what is drawn goes back as one number of decades per position.
// Positions that were not drawn lie on the straight line between their neighbours, so two points make a curve.

export default function ({ parentElement, data, setTriggerValue }) {
  const [pad, leave] = mounted(parentElement, Pad);
  pad.send = teller(parentElement, (values) => setTriggerValue("event", { values, nonce: Math.random() }));
  pad.receive(data);
  return leave;
}

const SVG = "http://www.w3.org/2000/svg";
const FINE = 1 / 40; // of the axis per arrow key: half a decade where it has twenty
const COARSE = 10; // times as far with Shift

class Pad {
  constructor(parent) {
    this.root = element("div", "sk", parent);
    this.title = element("div", "sk-title", this.root);
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.tabIndex = 0;
    this.svg.setAttribute("role", "application");
    this.root.append(this.svg);
    const bar = element("div", "sk-bar", this.root);
    this.done = button(say("done"), bar, () => this.send(this.curve().map((y) => Math.round(y * 1e3) / 1e3)));
    this.done.classList.add("sk-done");
    button(say("clear"), bar, () => this.clear());
    this.said = element("span", "sk-said", bar);
    this.said.setAttribute("aria-live", "polite");
    const help = element("small", "sk-help", this.root);
    help.textContent = say("help");
    this.svg.addEventListener("pointerdown", (event) => this.press(event));
    this.svg.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) this.svg.addEventListener(end, () => (this.last = null));
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("focus", () => this.draw());
    this.svg.addEventListener("blur", () => this.draw());
    this.resizer = new ResizeObserver(() => this.data && this.draw());
    this.resizer.observe(this.svg);
  }

  receive(data) {
    if (JSON.stringify(data) !== JSON.stringify(this.data)) {
      this.data = data;
      this.values = data.at.map(() => null);
      this.cursor = data.at.length - 1;
      [[this.left, this.right], [this.low, this.high]] = data.range;
      this.title.textContent = data.label;
      const pad = { label: data.label, axis: data.titles[0], last: data.at.at(-1), low: this.low, high: this.high };
      this.svg.setAttribute("aria-label", say("pad", pad));
    }
    this.draw();
  }

  // ---------------------------------------------------------------------------------------- pixels and values

  box() {
    const { width, height } = this.svg.getBoundingClientRect();
    const em = parseFloat(getComputedStyle(this.svg).fontSize);
    return { left: 3.6 * em, right: width - 0.8 * em, top: 1.3 * em, bottom: height - 2.9 * em, em };
  }

  toX(x, { left, right }) {
    return left + ((x - this.left) / (this.right - this.left)) * (right - left);
  }

  toY(decades, { top, bottom }) {
    return bottom - ((decades - this.low) / (this.high - this.low)) * (bottom - top);
  }

  place(event) {
    const frame = this.svg.getBoundingClientRect();
    const { left, right, top, bottom } = this.box();
    const { at } = this.data;
    const x = this.left + ((event.clientX - frame.left - left) / (right - left)) * (this.right - this.left);
    const i = Math.round(((x - at[0]) / (at.at(-1) - at[0])) * (at.length - 1));
    const y = this.low + ((bottom - (event.clientY - frame.top)) / (bottom - top)) * (this.high - this.low);
    return { i: Math.min(Math.max(i, 0), at.length - 1), y: this.within(y) };
  }

  within(y) {
    return Math.min(Math.max(y, this.low), this.high);
  }

  // ---------------------------------------------------------------------------------------- drawing by hand

  press(event) {
    this.svg.setPointerCapture(event.pointerId);
    this.last = this.place(event);
    this.set(this.last);
  }

  drag(event) {
    if (!this.last) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      const now = this.place(each);
      const { i, y } = this.last;
      const sign = Math.sign(now.i - i);
      for (let j = i + sign; sign && j !== now.i; j += sign) this.values[j] = y + ((now.y - y) * (j - i)) / (now.i - i);
      this.values[now.i] = now.y;
      this.last = now;
    }
    this.set(this.last);
  }

  key(event) {
    const far = event.shiftKey ? COARSE : 1;
    const n = this.data.at.length;
    const moves = { ArrowLeft: -far, ArrowRight: far, Home: -n, End: n };
    if (event.key in moves) {
      this.cursor = Math.min(Math.max(this.cursor + moves[event.key], 0), n - 1);
      this.say();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const now = this.curve()?.[this.cursor] ?? this.within(0);
      const step = (this.high - this.low) * FINE * far * (event.key === "ArrowUp" ? 1 : -1);
      this.set({ i: this.cursor, y: this.within(now + step) });
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.set({ i: this.cursor, y: null });
    } else if (event.key === "Enter") {
      if (!this.done.disabled) this.done.click();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    this.draw();
  }

  set({ i, y }) {
    this.values[i] = y;
    this.cursor = i;
    this.say();
    this.draw();
  }

  clear() {
    this.values.fill(null);
    this.said.textContent = "";
    this.draw();
    this.svg.focus();
  }

  say() {
    const y = this.curve()?.[this.cursor];
    const at = Math.round(this.data.at[this.cursor]);
    const powers = this.data.y[0][1].length > 1; // written as powers of ten, or as plain numbers
    const value = y === undefined ? "" : powers ? `: 10^${y.toFixed(1)}` : `: ${Number((10 ** y).toPrecision(2))}`;
    this.said.textContent = `${this.data.titles[0]} ${at}${value}`;
  }

  // One number per position: straight lines between the drawn ones, level beyond the first and the last.
  curve() {
    const drawn = this.values.flatMap((y, i) => (y === null ? [] : [i]));
    if (!drawn.length) return null;
    return this.values.map((y, i) => {
      const before = drawn.findLast((j) => j <= i) ?? drawn[0];
      const after = drawn.find((j) => j >= i) ?? drawn.at(-1);
      if (before === after) return this.values[before];
      if (before > after) return this.values[i < drawn[0] ? drawn[0] : drawn.at(-1)];
      return this.values[before] + ((this.values[after] - this.values[before]) * (i - before)) / (after - before);
    });
  }

  // ---------------------------------------------------------------------------------------- on the screen

  draw() {
    if (!this.root.isConnected) return; // a last blur, while the pad is taken away
    const { at, x, y, given, titles } = this.data;
    const box = this.box();
    const parts = [];
    const line = (name, a, b, c, d) => parts.push(node("line", name, { x1: a, y1: b, x2: c, y2: d }));
    const text = (name, a, b, words) => parts.push(...label(name, a, b, words));
    for (const [value, words] of y) {
      line("sk-grid", box.left, this.toY(value, box), box.right, this.toY(value, box));
      text("sk-tick sk-end", box.left - 0.5 * box.em, this.toY(value, box) + 0.35 * box.em, words);
    }
    for (const [value, words] of x) {
      line("sk-grid", this.toX(value, box), box.top, this.toX(value, box), box.bottom);
      text("sk-tick sk-middle", this.toX(value, box), box.bottom + 1.2 * box.em, words);
    }
    text("sk-tick sk-middle", (box.left + box.right) / 2, box.bottom + 2.5 * box.em, [titles[0]]);
    text("sk-tick", 0, 0.9 * box.em, [titles[1]]);
    const path = (name, values) =>
      parts.push(node("polyline", name, { points: values.map((v, i) => `${this.toX(at[i], box)},${this.toY(v, box)}`).join(" ") }));
    given.forEach(({ name, values }) => {
      path("sk-given", values);
      const i = Math.round(at.length / 2);
      text("sk-tick sk-middle", this.toX(at[i], box), this.toY(values[i], box) - 0.5 * box.em, [name]);
    });
    const curve = this.curve();
    if (curve) path("sk-curve", curve);
    else text("sk-empty sk-middle", (box.left + box.right) / 2, this.emptiest(box), [say("empty")]);
    if (document.activeElement === this.svg) {
      const now = this.toX(at[this.cursor], box);
      line("sk-cursor", now, box.top, now, box.bottom);
      if (curve) parts.push(node("circle", "sk-dot", { cx: now, cy: this.toY(curve[this.cursor], box), r: 0.45 * box.em }));
    }
    this.svg.replaceChildren(...parts);
    this.done.disabled = this.values.filter((value) => value !== null).length < 2;
  }

  // The height in the middle of the pad that is farthest from the lines that are given.
  emptiest(box) {
    const middle = Math.round(this.data.at.length / 2);
    const lines = this.data.given.map(({ values }) => this.toY(values[middle], box));
    const room = (height) => Math.min(box.bottom - box.top, ...lines.map((y) => Math.abs(y - height)));
    const heights = [0.5, 0.25, 0.75].map((share) => box.top + share * (box.bottom - box.top));
    return heights.reduce((best, height) => (room(height) > room(best) + box.em ? height : best));
  }

  remove() {
    this.resizer.disconnect();
    this.root.remove();
  }
}

function node(tag, name, attributes) {
  const made = document.createElementNS(SVG, tag);
  made.setAttribute("class", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// Words, the second raised: 10⁻³.
function label(name, x, y, [words, raised]) {
  const made = node("text", name, { x, y });
  made.textContent = words;
  if (raised !== undefined) {
    const power = node("tspan", "sk-power", { dy: "-0.45em" });
    power.textContent = raised.replace("-", "−");
    made.append(power);
  }
  return [made];
}

function button(text, parent, act) {
  const made = element("button", "sk-button", parent);
  made.textContent = text;
  made.onclick = act;
  return made;
}
