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

// plotly.js comes out of the installed plotly package, by URL, once per page.
function library(url) {
  const load = () =>
    new Promise((resolve, reject) => {
      const script = element("script", "", document.head);
      Object.assign(script, { src: new URL(url, document.baseURI).href, onload: resolve, onerror: reject });
    });
  return (window.explorerPlotly ??= window.Plotly ? Promise.resolve() : load());
}

