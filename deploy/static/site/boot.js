// From an empty page to the running app: parts, Python, Streamlit, first picture; each step in plain words.

import { Failure, keep, keeper, list, load, tidy } from "./parts.js";

const step = document.getElementById("step");
const bar = document.getElementById("progress");
const PLOTLY = "/lib/python3.13/site-packages/plotly/package_data/plotly.min.js"; // not in our wheel of plotly
const DRAWN = '[data-painted], [data-test-script-state="notRunning"] [data-testid="stMain"] [data-testid="stElementContainer"]';
const WORDS = { "Loading Pyodide.": "Starting Python", "Installing packages.": "Unpacking libraries", "Loading streamlit package.": "Starting Streamlit" };

start().catch((error) => {
  console.error(error);
  bar.hidden = true;
  step.className = "failed";
  step.textContent =
    error instanceof Failure ? error.message : `It could not be started: ${error.message ?? error}. Reload the page, or try another browser.`;
  document.documentElement.dataset.failed = step.textContent;
});

async function start() {
  await keeper();
  const parts = await list();
  await load(parts.first, parts.build, (done, all) => {
    bar.value = done / all;
    step.textContent = `Downloading Python: ${megabytes(done)} of ${megabytes(all)} MB`;
  });
  await tidy(parts.build);
  bar.removeAttribute("value"); // how long the rest takes, nobody knows
  step.textContent = "Starting Python";
  const app = await run(parts);
  document.getElementById("loading").hidden = true;
  window.explorer = app; // for whoever looks behind: explorer.runPython("…") answers with what Python says
  document.documentElement.dataset.started = Math.round(performance.now());
  later(parts).catch((error) => console.warn("not everything is kept for a visit without the network", error));
}

// With the first picture there, the rest comes quietly: what other pages draw with, and the pages themselves.
async function later(parts) {
  await load(parts.later, parts.build);
  await keep(parts.shell);
  document.documentElement.dataset.whole = "true";
}

const megabytes = (bytes) => Math.round(bytes / 1e6);

// Streamlit takes the folder where it is mounted for the app's own address, and looks at the address bar for the page
// to show only later: so the page's name leaves the address for that moment. Back it comes as the app writes it,
// without the slash that static hosts put after a folder's name.
async function run(parts) {
  const { mount } = await import("./stlite/stlite.js");
  const lock = await (await fetch("pyodide/pyodide-lock.json")).json();
  const now = new Set(parts.first.map((part) => part.url.split("/").pop()));
  const home = new URL("./", document.baseURI);
  const wanted = new URL(location.href);
  if (wanted.pathname !== home.pathname) wanted.pathname = wanted.pathname.replace(/\/$/, "");
  history.replaceState(history.state, "", home);
  const app = mount(
    {
      entrypoint: "app.py",
      files: { [PLOTLY]: { url: parts.first.find(({ url }) => url.includes("plotly")).url } }, // for handouts
      archives: [{ url: "app.zip", format: "zip" }],
      prebuiltPackageNames: Object.keys(lock.packages).filter((name) => now.has(lock.packages[name].file_name.split("/").pop())),
      requirements: [],
      pyodideUrl: new URL("pyodide/pyodide.mjs", home).href,
      wheelUrls: { streamlit: "streamlit", stliteLib: "stlite-lib" }, // names in our lock file, whose hashes are checked
      streamlitConfig: { "server.fileWatcherType": "none" }, // else a hundred files are looked at again and again
      disableProgressToasts: true,
      disableModuleAutoLoadToasts: true,
    },
    document.getElementById("root"),
  );
  history.replaceState(history.state, "", wanted);
  mendDownloads(app._kernel);
  await new Promise((resolve, reject) => {
    app._kernel.addEventListener("loadProgress", ({ detail }) => (step.textContent = WORDS[detail] ?? step.textContent));
    app._kernel.addEventListener("loadError", ({ detail }) => reject(detail));
    app._kernel.addEventListener("loadFinished", () => (step.textContent = "Drawing the first picture"));
    new MutationObserver((_, observer) => {
      if (!document.querySelector(DRAWN)) return;
      observer.disconnect();
      resolve();
    }).observe(document.getElementById("root"), { subtree: true, childList: true, attributes: true });
  });
  return app;
}

// Files that Python makes when their button is pressed: stlite 1.9 sends the browser to an address that exists only
// inside of it. There they are asked for.
function mendDownloads(kernel) {
  const click = HTMLAnchorElement.prototype.click;
  HTMLAnchorElement.prototype.click = function () {
    const { hostname, pathname } = new URL(this.href || "about:blank");
    if (hostname !== "stlite.invalid") return click.call(this);
    const path = pathname.slice(pathname.lastIndexOf("/media/"));
    kernel.sendHttpRequest({ method: "GET", path, headers: {}, body: "" }).then(({ headers, body }) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([body], { type: headers.get("content-type") ?? "" }));
      link.download = /filename="?([^";]+)/.exec(headers.get("content-disposition") ?? "")?.[1] ?? "";
      link.click();
    });
  };
}
