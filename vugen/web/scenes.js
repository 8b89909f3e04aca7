// The exact reader of `vugen.scenes`: which shapes a picture shows, and whether a prompt is true of them.

const distances = {
  circle: (x, y) => Math.hypot(x, y) - 1,
  ring: (x, y) => Math.max(Math.hypot(x, y) - 1, 0.5 - Math.hypot(x, y)),
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.85,
  cross: (x, y) => {
    const [a, b] = [Math.abs(x), Math.abs(y)];
    return Math.min(Math.max(a - 0.33, b - 1), Math.max(b - 0.33, a - 1));
  },
  triangle: (x, y) => Math.max(y - 0.75, (1.75 * Math.abs(x) - 0.95 * (y + 1)) / Math.hypot(1.75, 0.95)),
};
export const SHAPES = Object.keys(distances);
const sum = (values) => values.reduce((a, b) => a + b, 0);
const near = (i, side) => {
  const [row, column, out] = [Math.floor(i / side), i % side, []];
  for (let r = Math.max(0, row - 1); r <= Math.min(side - 1, row + 1); r++) {
    for (let c = Math.max(0, column - 1); c <= Math.min(side - 1, column + 1); c++) out.push(r * side + c);
  }
  return out;
};

// How much of each pixel a shape covers, 0 to 1
function coverage(shape, x, y, radius, side) {
  return Float32Array.from({ length: side * side }, (_, i) => {
    const dx = ((i % side) + 0.5) / side - x;
    const dy = (Math.floor(i / side) + 0.5) / side - y;
    const distance = distances[shape](dx / radius, dy / radius) * radius * side;
    return Math.min(1, Math.max(0, 0.5 - distance));
  });
}

// Connected regions of ink, each a set of pixels; specks are dropped
function regions(ink, side) {
  const [seen, found] = [new Set(), []];
  for (let start = 0; start < ink.length; start++) {
    if (ink[start] <= 0.4 || seen.has(start)) continue;
    const region = new Set([start]);
    for (const i of region) {
      for (const j of near(i, side)) if (ink[j] > 0.4) region.add(j);
    }
    region.forEach((i) => seen.add(i));
    if (region.size >= 6 * (side / 32) ** 2) found.push(region);
  }
  return found;
}

// The color of a region's most inked pixels, and how much of it each pixel holds
function colorOf(region, pixel, ink, side, colors) {
  const most = Math.max(...[...region].map((i) => ink[i]));
  const core = [...region].filter((i) => ink[i] >= 0.8 * most);
  const mean = [0, 1, 2].map((c) => sum(core.map((i) => pixel(i)[c])) / core.length);
  const off = (rgb) => Math.hypot(...rgb.map((v, c) => v / 127.5 - 1 - mean[c]));
  const name = Object.keys(colors).reduce((a, b) => (off(colors[b]) < off(colors[a]) ? b : a));
  const ramp = colors[name].map((v) => 2 - v / 127.5); // from white to the color
  const length = sum(ramp.map((v) => v * v));
  const rim = new Set([...region].flatMap((i) => near(i, side)));
  const alpha = Float32Array.from(ink, (_, i) => {
    if (!rim.has(i)) return 0;
    const much = sum(pixel(i).map((v, c) => (1 - v) * ramp[c])) / length;
    return Math.min(1, Math.max(0, much));
  });
  return { name, alpha };
}

// The shape and size that explain a coverage best, drawn around its center of mass
function match(alpha, side, sizes) {
  const mass = sum(alpha);
  const middle = (place) => sum(alpha.map((a, i) => a * (place(i) + 0.5) / side)) / mass;
  const [x, cy] = [middle((i) => i % side), middle((i) => Math.floor(i / side))];
  let best = { error: Infinity };
  for (const shape of SHAPES) {
    for (const [size, radius] of Object.entries(sizes)) {
      const y = cy - (shape === 'triangle' ? radius / 6 : 0);
      const drawn = coverage(shape, x, y, radius, side);
      const error = sum(alpha.map((a, i) => (a - drawn[i]) ** 2)) / sum(drawn.map((v) => v * v));
      if (error < best.error) best = { error, shape, size, x, y };
    }
  }
  return best;
}

// Objects in a picture of numbers in [-1, 1], channel by channel
export function verify(picture, side, { colors, sizes }, tolerance = 0.25) {
  const area = side * side;
  const pixel = (i) => [picture[i], picture[area + i], picture[2 * area + i]];
  const ink = Float32Array.from({ length: area }, (_, i) => (1 - Math.min(...pixel(i))) / 2);
  return regions(ink, side).map((region) => {
    const { name, alpha } = colorOf(region, pixel, ink, side, colors);
    const { error, shape, size, x, y } = match(alpha, side, sizes);
    return { shape: error <= tolerance ? shape : 'unknown', color: name, size, x, y };
  });
}

const DIRECTIONS = { 'left of': [-1, 0], 'right of': [1, 0], above: [0, -1], below: [0, 1] };
const COUNTS = { the: 1, a: 1, an: 1, one: 1, two: 2, three: 3 };
const NOUNS = Object.fromEntries(SHAPES.flatMap((s) => [[s, s], [`${s}s`, s], [`${s}es`, s]]));

// `two small red circles`: number, size and color may be missing; null if there is anything else
function group(text, { colors, sizes }) {
  const words = text.split(' ');
  const shape = NOUNS[words.pop()];
  const count = words[0] in COUNTS ? COUNTS[words.shift()] : 1;
  const size = words[0] in sizes ? words.shift() : undefined;
  const color = words[0] in colors ? words.shift() : undefined;
  return shape && !words.length ? { shape, size, color, count } : null;
}

// What a prompt claims, as the model reads it (`Words.read`): groups of objects, and where the first is from the second; null if it cannot be read
export function readPrompt(prompt, settings) {
  const text = prompt.trim().toLowerCase().replace(/\s+/g, ' ')
    .replace(/^(a picture of|an image of|a photo of|draw) /, '')
    .replace('to the ', '').replace(' under ', ' below ');
  const related = /^(.+) (left of|right of|above|below) (.+)$/.exec(text);
  const parts = related ? [related[1], related[3]] : text.split(/,? and |, /);
  const groups = parts.map((part) => group(part, settings));
  return groups.includes(null) ? null : { groups, relation: related?.[2] };
}

function alignment(a, b, [dx, dy]) {
  const distance = Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1e-9);
  return ((a.x - b.x) * dx + (a.y - b.y) * dy) / distance;
}

// Are the facts true of a scene? A count above one must be exact
export function holds({ groups, relation }, scene) {
  const fits = (g, o) => o.shape === g.shape && [undefined, o.color].includes(g.color)
    && [undefined, o.size].includes(g.size);
  const found = groups.map((g) => scene.filter((o) => fits(g, o)));
  const enough = found.every((f, i) => (groups[i].count > 1 ? f.length === groups[i].count : f.length > 0));
  if (!enough || !relation) return enough;
  return found[0].every((a) => found[1].every((b) => alignment(a, b, DIRECTIONS[relation]) > 0.5));
}

const article = (name) => `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
const say = (o) => article(o.shape === 'unknown' ? `${o.color} shape that it does not know` : `${o.size} ${o.color} ${o.shape}`);

export const sayScene = (scene) => scene.map(say).join(', ') || 'nothing';
