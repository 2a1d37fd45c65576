// The unrolled network of the Shapes page. Python sends every number of every kept update, as text and as a log10 for
// its colour; this module draws the diagram and moves through the updates, without asking Python in between.

export default function ({ parentElement, data, setTriggerValue }) {
  const [view, leave] = mounted(parentElement, View);
  view.send = teller(parentElement, (event) => setTriggerValue("event", { ...event, nonce: Math.random() }));
  view.receive(data);
  return leave;
}

const PACE = 450; // ms per kept update while it learns by itself

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
    const save = element("button", "sh-button", bar);
    Object.assign(save, { textContent: "SVG", title: say("save"), onclick: () => saveSvg(this.stage.firstChild, "shapes.svg") });
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
    this.stage.replaceChildren(new Diagram(data, at).draw(moment));
    this.matrices.replaceChildren(...data.matrices.map((matrix) => matrixTable(matrix, at, data.scale)));
    this.table.replaceChildren(answersTable(data.rows, at, (read) => this.send({ read })));
    this.root.dataset.painted = data.updates[at];
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
}
