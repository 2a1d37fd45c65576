// Explore's board without Streamlit: board.js as it is, and the engine in a worker beside the page.

import { Failure, keeper, list, load, tidy } from "./parts.js";

const step = document.getElementById("step");
const bar = document.getElementById("progress");
const full = document.getElementById("full");
full.href = "./" + location.search;

start().catch((error) => {
  console.error(error);
  bar.hidden = true;
  step.className = "failed";
  step.textContent = error instanceof Failure ? error.message : `It could not be started: ${error.message ?? error}. Reload the page, or try another browser.`;
  document.documentElement.dataset.failed = step.textContent;
});

async function start() {
  await keeper();
  const parts = await list();
  const cache = await load(parts.board, parts.build, (done, all) => {
    bar.value = done / all;
    step.textContent = `Downloading Python: ${Math.round(done / 1e6)} of ${Math.round(all / 1e6)} MB`;
  });
  if (cache) await tidy(parts.build);
  bar.hidden = true;
  step.textContent = "Starting Python";
  const { default: board } = await import("./board.js");
  const plotly = parts.board.find((part) => part.url.includes("plotly")).url;
  const worker = new Worker("explore_worker.js", { type: "module" });
  worker.postMessage({ query: Object.fromEntries(new URLSearchParams(location.search)), plotly });
  const parentElement = document.getElementById("board");
  const setTriggerValue = (_, event) => worker.postMessage(event);
  await new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data: { bytes, query, problems, failed } }) => {
      if (failed) return reject(new Error(failed));
      step.textContent = problems;
      board({ parentElement, data: bytes, setTriggerValue });
      address(JSON.parse(query));
      resolve();
    };
  });
  document.documentElement.dataset.started = Math.round(performance.now());
}

// The address says what is on the screen; what only the full explorer understands stays in it.
function address(settings) {
  const url = new URL(location.href);
  for (const name of ours) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(settings)) url.searchParams.set((ours.add(name), name), value);
  if (url.href !== location.href) history.replaceState(null, "", url);
  full.href = "./" + url.search;
}

const ours = new Set();
