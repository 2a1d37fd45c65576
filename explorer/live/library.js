// What the components share; Python puts this text before each of them.

function element(tag, name, parent) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  parent.append(node);
  return node;
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

