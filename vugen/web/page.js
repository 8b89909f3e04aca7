// The page: what a reader sets goes to the worker, what the worker says is shown.

import { figure, shade, toCanvas } from './draw.js';
import { holds, readPrompt, sayScene, verify } from './scenes.js';
import { Words } from './words.js';

const $ = (id) => document.getElementById(id);
const device = new URLSearchParams(location.search).get('device') === 'webgpu' ? 'webgpu' : 'wasm';
const start = performance.now();
const job = { id: 0, prompts: [], pictures: [] };
let settings, words, worker, waiting;

const say = (text) => { $('status').textContent = text; };
const prompts = () => ($('pair').checked ? [0, 1] : [0]).map((i) => $(`prompt${i}`).value);
const choice = () => ({
  guidance: Number($('guidance').value),
  steps: Number($('steps').value),
  decode_steps: Number($('decode_steps').value),
  solver: $('solver').value,
  seed: Math.min(999999999, Math.max(0, Math.trunc(Number($('seed').value)))),
});

// Say what is wrong with a text, and mark the words that the model does not know
function check(input, line) {
  const problem = words.problem(input.value);
  const odd = problem && words.unknown(input.value).length;
  input.setAttribute('aria-invalid', Boolean(problem));
  line.replaceChildren(problem);
  if (odd) line.append(' ', ...marked(input.value));
  return !problem;
}

function marked(text) {
  return text.split(/(\s+)/).map((word) => {
    if (!word.trim() || !words.isUnknown(word)) return word;
    return Object.assign(document.createElement('mark'), { textContent: word });
  });
}

function checkAll() {
  for (const output of document.querySelectorAll('output')) output.value = $(output.htmlFor.value).value;
  $('second').hidden = !$('pair').checked;
  return prompts().map((_, i) => check($(`prompt${i}`), $(`check${i}`))).every(Boolean);
}

function paint() {
  clearTimeout(waiting);
  if (!worker.ready || !checkAll()) return;
  Object.assign(job, { id: job.id + 1, prompts: prompts(), choice: choice(), start: performance.now() });
  for (const id of ['pictures', 'film', 'attention']) $(id).classList.add('stale');
  delete document.body.dataset.done;
  $('retry').hidden = true;
  say('Painting …');
  worker.postMessage({ kind: 'paint', id: job.id, prompts: job.prompts, choice: job.choice });
}

function soon() {
  clearTimeout(waiting);
  if (checkAll()) waiting = setTimeout(paint, 250);
}

const part = (data, i) => data.subarray((i * data.length) / job.prompts.length, ((i + 1) * data.length) / job.prompts.length);
const fresh = (id, ...nodes) => {
  $(id).classList.remove('stale');
  $(id).replaceChildren(...nodes);
};

// What the exact reader sees in a picture, and whether the prompt is true of it
function verdict(prompt, picture) {
  if (!settings.scenes) return [];
  const scene = verify(picture, settings.image_size, settings.scenes);
  const facts = readPrompt(prompt, settings.scenes);
  const right = facts ? (holds(facts, scene) ? 'the prompt is true' : 'the prompt is not true') : 'it cannot read this prompt';
  return [`The verifier finds ${sayScene(scene)}: ${right}.`];
}

function showPictures(texts = []) {
  const shown = job.prompts.map((prompt, i) => {
    const canvas = toCanvas(part(job.pictures, i), settings.image_size, `Painted for: ${prompt}. ${texts[i] ?? ''}`);
    const told = texts.length ? [`The model sees ${texts[i]}.`] : [];
    return figure(canvas, `“${prompt}”`, ...told, ...verdict(prompt, part(job.pictures, i)));
  });
  fresh('pictures', ...shown);
}

function showAttention({ words: t, data }) {
  const n = settings.grid[0] * settings.grid[1];
  const shown = job.prompts.flatMap((prompt, i) => {
    const ids = words.chat(prompt);
    const rows = part(data, i);
    const all = rows.reduce((a, b) => a + b);
    return ids.map((id, j) => {
      const weights = Array.from({ length: n }, (_, k) => rows[k * t + j]);
      const share = `${Math.round((100 * weights.reduce((a, b) => a + b)) / all)}%`;
      const word = settings.words[id];
      const label = `How much each place looks at ${word}: ${share} in all`;
      return figure(shade(part(job.pictures, i), settings.image_size, weights, settings.grid, label), `${word} ${share}`);
    });
  });
  fresh('attention', ...shown);
}

function showFrame({ time, pictures }) {
  if ($('film').classList.contains('stale')) fresh('film');
  job.prompts.forEach((prompt, i) => {
    const label = `${prompt}: what the latents show at time ${time.toFixed(2)}`;
    $('film').append(figure(toCanvas(part(pictures, i), settings.image_size, label), `t = ${time.toFixed(2)}`));
  });
}

const hear = {
  progress: ({ loaded, total }) => {
    $('progress').value = loaded / total;
    $('doing').textContent = `Loading the model: ${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`;
  },
  ready: () => {
    worker.ready = true;
    $('progress').value = 0;
    $('doing').textContent = 'Steps';
    paint();
  },
  step: ({ step }) => { $('progress').value = step / job.choice.steps; },
  painted: ({ pictures, attention }) => {
    job.pictures = pictures;
    showPictures();
    const seconds = (performance.now() - job.start) / 1000;
    document.body.dataset.seconds = seconds;
    document.body.dataset.first ??= (performance.now() - start) / 1000;
    say(`Painted in ${seconds.toFixed(1)} s.`);
    showAttention(attention);
  },
  said: ({ texts }) => {
    showPictures(texts);
    say(`Painted in ${Number(document.body.dataset.seconds).toFixed(1)} s. The model sees ${texts.join('; and ')}.`);
  },
  frame: showFrame,
  done: () => { document.body.dataset.done = job.id; },
};

const anytime = {
  answered: ({ text }) => { $('answer').textContent = text || 'The model says nothing.'; },
  failed: ({ what, message }) => {
    say(message);
    $('retry').hidden = false;
    $('retry').onclick = what === 'load' ? begin : paint;
  },
};

function begin() {
  worker?.terminate();
  worker = new Worker('worker.js', { type: 'module' });
  $('retry').hidden = true;
  say('');
  worker.onmessage = ({ data }) => {
    if (data.kind in anytime) anytime[data.kind](data);
    else if (data.id === undefined || data.id === job.id) hear[data.kind](data);
  };
  worker.onerror = () => anytime.failed({ what: 'load', message: 'The page could not be loaded; try again.' });
  worker.postMessage({ kind: 'load', settings, device });
}

function ask(event) {
  event.preventDefault();
  if (!check($('question'), $('check2')) || !job.pictures.length) return;
  $('answer').textContent = '…';
  worker.postMessage({ kind: 'ask', picture: part(job.pictures, 0).slice(), question: $('question').value });
}

function wordButton(word) {
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: word });
  button.onclick = () => {
    $('prompt0').value = `${$('prompt0').value.trimEnd()} ${word}`.trimStart();
    soon();
  };
  return button;
}

async function main() {
  const answer = await fetch('model/vugen.json').catch(() => null);
  if (!answer?.ok) {
    say('There is no model beside this page; run `vugen export page`.');
    return;
  }
  settings = await answer.json();
  words = new Words(settings);
  Object.entries({ ...settings.sampling, decode_steps: settings.decode_steps }).forEach(([name, value]) => {
    if ($(name)) $(name).value = value;
  });
  $('words').append(...words.known.map(wordButton));
  $('form').addEventListener('input', soon);
  $('form').addEventListener('submit', (event) => { event.preventDefault(); paint(); });
  $('questions').addEventListener('submit', ask);
  $('question').addEventListener('input', () => check($('question'), $('check2')));
  $('another').onclick = () => { $('seed').value = Number($('seed').value) + 1; paint(); };
  $('device').value = device;
  $('device').onchange = () => { location.search = `device=${$('device').value}`; };
  $('card').hidden = !navigator.gpu;
  begin();
  checkAll();
  navigator.serviceWorker?.register('sw.js').catch(() => {});
}

main();
