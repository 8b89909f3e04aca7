// Works beside the page, so that the page never waits: loads the graphs, and paints what was asked last.

import { download, forget, unpack } from './files.js';
import { Model } from './model.js';
import { startRuntime } from './runtime.js';
import { Words } from './words.js';

const PAINTS = ['language', 'tower'];
const tell = (kind, more = {}, moved = []) => postMessage({ kind, ...more }, moved);
let model, runtime, latest = 0;

// A moment in which messages are heard
const breathe = () => new Promise((go) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); go(); };
  port2.postMessage(0);
});

class Outdated extends Error {}
async function stillWanted(id) {
  await breathe();
  if (id !== latest) throw new Outdated();
}

// A graph is loaded when it is first needed, and once
const graphs = {};
function graph(name, onBytes) {
  const { sha, file } = model.settings.graphs[name];
  graphs[name] ??= download(`model/${file}`, sha, onBytes).then(unpack).then((bytes) => runtime.open(bytes));
  graphs[name].catch(() => delete graphs[name]);
  return graphs[name];
}

async function load({ settings, device }) {
  const needed = [...PAINTS, settings.graphs.student ? 'student' : 'decoder'];
  const total = needed.reduce((sum, name) => sum + settings.graphs[name].bytes, 0);
  let loaded = 0;
  const onBytes = (more) => tell('progress', { loaded: (loaded += more), total });
  runtime = await startRuntime(device, settings.runtime);
  model = new Model(settings, new Words(settings), runtime.Tensor, graph);
  await Promise.all(needed.map((name) => graph(name, onBytes)));
  tell('ready');
  const runtimes = Object.values(settings.runtime.files).flatMap((files) => Object.values(files));
  const hashes = [...runtimes, ...Object.values(settings.graphs).map((g) => g.sha)];
  await forget(hashes.map((sha) => sha.slice(0, 12))).catch(() => {});
}

// Once there is a picture, what it did not need comes too, so that all of it works without a net
let wholeModel = false;
async function fetchRest() {
  if (wholeModel || navigator.connection?.saveData) return;
  wholeModel = true;
  for (const [name, { sha, file }] of Object.entries(model.settings.graphs)) {
    if (!graphs[name]) await download(`model/${file}`, sha).catch(() => {}); // it is asked for again when it is needed
  }
}

async function paint({ id, prompts, choice }) {
  const start = performance.now();
  const onStep = async (step) => {
    await stillWanted(id);
    tell('step', { id, step });
  };
  const { times, stops, attention } = await model.walk(prompts, choice, onStep);
  const pictures = await model.decode(stops.at(-1), prompts.length, choice.decode_steps, choice.seed);
  tell('painted', { id, pictures, attention, seconds: (performance.now() - start) / 1000 });
  await describe(id, pictures, prompts.length);
  await film(id, times, stops, prompts.length, choice.seed);
}

async function describe(id, pictures, b) {
  const texts = [];
  for (let i = 0; i < b; i++) {
    await stillWanted(id);
    const size = pictures.length / b;
    texts.push(await model.answer(pictures.slice(i * size, (i + 1) * size), model.settings.ask));
  }
  tell('said', { id, texts });
}

// The walk at nine times, each stop painted in one step
async function film(id, times, stops, b, seed) {
  const last = stops.length - 1;
  const shown = [...new Set(Array.from({ length: 9 }, (_, i) => Math.round((i * last) / 8)))];
  for (const i of shown) {
    await stillWanted(id);
    tell('frame', { id, time: times[i], pictures: await model.decode(stops[i], b, 1, seed) });
  }
  tell('done', { id });
  fetchRest();
}

async function ask({ id, pictures, question }) {
  const texts = [];
  for (const picture of pictures) texts.push(await model.answer(picture, question));
  tell('answered', { id, question, texts });
}

const WORK = { load, paint, ask };
let queue = Promise.resolve();
onmessage = ({ data }) => {
  if (data.kind === 'paint') latest = data.id;
  queue = queue.then(() => WORK[data.kind](data)).catch((error) => {
    const { name, message } = error;
    if (!(error instanceof Outdated)) tell('failed', { id: data.id, question: data.question, what: data.kind, name, message });
  });
};
