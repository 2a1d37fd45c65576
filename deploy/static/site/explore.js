// Explore's board without Streamlit: board.js as it is, and the engine in a worker beside the page.

import { Failure, keep, keeper, list, load, tidy } from "./parts.js";

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
  const plotly = parts.board.find((part) => part.url.includes("plotly")).url;
  const drawing = script(plotly); // beside Python's start: the board finds it there
  const { default: board } = await import("./board.js");
  const worker = new Worker("explore_worker.js", { type: "module" });
  worker.postMessage({ query: Object.fromEntries(new URLSearchParams(location.search)), plotly });
  const parentElement = document.getElementById("board");
  const setTriggerValue = (_, event) => worker.postMessage(event);
  await new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = async ({ data: { bytes, state, failed } }) => {
      if (failed) return reject(new Error(failed));
      await drawing;
      step.textContent = state.problems.join(" ");
      choices(state, (event) => worker.postMessage(event));
      board({ parentElement, data: bytes, setTriggerValue });
      address(state.query);
      resolve();
    };
  });
  document.documentElement.dataset.started = Math.round(performance.now());
  keep(parts.shell).then(
    () => (document.documentElement.dataset.whole = "true"),
    (error) => console.warn("not everything is kept for a visit without the network", error),
  );
}

function script(src) {
  const tag = Object.assign(document.createElement("script"), { src });
  document.head.append(tag);
  return new Promise((resolve) => (tag.onload = tag.onerror = resolve)); // where it fails, the board says so
}

// The tasks, and the presets of the full explorer: the one that is on the screen is pressed, and its sentence stands there.
function choices({ tasks, task, presets, preset }, send) {
  const select = document.getElementById("task");
  const row = document.getElementById("presets");
  if (!row.children.length) {
    for (const [name, title] of Object.entries(tasks)) select.add(new Option(title, name));
    select.onchange = () => send({ field: "task", value: select.value });
    for (const name of Object.keys(presets)) {
      const button = Object.assign(document.createElement("button"), { textContent: name, title: presets[name] });
      button.onclick = () => send({ preset: name });
      row.append(button);
    }
  }
  select.value = task;
  for (const button of row.children) button.setAttribute("aria-pressed", button.textContent === preset);
  document.getElementById("look").textContent = presets[preset] ?? "";
  document.getElementById("choices").hidden = false;
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
