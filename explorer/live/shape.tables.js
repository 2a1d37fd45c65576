// The tables under the diagram of Shapes: which loss reaches which state, and every example with its answer.

function matrixTable({ title, rows, columns, cells }, at, scale) {
  const box = document.createElement("div");
  element("div", "sh-title", box).textContent = say("matrix", { title });
  const grid = element("table", "sh-matrix", box);
  const head = element("tr", "", grid);
  element("th", "", head).textContent = "t \\ k";
  for (const name of columns) element("th", "", head).textContent = name;
  cells[at].forEach((row, r) => {
    const line = element("tr", "", grid);
    element("th", "", line).textContent = rows[r];
    for (const [log10, text] of row) {
      const cell = element("td", "", line);
      if (log10 === null) continue;
      cell.textContent = text;
      cell.style.setProperty("--ink", colourOf(scale, log10));
    }
  });
  return box;
}

// `show` takes what was read where somebody wants it in the diagram.
function answersTable(examples, at, show) {
  const grid = document.createElement("table");
  const head = element("tr", "", element("thead", "", grid));
  for (const text of [say("reads"), say("wants"), say("its_answer"), "p", say("right")]) element("th", "", head).textContent = text;
  const body = element("tbody", "", grid);
  for (const { read, unseen, wants, said, p, right } of examples) {
    const line = element("tr", right[at] ? "" : "sh-wrong", body);
    const first = element("td", "", line), open = element("button", "sh-link", first);
    if (unseen) first.append(` ${say("unseen")}`);
    Object.assign(open, { textContent: read, title: say("show"), onclick: () => show(read) });
    for (const text of [wants, said[at], p[at], right[at] ? "✓" : "✗"]) element("td", "", line).textContent = text;
  }
  return grid;
}
