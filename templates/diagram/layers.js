// Layered drawing of one level (Sugiyama et al., 1981): what reads stands below what is read; a tensor that is read
// further down goes there in a lane of its own, which all of its readers share. `u` runs across the flow, `v` along it.

const MOST_LANES = 20000; // places of lanes on one level; longer links are not drawn there

/** The vertices of a level in layers, and the segments between them. */
function layersOf(nodes, links) {
  const vertices = nodes.map((node, at) => ({ kind: "node", node, at, u: node.u, layer: 1, segments: [] }));
  const place = new Map(nodes.map((node, at) => [node.item, at]));
  const lanes = new Map(); // by the tensor's maker
  for (const link of links) {
    const from = link.from ? place.get(link.from) : -1, to = link.to ? place.get(link.to) : nodes.length;
    if (from >= to) continue;
    if (!lanes.has(link.tail)) lanes.set(link.tail, { tail: link.tail, from, heads: new Map() });
    const heads = lanes.get(link.tail).heads, known = heads.get(to);
    if (!known) heads.set(to, { to, links: [link], training: link.training });
    else { known.links.push(link); known.training &&= link.training; }
  }
  const read = nodes.map(() => []), readers = nodes.map(() => []);
  for (const lane of lanes.values()) {
    for (const head of lane.heads.keys()) {
      if (lane.from >= 0 && head < nodes.length) { read[head].push(lane.from); readers[lane.from].push(head); }
      else if (head < nodes.length) read[head].push(-1);
    }
  }
  nodes.forEach((_, at) => {
    for (const before of read[at]) if (before >= 0) vertices[at].layer = Math.max(vertices[at].layer, vertices[before].layer + 1);
  });
  for (let at = nodes.length - 1; at >= 0; at--) {
    if (!read[at].length && readers[at].length && nodes[at].item.kind !== "end") {
      vertices[at].layer = Math.min(...readers[at].map((reader) => vertices[reader].layer)) - 1;
    }
  }
  for (let at = nodes.length - 1; at >= 0; at--) {
    vertices[at].below = Math.max(0, ...readers[at].map((reader) => vertices[reader].below + 1)); // the longest way on
  }
  const last = Math.max(1, ...vertices.map((vertex) => vertex.layer)) + 1;
  const layers = Array.from({ length: last + 1 }, () => []);
  for (const vertex of vertices) layers[vertex.layer].push(vertex);
  const add = (kind, layer, lane, extra) => {
    const made = { kind, layer, lane, u: 0, ...extra };
    layers[layer].push(made);
    return made;
  };
  const segments = layers.map(() => []); // by the layer above
  let budget = MOST_LANES, left = 0;
  for (const lane of lanes.values()) {
    const start = lane.from < 0 ? add("in", 0, lane) : vertices[lane.from];
    const heads = [...lane.heads.values()].map((head) => ({
      ...head, vertex: head.to < nodes.length ? vertices[head.to] : add("out", last, lane),
    })).sort((a, b) => a.vertex.layer - b.vertex.layer || a.to - b.to);
    let end = heads.length;
    while (end && heads[end - 1].vertex.layer - start.layer > budget) end--;
    left += heads.length - end;
    let above = start, next = 0;
    for (let layer = start.layer + 1; next < end; layer++) {
      const here = [];
      while (next < end && heads[next].vertex.layer === layer) here.push(heads[next++]);
      const rest = heads.slice(next, end);
      const sideways = above.kind === "lane" && here.some((head) => head.vertex.node && head.vertex.node.join !== null);
      let lower = null;
      if (rest.length || sideways) {
        lower = add("lane", layer, lane, { passing: rest.length > 0 });
        budget--;
        const training = [...rest, ...(rest.length ? [] : here)].every((head) => head.training);
        segments[layer - 1].push({ lane, up: above, down: lower, training });
      }
      for (const head of here) {
        const side = sideways && head.vertex.node && head.vertex.node.join !== null ? lower : null;
        segments[layer - 1].push({ lane, up: above, down: head.vertex, head, training: head.training, side });
      }
      above = lower;
    }
  }
  return { layers, segments, left };
}

/** Put the vertices of each layer into an order with few crossings (barycentres, the best of some sweeps). */
function orderLayers({ layers, segments }) {
  const ups = new Map(), downs = new Map();
  for (const level of segments) for (const segment of level) {
    if (!ups.has(segment.down)) ups.set(segment.down, []);
    if (!downs.has(segment.up)) downs.set(segment.up, []);
    ups.get(segment.down).push(segment);
    downs.get(segment.up).push(segment);
  }
  const renumber = (layer) => layer.forEach((vertex, pos) => { vertex.pos = pos; });
  layers.forEach(renumber);
  const rank = (vertex) => (vertex.kind === "lane" ? 1 : 0);
  const sort = (layer, near, end) => {
    for (const vertex of layer) {
      const found = near.get(vertex) || [];
      vertex.value = found.length
        ? found.reduce((sum, segment) => sum + segment[end].pos + portShift(segment, end), 0) / found.length
        : vertex.pos;
    }
    layer.sort((a, b) => a.value - b.value || rank(a) - rank(b) || a.pos - b.pos);
    renumber(layer);
  };
  const count = segments.reduce((sum, level) => sum + level.length, 0);
  const widest = Math.max(0, ...segments.map((level) => level.length));
  const sweeps = Math.max(2, Math.min(14, Math.floor(3e7 / (1 + count * widest))));
  let best = Infinity, kept = null;
  for (let sweep = 0; sweep < sweeps && best > 0; sweep++) {
    if (sweep % 2 === 0) for (let at = 1; at < layers.length; at++) sort(layers[at], ups, "up");
    else for (let at = layers.length - 2; at >= 0; at--) sort(layers[at], downs, "down");
    const crossed = segments.reduce((sum, level) => sum + crossings(level), 0);
    if (crossed < best) { best = crossed; kept = layers.map((layer) => layer.slice()); }
  }
  if (kept) kept.forEach((layer, at) => { layers[at] = layer; renumber(layer); });
}

/** Where a segment meets a vertex, as a part of the vertex's width to the left or right of its middle. */
function portShift(segment, end) {
  const { node } = segment[end];
  const ports = node && (end === "up" ? node.outAt : node.inAt);
  const at = ports && ports.get(segment.lane.tail);
  return at === undefined || at === null || !node.u ? 0 : (at / node.u - 0.5) * 0.9;
}

function crossings(level) {
  const ends = level.map((s) => [s.up.pos + portShift(s, "up"), s.down.pos + portShift(s, "down")])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let found = 0;
  for (let i = 0; i < ends.length; i++) {
    for (let k = i + 1; k < ends.length; k++) if (ends[k][1] < ends[i][1] && ends[k][0] > ends[i][0]) found++;
  }
  return found;
}

/** A lane that passes beside a join enters it from the side; another that could not is led to its top. */
function enterSideways({ layers, segments }) {
  const dropped = new Set(), taken = new Set();
  for (const level of segments) {
    for (let at = level.length - 1; at >= 0; at--) {
      const segment = level[at], { side, down } = segment;
      if (!side) continue;
      const offset = side.pos - down.pos;
      const free = Math.abs(offset) === 1 && !taken.has(`${down.at} ${offset}`);
      if (free) {
        taken.add(`${down.at} ${offset}`);
        segment.sideways = offset;
      } else {
        segment.side = null;
        if (!side.passing) dropped.add(side);
      }
    }
    for (const segment of level) if (segment.side) dropped.delete(segment.side);
  }
  for (const [at, level] of segments.entries()) {
    segments[at] = level.filter((segment) => !dropped.has(segment.down));
  }
  for (const [at, layer] of layers.entries()) {
    layers[at] = layer.filter((vertex) => !dropped.has(vertex));
    layers[at].forEach((vertex, pos) => { vertex.pos = pos; });
  }
}
