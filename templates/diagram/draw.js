// The drawing: elements of all items, made and measured once; the layout of what is shown, from the inside out.

const stage = document.getElementById("stage");
const sheet = document.getElementById("sheet");
const wires = document.getElementById("wires");
const HEAD = 10, SIDE = 14; // points around what a block holds
let flow = data.direction; // "TB" or "LR"

/** Every element that can be pointed at and searched, with what is known of it. */
const spots = [];

function spot(made, item, facts, name, shape, label) {
  made.classList.add("spot");
  made.tabIndex = -1;
  made.setAttribute("role", "treeitem");
  made.setAttribute("aria-level", String(item.depth + 1 + (made === item.node || item.kind !== "box" ? 0 : 1)));
  made.setAttribute("aria-label", label);
  spots.push({ made, item, facts, name, shape, at: spots.length });
  made.dataset.spot = String(spots.length - 1);
}

/** The letter of a shared module. */
function badgeOf(letter) {
  const made = element("b", "badge", letter);
  made.dataset.badge = letter;
  return made;
}

function titleOf(title) {
  const made = element("span", "title");
  for (const name of title.around) made.append(element("b", "name", name), element("span", "into", "›"));
  if (title.name) made.append(element("b", "name", title.name));
  if (title.note) made.append(element("span", "note", title.note));
  if (title.shared) made.append(element("span", "tag", "shared"));
  if (title.badge) made.append(badgeOf(title.badge));
  if (title.count > 1) {
    made.append(element("b", "times", `× ${title.count}`));
    if (title.parallel) made.append(element("span", "note", "in parallel"));
  }
  return made;
}

function wordsOf(title) {
  const names = [...title.around, title.name].filter(Boolean).join(", ");
  const times = title.count > 1 ? `, ${title.count} times${title.parallel ? " in parallel" : ""}` : "";
  return `${names || "repetition"}${times}${title.growth ? `, ${title.growth}` : ""}`;
}

function costOf(facts) {
  return [
    facts.layers ? `${digits.format(facts.layers)} ${facts.layers === 1 ? "layer" : "layers"}` : "",
    facts.params ? `${brief(facts.params)} params` : "",
    facts.macs ? `${brief(facts.macs)} MACs` : "",
  ].filter(Boolean);
}

/** What kinds of layers a block holds, as a strip of their colours. */
function stripOf(item) {
  const made = element("span", "strip");
  made.setAttribute("aria-hidden", "true");
  const walk = (inner) => {
    if (made.childElementCount >= 28) return;
    for (const next of inner.items || []) walk(next);
    for (const row of inner.rows || []) for (const cell of row.cells) if (cell.kind && made.childElementCount < 28) {
      const tick = element("i");
      tick.dataset.kind = cell.kind;
      made.append(tick);
    }
  };
  walk(item);
  return made;
}

/** The shape that leaves an item, of a block that of the last thing in it. */
function shapeOf(item) {
  if (item.shape) return item.shape;
  for (const row of [...(item.rows || [])].reverse()) if (row.shape) return row.shape;
  for (const inner of [...(item.items || [])].reverse()) {
    const shape = shapeOf(inner);
    if (shape) return shape;
  }
  return "";
}

function makeBlock(item) {
  const made = element("div", "item block");
  const head = element("div", "head");
  if (item.block) {
    const chevron = element("span", "chevron");
    chevron.setAttribute("aria-hidden", "true");
    head.append(chevron);
  }
  head.append(titleOf(item.title));
  made.append(head);
  if (item.title.growth) made.append(element("div", "growth", item.title.growth));
  const more = element("div", "more");
  more.append(element("span", "cost", costOf(item.facts).join(" · ")), stripOf(item));
  if (shapeOf(item)) more.append(element("span", "shape", shapeOf(item)));
  made.append(more);
  if (item.title.count > 1) made.classList.add("many");
  item.node = made;
  spot(made, item, item.facts, wordsOf(item.title), shapeOf(item), `${wordsOf(item.title)}: ${costOf(item.facts).join(", ")}`);
  return made;
}

function makeRow(item, row, before) {
  const made = element("div", row.small ? "row small" : "row");
  row.cells.forEach((cell, at) => {
    const part = element("span", "cell");
    part.dataset.kind = cell.kind;
    part.append(element("span", "text", cell.text));
    if (cell.tag) part.append(element("span", "tag", cell.tag));
    const shape = row.shape && at === row.cells.length - 1 ? row.shape : row.small ? before : "";
    if (cell.badge) part.append(badgeOf(cell.badge));
    if (row.shape && row.told && at === row.cells.length - 1) part.append(element("span", "shape", shape));
    spot(part, item, cell.facts, [cell.text, cell.tag].filter(Boolean).join(", "), shape, [cell.text, cell.tag, shape && `gives ${shape}`, ...costOf(cell.facts)].filter(Boolean).join(", "));
    made.append(part);
  });
  return made;
}

/** The shape that small layers of a row are given, and keep. */
function shapeBefore(item, at) {
  for (const row of item.rows.slice(0, at).reverse()) if (row.shape) return row.shape;
  return "";
}

function makeBox(item) {
  const made = element("div", "item box");
  item.node = made;
  if (item.title) {
    const head = element("div", "head");
    head.append(titleOf(item.title));
    spot(head, item, item.facts, wordsOf(item.title), shapeOf(item), `${wordsOf(item.title)}: ${costOf(item.facts).join(", ")}`);
    made.append(head);
    if (item.title.growth) made.append(element("div", "growth", item.title.growth));
    if (item.title.count > 1) made.classList.add("many");
  }
  const rows = element("div", "rows");
  for (let at = 0; at < item.rows.length;) {
    const row = item.rows[at];
    if (row.times === 1) {
      rows.append(makeRow(item, row, shapeBefore(item, at)));
      at++;
      continue;
    }
    const group = element("div", "repeat"), inner = element("div", "rows");
    item.rows.slice(at, at + row.span).forEach((repeated, step) => inner.append(makeRow(item, repeated, shapeBefore(item, at + step))));
    const beside = element("div", "beside");
    beside.append(element("b", "times", `× ${row.times}`));
    if (row.growth) beside.append(element("span", "growth", row.growth));
    group.append(inner, beside);
    rows.append(group);
    at += row.span;
  }
  made.append(rows);
  return made;
}

function makeSmall(item) {
  const name = item.kind === "end" ? item.name : item.symbol;
  const made = element("div", `item ${item.kind}`);
  made.append(element("b", "name", name));
  if (item.kind === "end" && item.shape) made.append(element("span", "shape", item.shape));
  item.node = made;
  const said = item.kind === "end" ? name : { "+": "add", "−": "subtract", "×": "multiply", "÷": "divide", "‖": "concatenate", "@": "matrix product" }[name] || name;
  spot(made, item, item.facts, said, item.shape, [said, item.shape, ...costOf(item.facts)].filter(Boolean).join(", "));
  if (name.length === 1 && item.kind === "mark") made.classList.add("round");
  return made;
}

for (const item of order) {
  if (item === root) continue;
  const made = { block: makeBlock, box: makeBox, mark: makeSmall, end: makeSmall }[item.kind](item);
  made.dataset.id = String(item.id);
  made.dataset.depth = String(item.depth % 2);
  if (item.training) made.classList.add("training");
  stage.append(made);
}

/** Measure all elements, blocks closed and open, at once. */
function measure() {
  for (const item of order) if (item.node) item.node.hidden = false;
  const blocks = order.filter((item) => item.node && item.block);
  stage.style.transform = "none";
  const sizeOf = (made) => { const at = made.getBoundingClientRect(); return [Math.ceil(at.width), Math.ceil(at.height)]; };
  for (const item of order) if (item.node) item.node.style.width = item.node.style.height = item.node.style.left = item.node.style.top = "";
  for (const item of blocks) item.node.classList.add("open");
  for (const item of blocks) item.header = sizeOf(item.node);
  for (const item of blocks) item.node.classList.remove("open");
  for (const item of order) if (item.node) {
    item.size = sizeOf(item.node);
    item.join = item.kind === "mark" ? item.size[flow === "TB" ? 1 : 0] / 2 : null;
  }
}

/** What is written beside a tensor where it leaves what makes it: on the level of that, and of no open block. */
function saidOf(nodes, lane) {
  const maker = items.get(lane.tail);
  return lane.from >= 0 && nodes[lane.from].item === maker ? data.tensors[lane.tail] || [] : [];
}

/** Lay out what an open block holds: its size, and all places in it, from its upper left corner. */
function layOut(item) {
  const down = flow === "TB";
  const nodes = item.items.map((inner) => {
    if (inner.block && inner.open) {
      const box = layOut(inner);
      return { item: inner, u: box.u, v: box.v, inAt: box.inAt, outAt: box.outAt, join: null };
    }
    const [width, height] = inner.size;
    return { item: inner, u: down ? width : height, v: down ? height : width, join: inner.join, spread: inner.block || (inner.kind === "box" && inner.closed) };
  });
  const level = arrange(nodes, item.links, (lane) => saidOf(nodes, lane), down);
  const [wide, high] = item === root ? [0, 0] : item.header;
  const inner = Math.max(level.u, (down ? wide : 0) - 2 * SIDE);
  const across = SIDE + (inner - level.u) / 2 + (down ? 0 : high);
  const along = item === root ? 0 : down ? high : 0;
  const tail = item === root ? 0 : level.outAt.size ? 0 : HEAD;
  const front = item === root ? 0 : level.inAt.size ? 0 : HEAD;
  item.level = level;
  item.offset = [across, along + front];
  const u = inner + 2 * SIDE + (down ? 0 : high), v = Math.max(along + front + level.v + tail, down ? 0 : wide + 8);
  item.size2 = down ? [u, v] : [v, u];
  const shift = (ports) => new Map([...ports].map(([tensor, at]) => [tensor, at + across]));
  return { u, v, inAt: shift(level.inAt), outAt: shift(level.outAt) };
}

/** Put everything that is shown in its place. */
function draw() {
  const down = flow === "TB";
  document.body.dataset.flow = flow;
  layOut(root);
  wires.replaceChildren();
  let hidden = 0;
  const put = (item, u, v) => {
    const made = item.node;
    if (made) {
      const open = item.block && item.open, [width, height] = open ? item.size2 : item.size;
      made.classList.toggle("open", open);
      if (item.block) made.setAttribute("aria-expanded", String(open));
      made.style.left = `${down ? u : v}px`;
      made.style.top = `${down ? v : u}px`;
      made.style.width = `${width}px`;
      made.style.height = `${height}px`;
    }
    if (!item.block || !item.open) return;
    const [across, along] = item.offset, left = u + across, top = v + along;
    for (const [inner, [x, y]] of item.level.places) put(inner, left + x, top + y);
    wire(item.level, left, top, down);
    hidden += item.level.left;
  };
  for (const item of order) if (item.node) item.node.hidden = !isShown(item);
  put(root, 0, 0);
  const [width, height] = root.size2;
  stage.style.width = `${width}px`;
  stage.style.height = `${height}px`;
  wires.setAttribute("width", String(width));
  wires.setAttribute("height", String(height));
  document.getElementById("dense").hidden = !hidden;
  document.getElementById("dense").textContent = `${digits.format(hidden)} long arrows of a dense part are not drawn`;
  zoomTo(zoom);
}
