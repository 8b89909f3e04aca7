// The model: prompts to a prefix, noise to latents, latents to pictures, pictures to words.

import { Generator, mixSeeds } from './noise.js';
import { SOLVERS, renoise, timeGrid } from './walk.js';

const repeat = (x, times) => {
  const out = new Float32Array(x.length * times);
  for (let i = 0; i < times; i++) out.set(x, i * x.length);
  return out;
};

export class Model {
  // `graph(name)` gives a session, and loads it if need be
  constructor(settings, words, Tensor, graph) {
    Object.assign(this, { settings, words, Tensor, graph });
    this.n = settings.grid[0] * settings.grid[1];
  }

  floats = (data, ...shape) => new this.Tensor('float32', data, shape);
  whole = (data, ...shape) => new this.Tensor('int64', BigInt64Array.from(data, BigInt), shape);

  async run(name, inputs) {
    const session = await this.graph(name);
    return session.run(inputs);
  }

  // The language model reads `rows` of token numbers, after what it has read before
  async read(rows, past = null, seen = null) {
    const { layers, kv_heads, head_dim, width } = this.settings;
    const [b, t] = [rows.length, Math.max(...rows.map((row) => row.length))];
    const padded = rows.flatMap((row) => [...row, ...Array(t - row.length).fill(0)]);
    const nothing = this.floats(new Float32Array(0), layers, b, kv_heads, 0, head_dim);
    const found = await this.run('language', {
      ids: this.whole(padded, b, t),
      seen: this.floats(seen ?? new Float32Array(b * t * width), b, t, width),
      keys: past?.keys ?? nothing,
      values: past?.values ?? nothing,
    });
    return { logits: found.logits, keys: found.all_keys, values: found.all_values };
  }

  // The tower's velocity for some chats; it counts how the image looks at the words
  async velocity(chats, attention) {
    const { keys, values } = await this.read(chats);
    const [b, { n, settings: { channels } }] = [chats.length, this];
    const length = this.whole(chats.map((chat) => chat.length), b);
    return async (x, t) => {
      const times = this.floats(new Float32Array(b).fill(t), b);
      const found = await this.run('tower', { x: this.floats(x, b, n, channels), t: times, keys, values, length });
      attention.add(found.attention);
      return found.v.data;
    };
  }

  // The same with guidance: each prompt beside an empty one
  async guided(prompts, { guidance, low, high }, attention) {
    const chats = prompts.map((prompt) => this.words.chat(prompt));
    let ready;
    const alone = async (x, t) => (await (ready ??= this.velocity(chats, attention)))(x, t);
    if (guidance === 1) return alone;
    const both = await this.velocity([...chats, ...chats.map(() => this.words.chat(''))], attention);
    return async (x, t) => {
      if (t < low || t > high) return alone(x, t);
      const v = await both(repeat(x, 2), t);
      return x.map((_, i) => v[i + x.length] + guidance * (v[i] - v[i + x.length]));
    };
  }

  // Latents at every time of the walk. All prompts start from the same noise
  async walk(prompts, choice, onStep) {
    const { channels, sampling } = this.settings;
    const attention = new Attention(prompts.length);
    const velocity = await this.guided(prompts, { ...sampling, ...choice }, attention);
    const times = timeGrid(choice.steps, sampling.shift);
    const noise = new Generator(await mixSeeds(choice.seed, 0)).normal(this.n * channels);
    const stops = [repeat(noise, prompts.length)];
    for (let i = 0; i < choice.steps; i++) {
      stops.push(await SOLVERS[choice.solver](velocity, stops[i], times[i], times[i + 1]));
      await onStep(i + 1);
    }
    return { times, stops, attention: attention.mean() };
  }

  // Pictures of `b` latents, which all start from the same noise
  async decode(z, b, steps, seed) {
    const { image_size: side, channels } = this.settings;
    const [size, generator] = [3 * side * side, new Generator(await mixSeeds(seed, 1))];
    const name = steps === 1 && this.settings.graphs.student ? 'student' : 'decoder';
    const latents = this.floats(z, b, this.n, channels);
    const estimate = async (x, t) => {
      const times = this.floats(new Float32Array(b).fill(t), b);
      const found = await this.run(name, { x: this.floats(x, b, 3, side, side), t: times, z: latents });
      return found.image.data;
    };
    // fresh noise, too, is the same for all of them
    const noise = { normal: () => repeat(generator.normal(size), b) };
    const pictures = await renoise(estimate, noise.normal(), steps, noise);
    return pictures.map((value) => Math.min(1, Math.max(-1, value)));
  }

  // The language model's answer to a question about a picture, its likeliest word each time
  async answer(picture, question, most = 40) {
    const { image_size: side, width, image, end } = this.settings;
    const { seen } = await this.run('eyes', { images: this.floats(picture, 1, 3, side, side) });
    const chat = this.words.chat(question, true);
    const placed = new Float32Array(chat.length * width);
    placed.set(seen.data, chat.indexOf(image) * width);
    let state = await this.read([chat], null, placed);
    const said = [];
    while (said.length < most) {
      const scores = state.logits.data.slice(-this.settings.words.length);
      const word = scores.indexOf(Math.max(...scores));
      if (word === end) break;
      said.push(word);
      state = await this.read([[word]], state);
    }
    return this.words.text(said);
  }
}

// How much the places of each image look at each word of its own prompt, over all steps
class Attention {
  constructor(images) {
    this.images = images;
    this.count = 0;
  }

  add({ dims: [, n, t], data }) {
    const rows = data.subarray(0, this.images * n * t);
    this.sum = this.sum ? this.sum.map((value, i) => value + rows[i]) : Float32Array.from(rows);
    this.words = t;
    this.count++;
  }

  mean() {
    return { words: this.words, data: this.sum.map((value) => value / this.count) };
  }
}
