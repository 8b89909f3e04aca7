// The page: what a reader sets goes to the worker, what the worker says is shown.

import { Sheet } from './show.js';
import { Words } from './words.js';

const $ = (id) => document.getElementById(id);
const device = new URLSearchParams(location.search).get('device') === 'webgpu' ? 'webgpu' : 'wasm';
const start = performance.now();
const job = { id: 0 };
let settings, words, sheet, worker, waiting;

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
  if ($('seed').value !== String(job.choice.seed)) $('seed').value = job.choice.seed;   // what is shown is what is used
  $('answer').textContent = '';
  sheet.begin(job.prompts);
  delete document.body.dataset.done;
  $('retry').hidden = true;
  say('Painting …');
  worker.postMessage({ kind: 'paint', id: job.id, prompts: job.prompts, choice: job.choice });
}

function soon() {
  clearTimeout(waiting);
  if (checkAll()) waiting = setTimeout(paint, 250);
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
    sheet.showPictures(pictures);
    const seconds = (performance.now() - job.start) / 1000;
    document.body.dataset.seconds = seconds;
    document.body.dataset.first ??= (performance.now() - start) / 1000;
    say(`Painted in ${seconds.toFixed(1)} s.`);
    sheet.showAttention(attention);
  },
  said: ({ texts }) => {
    sheet.showTexts(texts);
    say(`Painted in ${Number(document.body.dataset.seconds).toFixed(1)} s. The model sees ${texts.join('; and ')}.`);
  },
  frame: (frame) => sheet.showFrame(frame),
  done: () => { document.body.dataset.done = job.id; },
};

const anytime = {
  answered: ({ texts }) => { $('answer').textContent = texts.map((text) => text || 'nothing').join('; and '); },
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
  if (!check($('question'), $('check2')) || !sheet.pictures) return;
  $('answer').textContent = '…';
  worker.postMessage({ kind: 'ask', pictures: sheet.all(), question: $('question').value });
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
  sheet = new Sheet(settings, words);
  Object.entries({ ...settings.sampling, decode_steps: settings.decode_steps }).forEach(([name, value]) => {
    if ($(name)) $(name).value = value;
  });
  $('words').append(...words.known.map(wordButton));
  $('form').addEventListener('input', soon);
  $('form').addEventListener('submit', (event) => { event.preventDefault(); paint(); });
  $('questions').addEventListener('submit', ask);
  $('question').addEventListener('input', () => check($('question'), $('check2')));
  $('another').onclick = () => { $('seed').value = (choice().seed + 1) % 1e9; paint(); };
  $('device').value = device;
  $('device').onchange = () => { location.search = `device=${$('device').value}`; };
  $('card').hidden = !navigator.gpu;
  begin();
  checkAll();
  navigator.serviceWorker?.register('sw.js').catch(() => {});
}

main();
