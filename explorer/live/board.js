// The live board. Python sends frames (everything there is to draw, see packing.py); this module draws them and
// keeps the pictures alive in between. It computes nothing: every number in a picture is from the NumPy engine.
//
// While something moves, lines are sketched on a canvas above Plotly's axes (heatmaps are under them); Plotly itself, which
// takes a hundred times as long, draws when an axis has to change and a moment of rest has come. Loading it
// takes as long as all the rest of a first visit: until it is there, axes are on the canvas too (board.axes.js).
//
// A slider that is grabbed or focused asks Python once for a *strip*, the frames along that slider, and then scrubs
// through it locally. Where there is no strip yet, values go to Python one at a time, the latest wins.

const REST = 160; // ms without a new picture, after which Plotly draws
const PAUSE = 300; // ms that a slider rests with a coarse strip, after which the whole one is asked for
const SLOW = 700; // ms without an answer, after which the board says that it is being computed
const PATIENCE = 8000; // ms without an answer, after which an event is taken for lost and sent again
const whenIdle = window.requestIdleCallback ?? setTimeout;

export default function ({ parentElement, data, setTriggerValue }) {
  const [board, leave] = mounted(parentElement, Board);
  board.send = teller(parentElement, (event) => setTriggerValue("event", event));
  board.receive(unpack(data));
  return leave;
}

class Board {
  constructor(parent) {
    this.root = element("div", "lb", parent);
    this.notice = new Notice(this.root);
    this.controls = element("div", "lb-sliders", this.root);
    this.verdicts = element("div", "lb-verdicts", this.root);
    this.gallery = element("div", "lb-pictures", this.root);
    this.tip = element("div", "lb-tip", this.root);
    this.computing = element("div", "lb-computing", this.root);
    Object.assign(this.computing, { textContent: say("computing"), hidden: true });
    this.computing.setAttribute("role", "status");
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
    this.notice.look(message.session);
    this.colours = message.colours;
    this.plotly = message.plotly;
    if (message.strip) {
      this.strips.set(message.strip.field, message.strip);
      this.root.dataset.strip = `${message.strip.field} ${message.strip.values.length}`; // for tests to wait for
    }
    this.exact = message.frame;
    if (message.answer >= this.flying) {
      this.flying = this.requested = 0;
      clearInterval(this.reminder);
      clearTimeout(this.slow);
      this.computing.hidden = true;
    }
    const stale = this.flying || this.waiting;
    for (const settings of message.sliders) this.slider(settings).update(settings, stale);
    for (const slider of this.sliders.values()) slider.box.hidden = !message.sliders.some((s) => s.field === slider.field);
    const held = this.held && this.frameAt(this.held, true);
    if (held) this.show(held);
    else if (!stale || !this.strip(this.held?.field)) this.show(this.exact);
    if (this.waiting && !this.flying) this.fly(this.waiting);
    for (const slider of this.sliders.values()) if (document.activeElement === slider.input) this.refine(slider);
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
    if (settled || !this.strip(slider.field)) this.ask(slider, !settled);
    this.refine(slider);
  }

  // In a browser without a server a first strip is coarse: it must be there soon. The whole one has a frame for every
  // position, so that a key press finds its own; it is asked for when the slider has the focus and rests.
  refine(slider) {
    clearTimeout(this.pause);
    if (this.strip(slider.field)?.whole !== false) return;
    this.pause = setTimeout(() => {
      if (this.held || this.flying || document.activeElement !== slider.input) return;
      if (this.strip(slider.field)) this.queue({ field: slider.field, value: slider.value, strip: "whole" });
    }, PAUSE);
  }

  // `passing` are values on the way to another one: the address bar, and with it the Back button, leaves them out.
  ask(slider, passing = false) {
    const strip = !this.strip(slider.field) && this.requested !== this.exact.others[slider.field];
    this.queue({ field: slider.field, value: slider.value, strip, passing });
  }

  // One event at a time: a second one would replace the first where Python has not read it yet.
  queue(event) {
    event.serial = ++this.serial;
    if (this.flying) this.waiting = event;
    else this.fly(event);
  }

  fly(event) {
    this.waiting = null;
    this.flying = event.serial;
    if (event.strip) this.requested = this.exact.others[event.field]; // on its way: not to be asked for again
    this.send(event);
    clearTimeout(this.slow);
    this.slow = setTimeout(() => (this.computing.hidden = false), SLOW);
    clearInterval(this.reminder);
    this.reminder = setInterval(() => this.send(event), PATIENCE); // while the network is down, Streamlit drops events
  }

  // Nothing has moved, but Python shall answer; an event that is on its way will be answered anyhow, and takes the newest
  // one after it. A board without sliders has nobody to ask: it is told when there is news.
  again() {
    if (this.sliders.size && !this.flying) this.queue({});
  }

  // A cell was clicked: its column and row.
  pick(cell) {
    this.queue({ picked: cell });
  }

  show(frame) {
    this.wanted = frame;
    this.frameRequest ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    if (this.frameRequest) cancelAnimationFrame(this.frameRequest);
    this.frameRequest = null;
    const frame = this.wanted;
    if (!frame || !this.gallery.clientWidth) return;
    if (!window.Plotly && !frame.pictures.every(({ figure }) => drawable(figure.layout))) return this.load(() => this.paint());
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
    if (window.Plotly) this.finishAfter(frame.rest ?? REST);
    else whenIdle(() => this.load(() => this.finish())); // after the widgets of the page
    this.report();
  }

  load(then) {
    library(this.plotly).then(then, () => (this.root.dataset.error = this.gallery.textContent = say("no_plotly", { url: this.plotly })));
  }

  finishAfter(milliseconds) {
    clearTimeout(this.rest);
    if (this.pictures.some((picture) => picture.unfinished)) this.rest = setTimeout(() => this.finish(), milliseconds);
  }

  // A moment of rest: Plotly draws what was only sketched, one picture at a time, so that nobody has to wait for all.
  finish() {
    this.pictures.find((picture) => picture.unfinished)?.react();
    this.finishAfter(0);
    this.report();
  }

  // What is on the screen, for tests to wait for: the painted setting, and whether Python has nothing newer to say.
  report() {
    this.root.dataset.painted = JSON.stringify(this.frame.values);
    const unfinished = this.pictures.some((picture) => picture.unfinished);
    const exact = this.painted === this.exact.key && !this.frame.coarse;
    this.root.dataset.settled = String(exact && !unfinished && !this.flying && !this.waiting);
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
    clearTimeout(this.slow);
    this.pictures.splice(0).forEach((picture) => picture.remove());
    this.root.remove();
  }
}
