// The unrolled network of By hand. Python sends every number as text and the state of every part (lit, parent, done,
// todo); this module lays them out, and sends back what was clicked or pressed.

export default function ({ parentElement, data, setTriggerValue }) {
  const [view, leave] = mounted(parentElement, View);
  view.tell = teller(parentElement, (event) => setTriggerValue("event", event));
  view.draw(data);
  return leave;
}

const KEYS = {
  ArrowRight: { move: 1 },
  ArrowLeft: { move: -1 },
  Home: { move: "first" },
  End: { move: "last" },
  ArrowDown: { down: 1 },
  ArrowUp: { down: -1 },
};
const PACE = 1400; // ms per stop while playing
const PATIENCE = 8000; // ms without an answer, after which an event is taken for lost
const MOST = 3; // events that wait; whoever holds a key down must not have the walk go on for long when he lets go

class View {
  constructor(parent) {
    this.waiting = [];
    this.serial = 0; // of the last event
    this.flying = 0; // serial of the event Python has not answered yet, or 0
    this.root = element("div", "un", parent);
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", say("network"));
    this.notice = new Notice(this.root);
    this.bar = element("div", "un-bar", this.root);
    this.buttons = {};
    const button = (name, text, title, act) => {
      const node = element("button", "un-button", this.bar);
      Object.assign(node, { textContent: text, title, onclick: act });
      node.setAttribute("aria-label", title);
      this.buttons[name] = node;
    };
    button("first", "|◀", say("first"), () => this.act({ move: "first" }));
    button("back", "◀", say("back"), () => this.act({ move: -1 }));
    button("play", say("paused"), say("play"), () => this.toggle());
    button("next", "▶", say("next"), () => this.act({ move: 1 }));
    button("turn", say("backward"), say("turn"), () => this.act({ move: "backward" }));
    button("last", "▶|", say("last"), () => this.act({ move: "last" }));
    this.count = element("span", "un-count", this.bar);
    this.net = element("div", "un-net", this.root);
    Object.assign(this.net, { tabIndex: 0, ariaLabel: say("steps") });
    this.net.setAttribute("role", "group");
    this.side = element("div", "un-side", this.root);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("click", (event) => this.click(event));
  }

  key(event) {
    if (event.target.tagName === "BUTTON" && (event.key === " " || event.key === "Enter")) return;
    if (event.key === " ") this.toggle();
    else if (KEYS[event.key]) this.act(KEYS[event.key]);
    else return;
    event.preventDefault();
  }

  click(event) {
    const group = event.target.closest("[data-key]");
    if (!group) return;
    const { i, j } = event.target.dataset;
    this.act({ key: group.dataset.key, entry: j === undefined ? null : [Number(i), Number(j)] });
  }

  act(event) {
    this.pause();
    this.send(event);
  }

  // One event at a time: a second one would replace the first where Python has not read it yet.
  send(event) {
    if (this.waiting.length < MOST) this.waiting.push(event);
    if (!this.flying) this.fly();
  }

  fly() {
    clearTimeout(this.lost);
    const event = this.waiting.shift();
    this.flying = event ? ++this.serial : 0;
    if (!event) return;
    this.tell({ ...event, serial: this.serial });
    this.lost = setTimeout(() => this.fly(), PATIENCE);
  }

  toggle() {
    if (this.timer) return this.pause();
    if (this.data.stop === this.data.stops - 1) this.send({ move: "first" });
    this.timer = setInterval(() => this.send({ move: 1 }), PACE);
    this.buttons.play.textContent = say("playing");
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.buttons.play.textContent = say("paused");
  }

  draw(data) {
    this.data = data;
    this.serial ||= data.answer; // mounted anew it goes on counting where the session was
    if (this.flying && data.answer >= this.flying) this.fly();
    this.notice.look(data.session);
    if (data.stop === data.stops - 1) this.pause();
    this.count.textContent = say(data.stop < data.turn ? "at_forward" : "at_backward", { n: data.stop + 1, all: data.stops });
    this.root.dataset.stop = data.stop;
    this.net.replaceChildren();
    data.columns.forEach((column, c) => {
      if (c > 0) this.between(data);
      this.column(column, data);
    });
    this.side.replaceChildren();
    data.weights.forEach((weight) => this.weight(weight));
    this.flow(data.flow, data.taken);
    this.bringIntoView(this.net.querySelector(".un-current"));
  }

  // Sideways only: the page itself stays where the reader has it.
  bringIntoView(column) {
    const [left, right] = [column.offsetLeft - this.net.offsetLeft, column.offsetLeft - this.net.offsetLeft + column.offsetWidth];
    if (left < this.net.scrollLeft) this.net.scrollLeft = left;
    if (right > this.net.scrollLeft + this.net.clientWidth) this.net.scrollLeft = right - this.net.clientWidth;
  }

  column(column, { classes, entry }) {
    const box = element("div", "un-column" + (column.current ? " un-current" : ""), this.net);
    const loss = element("div", "un-loss", box);
    if (column.loss) {
      vector(loss, column.loss, entry, [`L${sub(column.t)}`]);
      element("small", "", loss).textContent = say("wants", column);
    }
    const output = element("div", "un-node un-output", box);
    if (column.output.some(Boolean)) {
      labels(output, classes);
      for (const group of column.output) if (group) vector(output, group, entry, [group.symbol + sub(column.t)]);
    }
    arrow(box, column.output.some(Boolean) ? "W_hy" : "", "↑");
    const hidden = element("div", "un-node un-hidden", box);
    for (const group of column.hidden) if (group) vector(hidden, group, entry, [group.symbol + sub(column.t)]);
    arrow(box, "W_xh", "↑");
    const input = element("div", "un-node un-input", box);
    element("b", "un-reads", input).textContent = column.reads;
    labels(input, classes);
    vector(input, column.x, entry, [`x${sub(column.t)}`]);
    element("div", "un-step", box).textContent = say("step", column);
  }

  between() {
    const box = element("div", "un-between", this.net);
    arrow(box, "W_hh", "→");
  }

  weight({ name, values, gradient, state, gradient_key, gradient_state }) {
    const box = element("div", "un-weight", this.side);
    const head = element("div", "un-weight-name", box);
    head.append(...subscript(name), document.createTextNode(`  ${say("gradient")}`));
    const pair = element("div", "un-pair", box);
    table(pair, values, name, state, this.data.entry);
    table(pair, gradient, gradient_key, `${gradient_state} un-gradient`, this.data.entry);
  }

  flow(rows, taken) {
    const box = element("div", "un-weight", this.side);
    element("div", "un-weight-name", box).textContent = say("flow");
    const grid = element("table", "un-flow", box);
    const head = element("tr", "", grid);
    element("th", "", head).textContent = "t \\ k";
    rows.forEach((_, k) => (element("th", "", head).textContent = k + 1));
    rows.forEach((row, t) => {
      const line = element("tr", taken[t] ? "" : "un-todo", grid);
      element("th", "", line).textContent = t + 1;
      for (const { key, text, lit } of row) {
        const cell = element("td", lit ? "un-lit" : "", line);
        cell.textContent = text;
        cell.dataset.key = key;
      }
    });
    if (taken.includes(false)) element("div", "un-flow-note", box).textContent = say("not_taken");
  }

  remove() {
    this.pause();
    clearTimeout(this.lost);
    this.root.remove();
  }
}

// A column vector with its name; each number can be clicked.
function vector(parent, { key, texts, state }, entry, [name]) {
  const box = element("div", `un-vector un-${state}` + (key.startsWith("d") ? " un-gradient" : ""), parent);
  box.dataset.key = key;
  element("b", "", box).textContent = name;
  texts.forEach((text, j) => {
    const number = element("span", state === "lit" && entry && entry[1] === j ? "un-entry" : "", box);
    number.textContent = text;
    Object.assign(number.dataset, { i: 0, j });
  });
}

function table(parent, rows, key, state, entry) {
  const grid = element("table", `un-matrix un-${state}`, parent);
  if (key) grid.dataset.key = key;
  const lit = state.startsWith("lit") && entry;
  rows.forEach((row, i) => {
    const line = element("tr", "", grid);
    row.forEach((text, j) => {
      const cell = element("td", lit && entry[0] === i && entry[1] === j ? "un-entry" : "", line);
      cell.textContent = text;
      Object.assign(cell.dataset, { i, j });
    });
  });
}

function labels(parent, classes) {
  const box = element("div", "un-labels", parent);
  element("b", "", box).textContent = "\u00a0";
  for (const name of classes) element("span", "", box).textContent = name;
}

function arrow(parent, weight, sign) {
  const box = element("div", "un-arrow", parent);
  if (!weight) return;
  box.append(sign, " ", ...subscript(weight));
  box.dataset.key = weight;
  box.title = say("same");
}

const sub = (t) => [...String(t)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");

function subscript(name) {
  const [letter, index] = name.split("_");
  const lower = document.createElement("sub");
  lower.textContent = index;
  return [document.createTextNode(letter), lower];
}
