// What a reader does: point, open and close, walk by keys, zoom, choose colours and directions, print.

const scroller = document.getElementById("scroller");
const hint = document.getElementById("hint");
const status = document.getElementById("status");
let zoom = 1, chosen = null, current = null;

const spotOf = (target) => {
  const made = target && target.closest ? target.closest(".spot, .box") : null;
  if (!made) return null;
  const found = made.classList.contains("spot") ? made : made.querySelector(".spot");
  return found ? spots[Number(found.dataset.spot)] : null;
};

function zoomTo(value) {
  zoom = Math.max(0.1, Math.min(3, value));
  const [width, height] = root.size2;
  sheet.style.width = `${Math.ceil(width * zoom)}px`;
  sheet.style.height = `${Math.ceil(height * zoom)}px`;
  stage.style.transform = `scale(${zoom})`;
  document.getElementById("scale").textContent = `${Math.round(zoom * 100)} %`;
}

function fit() {
  const [width, height] = root.size2, room = scroller.clientWidth - 48;
  zoomTo(Math.min(1, Math.max(0.35, Math.min(room / width, (scroller.clientHeight - 40) / height)), room / width));
}

/** Draw again, and leave an item where it is seen. */
function redraw(kept) {
  const before = kept && kept.node && !kept.node.hidden ? kept.node.getBoundingClientRect() : null;
  draw();
  if (!before) return;
  const after = kept.node.getBoundingClientRect();
  scroller.scrollLeft += after.left - before.left;
  scroller.scrollTop += after.top - before.top;
}

function toggle(item, open = !item.open) {
  if (!item.block) return;
  item.open = open;
  redraw(item);
  status.textContent = `${wordsOf(item.title)} ${open ? "opened" : "closed"}`;
}

function setAll(open) {
  for (const item of order) if (item.block && item !== root) item.open = open;
  redraw(null);
  status.textContent = open ? "all blocks are open" : "all blocks are closed";
}

// pointing

function point(spot, event) {
  if (!spot) {
    hint.hidden = true;
    showLine(null, "pointed");
    if (chosen) showFacts(chosen);
    return;
  }
  hint.replaceChildren(element("b", "", spot.name));
  const lines = [spot.facts.path, spot.shape && `shape ${spot.shape}`, costOf(spot.facts).join(" · ")].filter(Boolean);
  for (const line of lines) hint.append(element("span", "", line));
  hint.hidden = false;
  const at = spot.made.getBoundingClientRect();
  const x = event ? event.clientX + 14 : at.left, y = event ? event.clientY + 18 : at.bottom + 6;
  hint.style.left = `${Math.max(4, Math.min(x, innerWidth - hint.offsetWidth - 8))}px`;
  hint.style.top = `${y + hint.offsetHeight + 8 > innerHeight ? Math.max(4, (event ? event.clientY : at.top) - hint.offsetHeight - 10) : y}px`;
  if (!chosen) { showFacts(spot); showLine(spot.facts, "pointed"); }
  else showLineQuietly(spot.facts);
  const badge = spot.made.querySelector(":scope > .badge, :scope > .title > .badge, :scope > .head .badge");
  for (const made of stage.querySelectorAll(".badge")) made.classList.toggle("same", !!badge && made.dataset.badge === badge.dataset.badge);
  for (const made of wires.querySelectorAll(".lit")) made.classList.remove("lit");
  for (const made of wires.querySelectorAll(`[data-tail="${spot.item.id}"]`)) made.classList.add("lit");
  for (const made of wires.querySelectorAll(`[data-head="${spot.item.id}"]`)) made.classList.add("lit");
}

/** Mark a line where it is in view already. */
function showLineQuietly(facts) {
  for (const row of panel.spec.querySelectorAll(".pointed")) row.classList.remove("pointed");
  const row = lineRows.get(`${facts.source}:${facts.line}`);
  if (row && facts.source === shownFile) row.classList.add("pointed");
}

function choose(spot) {
  if (chosen) chosen.made.classList.remove("chosen");
  for (const row of panel.spec.querySelectorAll(".pointed")) row.classList.remove("pointed");
  chosen = spot;
  if (!spot) { showLine(null, "line"); return; }
  spot.made.classList.add("chosen");
  showFacts(spot);
  showLine(spot.facts, "line");
}

function focusOn(spot, seen = true) {
  if (current) current.made.tabIndex = -1;
  current = spot;
  spot.made.tabIndex = 0;
  spot.made.focus({ preventScroll: true });
  if (seen) bringIntoView(spot.made);
}

function bringIntoView(made) {
  const view = scroller.getBoundingClientRect(), at = made.getBoundingClientRect(), room = 40;
  const high = Math.min(at.height, 80);
  if (at.top < view.top + room || at.top + high > view.bottom - room) scroller.scrollTop += at.top - view.top - (view.height - high) / 3;
  if (at.left < view.left + room || at.right > view.right - room) scroller.scrollLeft += at.left - view.left - (view.width - at.width) / 2;
}

/** Open what an item is in. */
function reveal(spot) {
  let changed = false;
  for (let at = spot.item.parent; at; at = at.parent) if (!at.open) { at.open = true; changed = true; }
  if (changed) redraw(null);
  bringIntoView(spot.made);
}

stage.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch") point(spotOf(event.target), event); });
scroller.addEventListener("wheel", () => { hint.hidden = true; }, { passive: true });
stage.addEventListener("pointerleave", () => point(null));
stage.addEventListener("focusin", (event) => { const spot = spotOf(event.target); if (spot && event.target.matches(":focus-visible")) point(spot); });
stage.addEventListener("focusout", () => point(null));
stage.addEventListener("click", (event) => {
  const spot = spotOf(event.target);
  if (!spot || dragged) return;
  choose(spot);
  const onHead = event.target.closest(".head, .more, .growth") || !spot.item.open;
  if (spot.made === spot.item.node && spot.item.block && onHead) toggle(spot.item);
  focusOn(spot, false);
});

panel.spec.addEventListener("click", (event) => {
  const row = event.target.closest(".codeline");
  const found = row && spots.find((spot) => `${spot.facts.source}:${spot.facts.line}` === row.dataset.line && spot.item !== root);
  if (!found) return;
  reveal(found);
  choose(found);
});
panel.file.addEventListener("change", () => showFile(Number(panel.file.value)));

// keys

const shownSpots = () => spots.filter((spot) => isShown(spot.item));

stage.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const spot = spotOf(event.target), shown = shownSpots(), at = shown.indexOf(spot);
  if (!spot) return;
  const { item } = spot, owner = spot.made === item.node && item.block;
  const steps = {
    ArrowDown: () => shown[at + 1],
    ArrowUp: () => shown[at - 1],
    Home: () => shown[0],
    End: () => shown.at(-1),
    ArrowRight: () => { if (owner && !item.open) { toggle(item); return spot; } return owner ? shown[at + 1] : null; },
    ArrowLeft: () => {
      if (owner && item.open) { toggle(item); return spot; }
      return item.parent === root ? null : spots.find((other) => other.made === item.parent.node);
    },
    Enter: () => { choose(spot); if (owner) toggle(item); return spot; },
    " ": () => steps.Enter(),
  };
  if (!steps[event.key]) return;
  event.preventDefault();
  const next = steps[event.key]();
  if (next) focusOn(next);
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select")) return;
  const key = { "/": () => document.getElementById("search").focus(), "+": () => zoomTo(zoom * 1.25), "-": () => zoomTo(zoom / 1.25), "0": () => zoomTo(1), f: fit, o: () => setAll(true), c: () => setAll(false), Escape: () => choose(null) }[event.key];
  if (!key) return;
  event.preventDefault();
  key();
});

// moving: the wheel with Ctrl zooms, dragging the ground moves it

scroller.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  const view = sheet.getBoundingClientRect(), before = zoom;
  const x = (event.clientX - view.left) / before, y = (event.clientY - view.top) / before;
  zoomTo(zoom * Math.exp(-event.deltaY / 400));
  scroller.scrollLeft += x * (zoom - before);
  scroller.scrollTop += y * (zoom - before);
}, { passive: false });

let drag = null, dragged = false;
scroller.addEventListener("pointerdown", (event) => {
  dragged = false;
  if (event.button || event.pointerType === "touch" || event.target.closest(".head, .row, .mark, .end, .more")) return;
  drag = [event.clientX, event.clientY, scroller.scrollLeft, scroller.scrollTop];
});
addEventListener("pointermove", (event) => {
  if (!drag) return;
  const x = event.clientX - drag[0], y = event.clientY - drag[1];
  if (!dragged && Math.hypot(x, y) < 5) return;
  dragged = true;
  scroller.classList.add("dragging");
  scroller.scrollLeft = drag[2] - x;
  scroller.scrollTop = drag[3] - y;
});
addEventListener("pointerup", () => { drag = null; scroller.classList.remove("dragging"); });

// choices

/** Colour by kind of layer, or by share of the parameters or MACs. */
function colourBy(what) {
  document.body.dataset.colour = what;
  if (what !== "kind") {
    const most = Math.max(1, ...spots.filter((spot) => !spot.item.block && !spot.made.classList.contains("head")).map((spot) => spot.facts[what]));
    for (const { made, facts } of spots) {
      made.style.setProperty("--heat-part", `${Math.round(100 * Math.min(1, Math.sqrt(facts[what] / most)))}%`);
      const part = share(facts[what], root.facts[what]);
      made.dataset.share = part ? `${part < 0.001 ? "<0.1" : (100 * part).toFixed(1)} %` : "";
    }
  }
  measure();
  draw();
}

function legend() {
  const made = document.getElementById("legend");
  const present = new Set(spots.map(({ made: spot }) => spot.dataset.kind).filter(Boolean));
  for (const [kind, name] of data.kinds) if (present.has(kind)) {
    const entry = element("span", "entry"), swatch = element("i");
    swatch.dataset.kind = kind;
    entry.append(swatch, name);
    made.append(entry);
  }
}

const actions = {
  open: () => setAll(true),
  close: () => setAll(false),
  in: () => zoomTo(zoom * 1.25),
  out: () => zoomTo(zoom / 1.25),
  fit,
  turn: () => { flow = flow === "TB" ? "LR" : "TB"; measure(); draw(); },
  theme: () => {
    const dark = getComputedStyle(document.documentElement).getPropertyValue("color-scheme").trim() === "dark"
      || (!document.documentElement.style.colorScheme && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.style.colorScheme = dark ? "light" : "dark";
  },
  panel: () => {
    const closed = document.body.classList.toggle("alone");
    document.querySelector("[data-do=panel]").setAttribute("aria-expanded", String(!closed));
  },
};
for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", () => actions[button.dataset.do]());
const colour = document.getElementById("colour");
colour.addEventListener("change", () => colourBy(colour.value));

// One page of the size of the drawing: what is absolutely placed does not break well, and a figure is one page.
const LONGEST = 14000; // points of a page
let screen = 1;
const sheets = document.styleSheets[0];
addEventListener("beforeprint", () => {
  screen = zoom;
  const [width, height] = root.size2;
  zoomTo(Math.min(1, LONGEST / Math.max(width, height)));
  const wide = Math.max(Math.ceil(width * zoom) + 8, 420);
  sheets.insertRule(`@page { size: ${wide + 48}px ${Math.ceil(height * zoom) + 190}px; margin: 24px; }`, sheets.cssRules.length);
});
addEventListener("afterprint", () => {
  sheets.deleteRule(sheets.cssRules.length - 1);
  zoomTo(screen);
});

// search

const search = document.getElementById("search");
const plain = (text) => text.toLowerCase();
const anyNumber = (text) => plain(text).replace(/\d+/g, "#");
for (const spot of spots) spot.words = `${spot.name} ${spot.facts.path} ${spot.item.title ? wordsOf(spot.item.title) : ""}`;
let found = [], at = 0;

/** Spots whose name or path has all the words; failing that, with any numbers, as a copy that is not drawn has them. */
function lookFor(text) {
  const having = (form) => {
    const words = form(text).split(/\s+/).filter(Boolean);
    return words.length ? spots.filter((spot) => { const own = form(spot.words); return words.every((word) => own.includes(word)); }) : [];
  };
  const exact = having(plain);
  if (exact.length) return exact;
  const wanted = text.match(/\d+/g) || [];
  const alike = (spot) => { // numbers that are the same, in one place of the path or name
    const own = (spot.facts.path.match(/\d+/g) || []);
    return own.length === wanted.length ? own.filter((number, place) => number === wanted[place]).length : 0;
  };
  const near = having(anyNumber), most = Math.max(0, ...near.map(alike));
  return near.filter((spot) => alike(spot) === most);
}

function showFound(step) {
  for (const spot of spots) spot.made.classList.remove("found", "first");
  const count = document.getElementById("count");
  count.textContent = search.value.trim() ? (found.length ? `${at + 1} of ${found.length}` : "nothing found") : "";
  if (!found.length) return;
  at = (at + step + found.length) % found.length;
  count.textContent = `${at + 1} of ${found.length}`;
  for (const spot of found) spot.made.classList.add("found");
  reveal(found[at]);
  found[at].made.classList.add("first");
  choose(found[at]);
}

search.addEventListener("input", () => { found = lookFor(search.value); at = 0; showFound(0); });
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); showFound(event.shiftKey ? -1 : 1); }
  if (event.key === "Escape") { search.value = ""; found = []; showFound(0); search.blur(); }
  if (event.key === "ArrowDown" && found.length) { event.preventDefault(); focusOn(found[at]); }
});

// at first

document.getElementById("totals").textContent = costOf(root.facts).join(" · ");
legend();
measure();
draw();
if (data.cost) { colour.value = "macs"; colourBy("macs"); }
zoomTo(Math.min(1, Math.max(0.7, (scroller.clientWidth - 48) / root.size2[0])));
if (spots.length) { // what comes first is seen first, also of a drawing that is wider than the window
  const first = spots[0].made.getBoundingClientRect(), view = scroller.getBoundingClientRect();
  scroller.scrollLeft += (first.left + first.right - view.left - view.right) / 2;
}
const rootSpot = { made: document.createElement("div"), item: root, facts: root.facts, name: data.model, shape: shapeOf(root) };
showFacts(rootSpot);
showFile(root.facts.source);
if (spots.length) { current = spots[0]; current.made.tabIndex = 0; }

/** The address may name a layer: `#features.norm5`. */
function goToNamed() {
  let wanted = "";
  try { wanted = decodeURIComponent(location.hash.slice(1)); } catch { return; }
  const named = wanted && spots.find((spot) => spot.facts.path === wanted);
  if (named) { reveal(named); choose(named); }
}
addEventListener("hashchange", goToNamed);
goToNamed();
document.body.dataset.ready = "yes";
