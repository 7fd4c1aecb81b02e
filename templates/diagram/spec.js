// The panel: what is known of the item that is pointed at, and its line in the spec.

const panel = { facts: document.getElementById("facts"), spec: document.getElementById("spec"), file: document.getElementById("file") };
const lineRows = new Map(); // by file and line
let shownFile = null;

const TOKEN = /(#.*$)|("(?:[^"\\]|\\.)*"?)|(\b\d[\w.]*)|([A-Za-z_]\w*)/g;
const KEYWORDS = new Set(data.keywords);

function writeLine(made, text) {
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    const kind = found[1] ? "comment" : found[2] ? "string" : found[3] ? "number" : KEYWORDS.has(found[4]) ? "keyword" : "";
    if (!kind) continue;
    made.append(text.slice(at, found.index), element("span", kind, found[0]));
    at = found.index + found[0].length;
  }
  made.append(text.slice(at) || (text ? "" : "\u200b"));
}

data.sources.forEach((source, number) => {
  const made = element("div", "source");
  let before = 0;
  for (const [line, text] of source.lines) {
    if (line !== before + 1) made.append(element("div", "gap", "⋯"));
    const row = element("div", "codeline"), code = element("code");
    row.append(element("span", "number", String(line)), code);
    writeLine(code, text);
    lineRows.set(`${number}:${line}`, row);
    row.dataset.line = `${number}:${line}`;
    made.append(row);
    before = line;
  }
  if (source.cut) made.append(element("div", "gap", "the rest is left out"));
  made.hidden = true;
  source.made = made;
  panel.spec.append(made);
  const option = element("option", "", source.name);
  option.value = String(number);
  panel.file.append(option);
});

function showFile(number) {
  if (shownFile === number || !data.sources[number]) return;
  data.sources.forEach((source, at) => { source.made.hidden = at !== number; });
  panel.file.value = String(number);
  shownFile = number;
}

/** Mark a line, and bring it into view. */
function showLine(facts, mark) {
  for (const row of panel.spec.querySelectorAll(`.${mark}`)) row.classList.remove(mark);
  const row = facts && lineRows.get(`${facts.source}:${facts.line}`);
  if (!row) return;
  showFile(facts.source);
  row.classList.add(mark);
  const view = panel.spec.getBoundingClientRect(), at = row.getBoundingClientRect();
  if (at.top < view.top + 20 || at.bottom > view.bottom - 20) {
    panel.spec.scrollTop += at.top - view.top - panel.spec.clientHeight / 3;
  }
}

function fact(list, name, value, part) {
  const term = element("dt", "", name), said = element("dd", part === undefined ? "wide" : "", value);
  list.append(term, said);
  if (part !== undefined) {
    const rest = element("dd", "part");
    rest.append(element("span", "percent", `${(100 * part).toFixed(part < 0.0995 ? 1 : 0)} %`));
    const bar = element("span", "bar"), full = element("i");
    full.style.width = `${Math.min(100, 100 * part)}%`;
    bar.append(full);
    rest.append(bar);
    list.append(rest);
  }
}

/** What is known of a spot, in words and numbers. */
function showFacts(spot) {
  const { facts, item, name, shape } = spot;
  panel.facts.replaceChildren(element("h2", "", name));
  if (facts.path) {
    const path = element("a", "path", facts.path);
    path.href = `#${encodeURIComponent(facts.path)}`;
    panel.facts.append(path);
  }
  const list = element("dl");
  if (shape) fact(list, "Shape", shape);
  if (facts.layers > 1) fact(list, item.block || item.closed || spot.made.classList.contains("head") ? "Layers" : "Copies", digits.format(facts.layers));
  if (facts.layers) {
    fact(list, "Parameters", digits.format(facts.params), share(facts.params, root.facts.params));
    fact(list, "MACs", digits.format(facts.macs), share(facts.macs, root.facts.macs));
  }
  const source = data.sources[facts.source];
  if (source && facts.line) fact(list, "Line", `${source.name}:${facts.line}`);
  panel.facts.append(list);
}
