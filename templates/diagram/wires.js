// Arrows: for each tensor of a level one line with all its branches, and a tip at each reader.

const SVG = "http://www.w3.org/2000/svg";
const ROUND = 5, TIP = 6; // radius of bends, length of tips

function svg(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

const pen = document.createElement("canvas").getContext("2d");
const lengths = new Map();

/** How long words beside a line are, in points. */
function wordLength(text) {
  if (!lengths.has(text)) {
    pen.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    lengths.set(text, pen.measureText(text).width);
  }
  return lengths.get(text);
}

const near = (number) => Math.round(number * 10) / 10;

/** A line through points, its bends round. */
function through(points, map) {
  const at = points.map(([u, v]) => map(u, v));
  let text = `M${near(at[0][0])} ${near(at[0][1])}`;
  for (let i = 1; i < at.length; i++) {
    const [x, y] = at[i];
    if (i + 1 === at.length) { text += `L${near(x)} ${near(y)}`; continue; }
    const [ax, ay] = at[i - 1], [bx, by] = at[i + 1];
    const before = Math.hypot(x - ax, y - ay), after = Math.hypot(bx - x, by - y);
    const r = Math.min(ROUND, before / 2, after / 2);
    if (r < 0.5) { text += `L${near(x)} ${near(y)}`; continue; }
    const from = [x + ((ax - x) / before) * r, y + ((ay - y) / before) * r];
    const to = [x + ((bx - x) / after) * r, y + ((by - y) / after) * r];
    text += `L${near(from[0])} ${near(from[1])}Q${near(x)} ${near(y)} ${near(to[0])} ${near(to[1])}`;
  }
  return text;
}

/** What tensors are to what reads them, at the tips of their arrows: the first on the left, others where there is room. */
function writeAtTips(tips, map, down) {
  let free = -Infinity;
  tips.forEach(({ text, x, y, made }, at) => {
    const left = down && at === 0 && tips.length > 1, long = down ? wordLength(text) + 8 : 12;
    if (x < free || (!left && at + 1 < tips.length && tips[at + 1].x < x + long)) return;
    free = left ? x : x + long;
    const [tx, ty] = map(x, y), place = down ? [tx + (left ? -6 : 6), ty - 4] : [tx - 7, ty - 4];
    const said = svg("text", { class: "said", x: near(place[0]), y: near(place[1]) }, made);
    if (left || !down) said.setAttribute("text-anchor", "end");
    said.textContent = text;
  });
}

/** Draw the lines and tips of one level. */
function wire(level, left, top, down) {
  const map = down ? (u, v) => [left + u, top + v] : (u, v) => [top + v, left + u];
  const groups = new Map();
  const groupOf = (lane) => {
    if (!groups.has(lane)) {
      const made = svg("g", { class: "wire" }, wires);
      made.dataset.tail = String(lane.tail);
      groups.set(lane, { made, solid: "", dashed: "" });
    }
    return groups.get(lane);
  };
  for (const { lane, training, points } of level.lines) {
    groupOf(lane)[training ? "dashed" : "solid"] += through(points, map);
  }
  for (const { made, solid, dashed } of groups.values()) {
    if (solid) svg("path", { class: "line", d: solid }, made);
    if (dashed) svg("path", { class: "line dashed", d: dashed }, made);
  }
  const told = new Map();
  for (const { lane, head, x, y, way } of level.tips) {
    const side = { down: [0, 1], left: [-1, 0], right: [1, 0] }[way];
    const corner = (along, across) => map(x - side[0] * along - side[1] * across, y - side[1] * along + side[0] * across).map(near).join(" ");
    const { made } = groupOf(lane);
    const tip = svg("path", { class: "tip", d: `M${corner(0, 0)}L${corner(TIP, 3.2)}L${corner(TIP, -3.2)}Z` }, made);
    tip.dataset.head = String(head.links[0].to.id);
    const text = head.links.flatMap((link) => [link.role, link.text]).filter(Boolean).join(" ");
    if (text) {
      if (!told.has(head.to)) told.set(head.to, []);
      told.get(head.to).push({ text, x, y, made });
    }
  }
  for (const tips of told.values()) writeAtTips(tips.sort((a, b) => a.x - b.x), map, down);
  for (const { words, x, start, v, side } of level.said) {
    const [tx, ty] = map(x, down ? Math.max(start, v - 4) : start);
    const text = svg("text", { class: "tensor", x: near(tx + (down ? 6 * side : 5)), y: near(ty + (down ? 14 : -4)) }, wires);
    if (down && side < 0) text.setAttribute("text-anchor", "end");
    words.forEach((word, at) => {
      const part = svg("tspan", { class: /^[\d…,× ]+$/.test(word) ? "dims" : "named" }, text);
      part.textContent = (at ? "  " : "") + word;
    });
  }
}
