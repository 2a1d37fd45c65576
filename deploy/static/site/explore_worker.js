// Python beside the page: an event of the board in, bytes for it out.

import { loadPyodide } from "./pyodide/pyodide.mjs";

let py;
let ready = null;

self.onmessage = async ({ data }) => {
  try {
    const first = !ready;
    ready ??= start(data);
    const board = await ready;
    const answer = board.answer(py.toPy(first ? {} : data));
    const buffer = answer.getBuffer("u8");
    const bytes = buffer.data.slice();
    buffer.release();
    answer.destroy();
    self.postMessage({ bytes, state: JSON.parse(board.state()) }, [bytes.buffer]);
  } catch (error) {
    self.postMessage({ failed: String(error).trim().split("\n").at(-1) });
  }
};

async function start({ query, plotly }) {
  const folder = new URL("pyodide/", self.location);
  const app = fetch("board.zip").then((response) => response.arrayBuffer());
  py = await loadPyodide({ indexURL: folder.href, stdLibURL: new URL("board_stdlib.zip", folder).href, packages: ["numpy"] });
  py.unpackArchive(await app, "zip");
  return py.pyimport("explorer.live.explore").Alone(py.toPy(query), plotly);
}
