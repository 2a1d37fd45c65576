// Streamlit connects again by itself. A server that was restarted in between knows neither the page nor its fragments,
// and skips what these send: so the page is drawn once more whenever a connection comes back. And when the theme changes,
// for which this is called too: charts outside the board have their colours from Python.

const themes = new WeakMap();

export default function ({ parentElement, setTriggerValue }) {
  parentElement.className = "lifeline";
  window.explorerRedraw = () => { // the page that is open, or will be
    if (leaving()) setTimeout(window.explorerRedraw, leaving());
    else setTriggerValue("event", { again: Math.random() });
  };
  window.explorerLifeline ??= watch(document.querySelector("[data-test-connection-state]"));
  const theme = getComputedStyle(parentElement).getPropertyValue("--st-background-color");
  if ((themes.get(parentElement) ?? theme) !== theme) window.explorerRedraw();
  themes.set(parentElement, theme);
}

// For as long as the tab is open: pages come and go.
function watch(app) {
  if (!app) return null;
  let before = app.dataset.testConnectionState;
  const observer = new MutationObserver(() => {
    const now = app.dataset.testConnectionState;
    if (now === "CONNECTED" && before !== now) window.explorerRedraw();
    before = now;
  });
  observer.observe(app, { attributeFilter: ["data-test-connection-state"] });
  document.addEventListener("click", followed, true);
  window.addEventListener("popstate", wentBack);
  return observer;
}

// Another page has been asked for, by a link or by Back, and this is when.
function followed({ target }) {
  const link = target.closest?.("a[href]");
  const away = link && link.origin === location.origin && !link.download && link.target !== "_blank";
  if (away && link.pathname !== location.pathname) window.explorerLeft = performance.now();
}

function wentBack() {
  if (window.explorerPath !== location.pathname) window.explorerLeft = performance.now();
}
