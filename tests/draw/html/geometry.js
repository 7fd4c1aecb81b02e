// What is wrong with the drawing that is shown: one line for each mistake.
const found = [];
const items = [...document.querySelectorAll("#stage > .item")].filter((made) => !made.hidden);
const scale = document.getElementById("stage").getBoundingClientRect().width / document.getElementById("stage").offsetWidth;
const rects = new Map(items.map((made) => [made, made.getBoundingClientRect()]));
const by = new Map(items.map((made) => [made.dataset.id, made]));
const name = (made) => made.textContent.slice(0, 30);
const inside = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
const overlap = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;

items.forEach((a, at) => {
  const stage = document.getElementById("stage").getBoundingClientRect();
  if (!inside(rects.get(a), stage)) found.push(`${name(a)} stands out of the drawing`);
  for (const b of items.slice(at + 1)) {
    if (!overlap(rects.get(a), rects.get(b))) continue;
    if (a.classList.contains("open") && inside(rects.get(b), rects.get(a))) {
      const head = a.querySelector(".head").getBoundingClientRect();
      if (overlap(head, rects.get(b))) found.push(`${name(b)} lies on the title of ${name(a)}`);
      continue;
    }
    found.push(`${name(a)} and ${name(b)} overlap`);
  }
});

// arrows end at what reads, and begin at what is read or at the edge of its block
const touches = (at, rect, room) => at.x >= rect.left - room && at.x <= rect.right + room && at.y >= rect.top - room && at.y <= rect.bottom + room;
const wires = document.getElementById("wires").getScreenCTM();
const onScreen = ([x, y]) => new DOMPoint(x, y).matrixTransform(wires);
let tips = 0;
for (const tip of document.querySelectorAll("#wires .tip")) {
  const head = by.get(tip.dataset.head);
  if (!head) { found.push(`an arrow leads to ${tip.dataset.head}, which is not shown`); continue; }
  tips++;
  const at = onScreen(tip.getAttribute("d").match(/[\d.]+ [\d.]+/)[0].split(" ").map(Number)), rect = rects.get(head);
  const near = Math.min(Math.abs(at.y - rect.top), Math.abs(at.y - rect.bottom), Math.abs(at.x - rect.left), Math.abs(at.x - rect.right));
  if (!touches(at, rect, 1.5) || near > 1.5) found.push(`the tip of an arrow is ${near.toFixed(1)} points away from ${name(head)}`);
}
const leaves = items.filter((made) => !made.classList.contains("open"));
const shrunk = leaves.map((made) => {
  const r = rects.get(made), room = 2 * scale;
  return [made, { left: r.left + room, right: r.right - room, top: r.top + room, bottom: r.bottom - room }];
});
const edge = (at, made) => {
  const rect = rects.get(made), head = made.classList.contains("open") ? made.querySelector(".head").getBoundingClientRect() : rect;
  const growth = made.classList.contains("open") && made.querySelector(".growth"), below = growth ? growth.getBoundingClientRect().bottom : head.bottom;
  return [at.y - rect.top, at.y - rect.bottom, at.x - rect.left, at.x - rect.right, at.y - below].some((away) => Math.abs(away) < 3);
};
for (const wire of document.querySelectorAll("#wires .wire")) {
  const pieces = [...wire.querySelectorAll(".line")].flatMap((line) => line.getAttribute("d").split("M").slice(1));
  const corners = pieces.map((piece) => piece.match(/-?[\d.]+ -?[\d.]+/g).map((pair) => pair.split(" ").map(Number)));
  for (const [[x, y]] of corners) {
    const start = onScreen([x, y]);
    const goesOn = () => corners.some((points) => points.slice(1).some(([a, b], at) => {
      const [c, d] = points[at];
      const between = Math.min(a, c) - 0.5 < x && x < Math.max(a, c) + 0.5 && Math.min(b, d) - 0.5 < y && y < Math.max(b, d) + 0.5;
      return between && Math.hypot(c - x, d - y) > 0.5;
    }));
    if (!items.some((made) => touches(start, rects.get(made), 1.5) && edge(start, made)) && !goesOn()) found.push(`a line begins nowhere, at ${x}, ${y}`);
  }
  for (const points of corners) points.slice(1).forEach((point, at) => {
    const [a, b] = [onScreen(points[at]), onScreen(point)];
    const line = { left: Math.min(a.x, b.x), right: Math.max(a.x, b.x), top: Math.min(a.y, b.y), bottom: Math.max(a.y, b.y) };
    const hit = shrunk.find(([, r]) => line.left < r.right && r.left < line.right && line.top < r.bottom && r.top < line.bottom);
    if (hit) found.push(`a line crosses ${name(hit[0])}`);
  });
}

// what is written beside lines lies on nothing
const words = [...document.querySelectorAll("#wires text")].map((made) => [made, made.getBoundingClientRect()]);
words.forEach(([made, rect], at) => {
  const own = { left: rect.left + 1, right: rect.right - 1, top: rect.top + 3, bottom: rect.bottom - 3 };
  for (const [item, other] of shrunk) if (overlap(own, other)) found.push(`${made.textContent} is written on ${name(item)}`);
  for (const [text, other] of words.slice(at + 1)) {
    if (overlap(own, { left: other.left + 1, right: other.right - 1, top: other.top + 3, bottom: other.bottom - 3 })) found.push(`${made.textContent} is written on ${text.textContent}`);
  }
});

// no text is cut
for (const made of document.querySelectorAll("#stage > .item:not([hidden]) :is(.name, .text, .shape, .cost, .growth, .note)")) {
  const own = made.getBoundingClientRect(), around = made.closest(".item").getBoundingClientRect();
  if (own.width && !inside(own, around)) found.push(`the text ${made.textContent.slice(0, 30)} is cut`);
}
return { found: found.slice(0, 20), items: items.length, tips, words: words.length };
