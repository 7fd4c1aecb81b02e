// From layers to places: main paths straight, lanes beside them, bends in tracks between the layers.

const APART = { node: 30, lane: 13, mixed: 18 }; // points between neighbours of a layer
const TRACK = 8, ABOVE = 9, BELOW = 15, STRAIGHT = 26; // points along the flow, between two layers

const apart = (a, b) => (a.kind !== "node" && b.kind !== "node" ? APART.lane : a.kind === "node" && b.kind === "node" ? APART.node : APART.mixed);

/** Where the segments meet their vertices, from the left edge. Several that enter a closed block stand side by side. */
function findPorts(segments) {
  const coming = new Map(), going = new Map();
  for (const level of segments) for (const segment of level) {
    for (const [end, near] of [["down", coming], ["up", going]]) {
      const vertex = segment[end];
      if (vertex.kind !== "node") { segment[`${end}At`] = 0; continue; }
      const ports = end === "down" ? vertex.node.inAt : vertex.node.outAt;
      if (ports && ports.has(segment.lane.tail)) { segment[`${end}At`] = ports.get(segment.lane.tail); continue; }
      segment[`${end}At`] = vertex.u / 2;
      if (!segment.side && (vertex.node.spread || (end === "down" && segment.head.links.some((link) => link.text)))) {
        if (!near.has(vertex)) near.set(vertex, []);
        near.get(vertex).push(segment);
      }
    }
  }
  for (const [near, end, other] of [[coming, "downAt", "up"], [going, "upAt", "down"]]) {
    for (const [vertex, found] of near) {
      const lanes = [...new Set(found.map((segment) => segment.lane))];
      const mean = new Map(lanes.map((lane) => {
        const mine = found.filter((segment) => segment.lane === lane);
        return [lane, mine.reduce((sum, segment) => sum + segment[other].pos, 0) / mine.length];
      }));
      lanes.sort((a, b) => mean.get(a) - mean.get(b));
      const step = Math.min(16, (vertex.u - 16) / Math.max(1, lanes.length - 1));
      for (const segment of found) segment[end] = vertex.u / 2 + (lanes.indexOf(segment.lane) - (lanes.length - 1) / 2) * step;
    }
  }
}

/** Is the way through a vertex longer by more than one layer than those through others? */
function leads(vertex, others, long) {
  return [...others].every((other) => other === vertex || long(vertex) > long(other) + 1);
}

/** The segments that are to be straight: one at each end of a vertex, none across another. */
function straightOnes(level) {
  const down = new Map(), up = new Map(); // neighbours that are no lanes
  const note = (near, vertex, other) => {
    if (!near.has(vertex)) near.set(vertex, new Set());
    if (other.kind !== "lane") near.get(vertex).add(other);
  };
  for (const segment of level) if (!segment.side) {
    note(down, segment.up, segment.down);
    note(up, segment.down, segment.up);
  }
  const rank = (segment) => {
    if (segment.side) return 0;
    const readers = down.get(segment.up).size, read = up.get(segment.down).size;
    const lanes = (segment.up.kind === "lane") + (segment.down.kind === "lane");
    if (lanes === 2) return 2;
    const { up: a, down: b } = segment;
    const led = readers === 1 || leads(b, down.get(a), (vertex) => vertex.below || 0);
    const leading = read === 1 || leads(a, up.get(b), (vertex) => vertex.layer);
    if (lanes === 0) return led && leading ? 3 : 0;
    return readers + read === 1 ? 1 : 0;
  };
  const chosen = [], used = new Set();
  for (const [segment, value] of level.map((s) => [s, rank(s)]).filter((pair) => pair[1]).sort((a, b) => b[1] - a[1])) {
    const ends = [segment.up, segment.down];
    if (used.has(`u${segment.up.pos}`) || used.has(`d${segment.down.pos}`)) continue;
    if (chosen.some((other) => (other.up.pos - segment.up.pos) * (other.down.pos - segment.down.pos) < 0)) continue;
    used.add(`u${ends[0].pos}`).add(`d${ends[1].pos}`);
    chosen.push(segment);
  }
  return chosen;
}

/** Place all vertices across the flow: threads of straight segments, as near to what they read as their neighbours let. */
function placeAcross({ layers, segments }) {
  const thread = new Map();
  for (const layer of layers) for (const vertex of layer) {
    vertex.thread = { members: [vertex], right: [], left: [], pulls: [] };
    vertex.shift = 0;
  }
  for (const level of segments) for (const segment of straightOnes(level)) {
    const into = segment.up.thread, old = segment.down.thread;
    const move = segment.up.shift + segment.upAt - segment.downAt - segment.down.shift;
    for (const vertex of old.members) { vertex.thread = into; vertex.shift += move; into.members.push(vertex); }
  }
  for (const layer of layers) for (const vertex of layer) thread.set(vertex.thread, 0);
  const threads = [...thread.keys()];
  for (const layer of layers) for (let at = 1; at < layer.length; at++) {
    const a = layer[at - 1], b = layer[at];
    const least = a.shift + a.u + apart(a, b) - b.shift;
    if (a.thread === b.thread) continue;
    a.thread.right.push([b.thread, least]);
    b.thread.left.push([a.thread, least]);
  }
  for (const level of segments) for (const segment of level) {
    const { up, down } = segment;
    if (up.thread === down.thread || segment.side) continue;
    const weight = up.kind === "lane" && down.kind === "lane" ? 6 : up.kind === "lane" || down.kind === "lane" ? 1 : 4;
    const offset = up.shift + segment.upAt - down.shift - segment.downAt;
    down.thread.pulls.push([up.thread, offset, weight]);
    up.thread.pulls.push([down.thread, -offset, weight]);
  }
  const sorted = inOrder(threads);
  for (const t of sorted) t.low = Math.max(0, ...t.left.map(([other, least]) => other.low + least));
  const width = Math.max(0, ...sorted.map((t) => t.low));
  for (const t of sorted.slice().reverse()) t.high = Math.min(width, ...t.right.map(([other, least]) => other.high - least));
  for (const t of sorted) t.x = (t.low + t.high) / 2;
  const rounds = Math.max(6, Math.min(40, Math.floor(4e5 / (1 + sorted.length))));
  for (let round = 0; round < rounds; round++) {
    for (const t of round % 2 ? sorted.slice().reverse() : sorted) {
      const low = Math.max(-Infinity, ...t.left.map(([other, least]) => other.x + least));
      const high = Math.min(Infinity, ...t.right.map(([other, least]) => other.x - least));
      if (t.pulls.length) t.x = Math.max(low, Math.min(high, median(t.pulls.map(([other, offset, weight]) => [other.x + offset, weight]))));
    }
  }
  let left = Infinity, right = -Infinity;
  for (const layer of layers) for (const vertex of layer) {
    vertex.x = vertex.thread.x + vertex.shift;
    left = Math.min(left, vertex.x);
    right = Math.max(right, vertex.x + vertex.u);
  }
  for (const layer of layers) for (const vertex of layer) vertex.x -= left;
  return Math.max(0, right - left);
}

function median(pulls) {
  pulls.sort((a, b) => a[0] - b[0]);
  const half = pulls.reduce((sum, pull) => sum + pull[1], 0) / 2;
  let sum = 0;
  for (let at = 0; at < pulls.length; at++) {
    sum += pulls[at][1];
    if (Math.abs(sum - half) < 1e-9 && at + 1 < pulls.length) return (pulls[at][0] + pulls[at + 1][0]) / 2;
    if (sum > half) return pulls[at][0];
  }
  return 0;
}

/** Threads from left to right. */
function inOrder(threads) {
  const waiting = new Map(threads.map((t) => [t, t.left.length]));
  const ready = threads.filter((t) => !t.left.length), sorted = [];
  while (ready.length) {
    const t = ready.pop();
    sorted.push(t);
    for (const [other] of t.right) {
      waiting.set(other, waiting.get(other) - 1);
      if (!waiting.get(other)) ready.push(other);
    }
  }
  return sorted;
}

/** The bends between two layers, each in a track: segments of one tensor together. Gives the number of tracks. */
function findTracks(level) {
  const bends = new Map();
  for (const segment of level) {
    if (segment.side) continue;
    segment.from = segment.up.x + segment.upAt;
    segment.to = segment.down.x + segment.downAt;
    if (Math.abs(segment.from - segment.to) < 1) continue;
    const key = `${segment.lane.tail} ${segment.from}`;
    if (!bends.has(key)) bends.set(key, { from: segment.from, to: [], low: segment.from, high: segment.from });
    const bend = bends.get(key);
    bend.to.push(segment.to);
    bend.low = Math.min(bend.low, segment.to);
    bend.high = Math.max(bend.high, segment.to);
    segment.bend = bend;
  }
  const mean = (bend) => bend.to.reduce((sum, to) => sum + to, 0) / bend.to.length;
  const found = [...bends.values()].sort((a, b) => {
    const right = mean(a) > a.from, other = mean(b) > b.from;
    return right !== other ? right - other : right ? b.from - a.from : a.from - b.from;
  });
  const cost = (a, b) => // of a above b
    (a.low < b.from && b.from < a.high ? 1 : 0) + a.to.filter((to) => b.low < to && to < b.high).length
    + (a.to.some((to) => Math.abs(to - b.from) < 4) ? 20 : 0);
  for (let round = 0; found.length < 60 && round < found.length; round++) {
    let changed = false;
    for (let at = 1; at < found.length; at++) {
      if (cost(found[at], found[at - 1]) < cost(found[at - 1], found[at])) {
        [found[at - 1], found[at]] = [found[at], found[at - 1]];
        changed = true;
      }
    }
    if (!changed) break;
  }
  let tracks = 0;
  found.forEach((bend, at) => {
    bend.track = 0;
    for (const other of found.slice(Math.max(0, at - 200), at)) {
      const room = meet(bend, other) ? -1 : 4;
      if (other.low < bend.high + room && bend.low < other.high + room) bend.track = Math.max(bend.track, other.track + 1);
    }
    tracks = Math.max(tracks, bend.track + 1);
  });
  return tracks;
}

/** Do two bends come from the left and from the right to one reader? */
function meet(a, b) {
  return a.to.length === 1 && b.to.length === 1 && Math.abs(a.to[0] - b.to[0]) < 0.5 && (a.from < a.to[0]) !== (b.from < b.to[0]);
}

/** What is written in a gap beside the lines that begin there, where there is room, and the room that it takes. */
function wordsBeside(level, saidOf, down, width) {
  const lines = [...new Set(level.filter((segment) => !segment.side).map((segment) => segment.from))].sort((a, b) => a - b);
  const found = [], done = new Set();
  let room = 0;
  for (const segment of level) {
    const at = down || !segment.head ? "" : segment.head.links.flatMap((link) => [link.role, link.text]).filter(Boolean).join(" ");
    if (at) room = Math.max(room, wordLength(at) - 6);
    const words = segment.side || segment.up.kind !== "node" || done.has(segment.lane) ? [] : saidOf(segment.lane);
    if (!words.length) continue;
    done.add(segment.lane);
    const x = segment.from, long = wordLength(words.join("  ")) + 10;
    if (down) {
      const right = Math.min(width + SIDE, ...lines.filter((line) => line > x + 1)), left = Math.max(-SIDE, ...lines.filter((line) => line < x - 1));
      const taken = (a, b) => found.some((word) => word.low < b && a < word.high);
      const side = right - x > long && !taken(x, x + long) ? 1 : x - left > long && !taken(x - long, x) ? -1 : 0;
      if (!side) continue;
      found.push({ words, x, side, up: segment.up, low: side > 0 ? x : x - long, high: side > 0 ? x + long : x });
      room = Math.max(room, 11);
    } else {
      if (lines.some((line) => line > x - 14 && line < x - 1) || x < 14 - SIDE) continue;
      found.push({ words, x, side: 1, up: segment.up, low: 0, high: 0 });
      room = Math.max(room, long);
    }
  }
  return { found, room };
}

/** Draw one level: places of its nodes, lines and tips, all from its upper left corner, and where lanes pass its ends. */
function arrange(nodes, links, saidOf, down) {
  const level = layersOf(nodes, links);
  orderLayers(level);
  enterSideways(level);
  findPorts(level.segments);
  const u = placeAcross(level);
  const { layers, segments } = level;
  const tops = [], bottoms = [];
  let v = 0;
  const places = new Map(), lines = [], tips = [];
  const gaps = segments.map((found) => findTracks(found));
  const words = segments.map((found) => wordsBeside(found, saidOf, down, u));
  layers.forEach((layer, at) => {
    const height = Math.max(0, ...layer.map((vertex) => (vertex.node ? vertex.node.v : 0)));
    tops[at] = v;
    bottoms[at] = v + height;
    for (const vertex of layer) if (vertex.node) {
      vertex.v = v + (height - vertex.node.v) / 2;
      places.set(vertex.node.item, [vertex.x, vertex.v]);
    }
    if (at + 1 < layers.length) {
      const empty = !segments[at].length && (!layer.length || !layers[at + 1].length);
      v += height + (empty ? 0 : words[at].room + (gaps[at] ? ABOVE + BELOW + (gaps[at] - 1) * trackStep(gaps[at]) : STRAIGHT));
    } else v += height;
  });
  for (const [at, found] of segments.entries()) for (const segment of found) {
    const { up, down, lane, side, training } = segment;
    if (side) {
      const right = segment.sideways > 0, y = down.v + down.node.join;
      const x = right ? down.x + down.u : down.x;
      lines.push({ lane, training, points: [[side.x, tops[at + 1]], [side.x, y], [x, y]] });
      tips.push({ lane, training, head: segment.head, x, y, way: right ? "left" : "right" });
      continue;
    }
    const start = up.node ? up.v + up.node.v : bottoms[at];
    const end = down.node ? down.v : down.passing ? bottoms[at + 1] : tops[at + 1];
    const points = [[segment.from, start]];
    if (segment.bend) {
      const y = bottoms[at] + words[at].room + ABOVE + segment.bend.track * trackStep(gaps[at]);
      points.push([segment.from, y], [segment.to, y]);
    }
    points.push([segment.to, end]);
    lines.push({ lane, training, points, start: up.kind !== "lane" });
    if (segment.head && segment.head.to < nodes.length) {
      tips.push({ lane, training, head: segment.head, x: points.at(-1)[0], y: end, way: "down" });
    }
  }
  const ports = (kind) => new Map(layers.flat().filter((vertex) => vertex.kind === kind).map((vertex) => [vertex.lane.tail, vertex.x]));
  const said = words.flatMap(({ found }, at) => found.map((word) => ({ ...word, v: bottoms[at], start: word.up.v + word.up.node.v })));
  return { u, v, places, lines, tips, said, inAt: ports("in"), outAt: ports("out"), left: level.left };
}

/** Points from track to track: less where there are many. */
function trackStep(tracks) {
  return Math.min(TRACK, 240 / tracks);
}
