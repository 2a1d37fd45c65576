// Listens to the keys that turn a lesson's screens. The class pv-on makes presenter.css lay the page out for a projector;
// how large its type is there, Python is told, since charts take theirs in pixels.

const views = new WeakMap();

export default function ({ parentElement, data, setTriggerValue, setStateValue }) {
  let view = views.get(parentElement);
  if (!view) {
    view = { root: element("div", "pv", parentElement), press: (event) => press(event, view), measure: () => measure(view) };
    views.set(parentElement, view);
    window.addEventListener("keydown", view.press, true);
    window.addEventListener("resize", view.measure);
  }
  view.move = (move) => setTriggerValue("event", { move, nonce: Math.random() });
  view.tell = (type) => setStateValue("type", type); // no event: of two events at once, the later one replaces the other
  view.presenting = data.presenting;
  view.type = data.type;
  view.root.className = data.presenting ? "pv pv-on" : "pv";
  measure(view);
  return () => {
    window.removeEventListener("keydown", view.press, true);
    window.removeEventListener("resize", view.measure);
    views.delete(parentElement);
    view.root.remove();
  };
}

function measure(view) {
  const type = Math.round(parseFloat(getComputedStyle(document.documentElement).fontSize));
  if (view.presenting && type !== view.type) view.tell(type);
}

const TYPING = "textarea, input:not([type=range]):not([type=radio]):not([type=checkbox]), [contenteditable=true]";
const OWN_ARROWS = "input, [role=slider], [role=radiogroup], [role=application], [role=combobox], [role=listbox], [role=option]";

function press(event, view) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.target.closest?.(TYPING)) return;
  const clicker = view.presenting && { PageDown: 1, PageUp: -1, Escape: "leave" }[event.key];
  const arrow = !event.target.closest?.(OWN_ARROWS) && { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!clicker && !arrow) return;
  event.preventDefault();
  event.stopPropagation();
  view.move(clicker || arrow);
}
