// One slider of the board: its position is an index into the values that Python gave it.

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
