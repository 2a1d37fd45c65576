// Listens to the keys that turn a lesson's screens. The class pv-on makes presenter.css lay the page out for a projector;
// how large its type is there, Python is told, since charts take theirs in pixels.

export default function ({ parentElement, data, setTriggerValue, setStateValue }) {
  const [presenter, leave] = mounted(parentElement, Presenter);
  presenter.move = teller(parentElement, (move) => setTriggerValue("event", { move, nonce: Math.random() }));
  // No event: of two events at once, the later one replaces the other.
  presenter.tell = teller(parentElement, (type) => setStateValue("type", type));
  presenter.receive(data);
  return leave;
}

class Presenter {
  constructor(parent) {
    this.root = element("div", "pv", parent);
    this.pressed = (event) => press(event, this);
    this.resized = () => this.measure();
    window.addEventListener("keydown", this.pressed, true);
    window.addEventListener("resize", this.resized);
  }

  receive({ presenting, type }) {
    Object.assign(this, { presenting, type });
    this.root.className = presenting ? "pv pv-on" : "pv";
    this.measure();
  }

  // How large the type is: charts need to know.
  measure() {
    const type = Math.round(parseFloat(getComputedStyle(document.documentElement).fontSize));
    if (this.presenting && type !== this.type) this.tell(type);
  }

  remove() {
    window.removeEventListener("keydown", this.pressed, true);
    window.removeEventListener("resize", this.resized);
    this.root.remove();
  }
}

const TYPING = "textarea, input:not([type=range]):not([type=radio]):not([type=checkbox]), [contenteditable=true]";
const OWN_ARROWS = "input, [role=slider], [role=radiogroup], [role=application], [role=combobox], [role=listbox], [role=option]";

function press(event, presenter) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.target.closest?.(TYPING)) return;
  const clicker = presenter.presenting && { PageDown: 1, PageUp: -1, Escape: "leave" }[event.key];
  const arrow = !event.target.closest?.(OWN_ARROWS) && { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!clicker && !arrow) return;
  event.preventDefault();
  event.stopPropagation();
  presenter.move(clicker || arrow);
}
