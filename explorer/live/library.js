// What the components share; Python puts this text before each of them.

function element(tag, name, parent) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  parent.append(node);
  return node;
}

// The words of this name, out of texts/words.ini, with these values in their {…}.
function say(name, values = {}) {
  return WORDS[name].replace(/\{(\w+)\}/g, (_, hole) => values[hole]);
}

// What a component keeps alive in `parent`, new at the first call, and what to do at its end: [view, leave].
//
// Streamlit calls a component on every change of data or theme, and is to end it when its place is gone. But it also ends
// calls whose place is still there: those that were overtaken while the module was loading, after the last one was made;
// and, as far as could be seen, rarely one that none follows, whose change is lost. So only what has lost its place goes,
// and what is ended where it stands asks for its data again, if it can.
const FOLLOWED = 1000; // ms within which the next call is there, if any is to come
const mounts = new WeakMap();

function mounted(parent, View) {
  if (!mounts.has(parent)) mounts.set(parent, { view: new View(parent), calls: 0 });
  const mount = mounts.get(parent), call = ++mount.calls;
  const leave = () => {
    if (parent.isConnected) setTimeout(() => call === mount.calls && parent.isConnected && mount.view.again?.(), FOLLOWED);
    else if (mounts.delete(parent)) mount.view.remove();
  };
  return [mount.view, leave];
}

// How what is in `parent` tells Python something by `send`: not between a click on a link to another page and that page.
// Streamlit would run the old page for it once more, and show that one again, or none at all.
const LEAVING = 3000; // ms after which whoever is still there has stayed
const births = new WeakMap();

function teller(parent, send) {
  if (!births.has(parent)) births.set(parent, performance.now());
  window.explorerPath = location.pathname;
  return (...said) => {
    if (!leaving() || window.explorerLeft < births.get(parent)) send(...said);
  };
}

// For how many milliseconds another page may still be on its way; lifeline.js notes when one was asked for.
function leaving() {
  return Math.max(0, (window.explorerLeft ?? -Infinity) + LEAVING - performance.now());
}

// A line that appears when another session of the server draws than the one that began: the server has forgotten it.
class Notice {
  constructor(parent) {
    this.line = element("p", "live-notice", parent);
    this.line.textContent = say("restarted");
    this.line.hidden = true;
    this.line.setAttribute("role", "status");
  }

  look(session) {
    this.line.hidden = (this.session ??= session) === session;
  }
}

// A drawing of ours as a file: with the rules that style it, and the colours of now in the place of the theme's names.
function saveSvg(svg, name) {
  const theme = getComputedStyle(svg), copy = svg.cloneNode(true);
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText);
  const names = new Set([svg, ...svg.querySelectorAll("[class]")].flatMap((node) => [...node.classList]));
  const own = rules.filter((rule) => [...names].some((name) => rule.includes(`.${name}`)));
  const value = (_, variable) => theme.getPropertyValue(variable);
  const style = document.createElementNS(svg.namespaceURI, "style");
  style.textContent = own.join("\n").replace(/var\((--[\w-]+)\)/g, value);
  copy.prepend(style);
  copy.setAttribute("xmlns", svg.namespaceURI);
  copy.style.background = theme.getPropertyValue("--st-background-color");
  const text = new XMLSerializer().serializeToString(copy);
  const link = Object.assign(document.createElement("a"), { download: name });
  link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  link.click();
  URL.revokeObjectURL(link.href);
}

// plotly.js comes out of the installed plotly package, by URL, once per page.
function library(url) {
  const load = () =>
    new Promise((resolve, reject) => {
      const script = element("script", "", document.head);
      Object.assign(script, { src: new URL(url, document.baseURI).href, onload: resolve, onerror: reject });
    });
  return (window.explorerPlotly ??= window.Plotly ? Promise.resolve() : load());
}

