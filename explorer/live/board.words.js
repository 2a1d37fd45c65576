// Verdicts and legends.

function drawVerdicts(root, verdicts, palette) {
  while (root.children.length < verdicts.length) element("section", "lb-verdict", root);
  while (root.children.length > verdicts.length) root.lastChild.remove();
  verdicts.forEach(({ name, headline, facts, reason, events }, i) => {
    const box = root.children[i];
    box.replaceChildren();
    box.style.setProperty("--ink", palette[name]);
    const head = element("div", "lb-headline", box);
    element("strong", "", head).textContent = name;
    element("span", "", head).textContent = headline;
    for (const [label, value] of facts) {
      const fact = element("span", "lb-fact", head);
      element("em", "", fact).textContent = label;
      element("b", "", fact).textContent = value;
    }
    element("div", "lb-reason", box).textContent = reason;
    for (const { kind, cause } of events) {
      const line = element("span", "lb-event", box.lastChild);
      element("b", "", line).textContent = kind;
      line.append(` ${cause}`);
    }
  });
}

const legends = new WeakMap(); // what each says, so that it is only rebuilt when that changes

function drawLegend(root, data) {
  const seen = data.filter(({ name, showlegend, type }) => name && showlegend !== false && type !== "heatmap");
  const text = JSON.stringify(seen.map(({ name, line, marker, fillcolor }) => [name, line, marker, fillcolor]));
  if (text === legends.get(root)) return;
  legends.set(root, text);
  root.replaceChildren();
  for (const { name, line, marker, mode, fillcolor } of seen) {
    const key = element("span", "lb-key", root);
    const swatch = element("i", fillcolor ? "lb-area" : mode === "markers" ? `lb-${marker.symbol}` : "lb-line", key);
    swatch.style.color = fillcolor ?? marker?.color ?? line.color;
    if (line?.dash && line.dash !== "solid") swatch.classList.add(`lb-${line.dash}`);
    key.append(name);
  }
}
