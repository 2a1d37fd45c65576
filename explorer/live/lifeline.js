// Streamlit connects again by itself. A server that was restarted in between knows neither the page nor its fragments,
// and skips what these send: so the page is drawn once more whenever a connection comes back.

let watching = null;

export default function ({ parentElement, setTriggerValue }) {
  parentElement.className = "lifeline";
  const app = document.querySelector("[data-test-connection-state]");
  if (watching || !app) return;
  let before = "CONNECTED";
  watching = new MutationObserver(() => {
    const now = app.dataset.testConnectionState;
    if (now === "CONNECTED" && before !== now) setTriggerValue("event", { again: Math.random() });
    before = now;
  });
  watching.observe(app, { attributeFilter: ["data-test-connection-state"] });
  return () => {
    watching.disconnect();
    watching = null;
  };
}
