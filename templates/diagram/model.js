// The picture, read from the page: items with their parents, and the links that each level of the drawing shows.

const data = JSON.parse(document.getElementById("picture").textContent);
const items = new Map();
const order = []; // every item, in the order of the text

function take(item, parent, depth) {
  Object.assign(item, { parent, depth, open: false, block: item.kind === "block" && item.items.length > 0 });
  items.set(item.id, item);
  order.push(item);
  for (const inner of item.items || []) take(inner, item, depth + 1);
}
take(data.root, null, 0);
const root = data.root;
root.open = true;
for (const id of data.open) items.get(id).open = true;
order.forEach((item, at) => { item.at = at; });

/** The items around an item, from the outermost, and the item itself. */
function pathTo(item) {
  const path = [];
  for (let at = item; at; at = at.parent) path.unshift(at);
  return path;
}

// Each block knows the links between what it holds, those that enter it, and those that leave it.
for (const item of order) item.links = [];
for (const [tail, head, text = "", role = "", training = 0] of data.links) {
  const link = { tail, head, text, role, training: training === 1 };
  const from = pathTo(items.get(link.tail)), to = pathTo(items.get(link.head));
  let common = 0;
  while (from[common + 1] && from[common + 1] === to[common + 1]) common++;
  from[common].links.push({ ...link, from: from[common + 1], to: to[common + 1] });
  for (let at = common + 1; at < from.length - 1; at++) from[at].links.push({ ...link, from: from[at + 1], to: null });
  for (let at = common + 1; at < to.length - 1; at++) to[at].links.push({ ...link, from: null, to: to[at + 1] });
}

/** Is an item drawn, or inside a closed block? */
function isShown(item) {
  for (let at = item.parent; at; at = at.parent) if (!at.open) return false;
  return true;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const digits = new Intl.NumberFormat("en");

/** A number as papers print it: 7.98 M. */
function brief(number) {
  for (const [unit, name] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (number >= unit) return `${(number / unit).toPrecision(3)} ${name}`;
  }
  return digits.format(number);
}

function share(part, whole) {
  return whole ? part / whole : 0;
}
