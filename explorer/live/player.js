// A Plotly figure with some of its traces moving: step, back, play, a slider; and clicks on it go to Python.
// Plotly stays mounted, so a turned surface and a zoom survive every step and every new setting.

const PACE = 120; // ms of rest between two frames while playing

export default function ({ parentElement, data, setTriggerValue }) {
  const [player, leave] = mounted(parentElement, Player);
  player.send = teller(parentElement, (event) => setTriggerValue("event", event));
  player.receive(data);
  return leave;
}

class Player {
  constructor(parent) {
    this.root = element("div", "pl", parent);
    this.bar = element("div", "pl-bar", this.root);
    this.button(say("reset"), () => this.go(0));
    this.button(say("back"), () => this.go(this.n - 1));
    this.button(say("step"), () => this.go(this.n + 1));
    this.toggle = this.button(say("play"), () => (this.playing ? this.stop() : this.play()));
    this.range = element("input", "", this.bar);
    Object.assign(this.range, { type: "range", min: 0, ariaLabel: say("update") });
    this.range.addEventListener("input", () => this.go(Number(this.range.value)));
    this.words = element("output", "pl-words", this.root);
    this.plot = element("div", "pl-plot", this.root);
    this.plot.setAttribute("role", "img");
  }

  button(label, action) {
    const node = element("button", "", this.bar);
    node.textContent = label;
    node.addEventListener("click", () => {
      if (node !== this.toggle) this.stop();
      action();
    });
    return node;
  }

  receive({ figure, label, moving, frames, words, plotly }) {
    Object.assign(this, { moving, frames, texts: words });
    this.stop();
    this.bar.hidden = this.words.hidden = frames.length < 2;
    this.range.max = frames.length - 1;
    this.plot.setAttribute("aria-label", label);
    library(plotly).then(
      () => this.draw(figure),
      () => (this.root.dataset.error = this.plot.textContent = say("no_plotly", { url: plotly })),
    );
  }

  async draw({ data, layout }) {
    const first = !this.plot.data;
    await (this.drawn = Plotly.react(this.plot, data, layout, { displayModeBar: false, responsive: true }));
    if (first) this.plot.on("plotly_click", ({ event, points }) => this.click(event, points[0]));
    this.go(this.frames.length - 1); // the whole path, until somebody goes back
  }

  // Where the pointer is, to three decimals: Plotly's own answer is the nearest point of its grid.
  click({ clientX, clientY }, { data, xaxis, yaxis }) {
    if (data.meta !== "pick") return;
    const box = this.plot.getBoundingClientRect();
    const [x, y] = [xaxis.p2d(clientX - box.left - xaxis._offset), yaxis.p2d(clientY - box.top - yaxis._offset)];
    this.send({ x: Number(x.toFixed(3)), y: Number(y.toFixed(3)) });
  }

  // Show frame n: the moving traces get its points.
  async go(n) {
    this.n = Math.min(Math.max(n, 0), this.frames.length - 1);
    this.range.value = this.n;
    this.words.textContent = this.texts[this.n] ?? "";
    this.frames[this.n].forEach((points, i) => Object.assign(this.plot.data[this.moving[i]], points));
    await (this.drawn = Plotly.redraw(this.plot));
    this.root.dataset.frame = this.n; // for tests to wait for
  }

  // One frame after the other, with a rest in between, however long a slow machine takes to draw one.
  async play() {
    const run = (this.playing = {});
    this.toggle.textContent = say("pause");
    if (this.n === this.frames.length - 1) await this.go(0);
    while (this.playing === run && this.n < this.frames.length - 1) {
      await this.go(this.n + 1);
      await new Promise((rest) => setTimeout(rest, PACE));
    }
    if (this.playing === run) this.stop();
  }

  stop() {
    this.playing = null;
    this.toggle.textContent = say("play");
  }

  remove() {
    this.stop();
    this.drawn?.finally(() => Plotly.purge(this.plot)); // before, Plotly would go on drawing without its layout
    this.root.remove();
  }
}
