// The page: what a reader sets goes to the worker, what the worker says is shown.

import { Sheet } from './show.js';
import { Words } from './words.js';

const $ = (id) => document.getElementById(id);
const start = performance.now();
const job = { id: 0, painting: false };
let settings, words, sheet, worker, waiting, explain, device;
let asked = null; // a question that has no answer yet
let focused = $('prompt0'); // where the words go that one clicks

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
function check(input, line, what = 'prompt') {
  const problem = words.problem(input.value, what);
  input.setAttribute('aria-invalid', Boolean(problem));
  line.replaceChildren(problem);
  if (problem.includes('‘')) line.append(' ', ...marked(input.value.slice(0, 500)));
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
  Object.assign(job, { id: job.id + 1, painting: true, prompts: prompts(), choice: choice(), start: performance.now() });
  if ($('seed').value !== String(job.choice.seed)) $('seed').value = job.choice.seed;   // what is shown is what is used
  $('answer').textContent = asked === null ? '' : '…';
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
    job.painting = false;
    sendQuestion();
  },
  said: ({ texts }) => {
    sheet.showTexts(texts);
    say(`Painted in ${Number(document.body.dataset.seconds).toFixed(1)} s. The model sees ${texts.join('; and ')}.`);
  },
  frame: (frame) => sheet.showFrame(frame),
  done: () => { document.body.dataset.done = job.id; },
  answered: ({ question, texts }) => {
    if (question === asked) answer(texts.map((text) => text || 'nothing').join('; and '));
  },
  failed: async ({ what, name, message, question }) => {
    const why = name === 'Error' ? message : await explain({ message }); // else it is a fault of the code
    if (what === 'ask' && question === asked) answer(why);
    if (what === 'ask') return;
    stopPainting();
    say(why);
    $('retry').hidden = false;
    $('retry').onclick = what === 'load' ? begin : paint;
  },
};

function stopPainting() {
  job.painting = false;
  if (asked !== null) answer('There is no new picture; paint one and ask again.');
}

function begin() {
  worker?.terminate();
  stopPainting();
  worker = new Worker('worker.js', { type: 'module' });
  $('retry').hidden = true;
  $('doing').textContent = 'Loading the model';
  $('progress').value = 0;
  say('');
  worker.onmessage = ({ data }) => {
    if (data.id === undefined || data.id === job.id) hear[data.kind](data);
  };
  worker.onerror = ({ message }) => hear.failed({ what: 'load', message: message ?? 'the worker did not start' });
  worker.postMessage({ kind: 'load', settings, device });
}

function answer(text) {
  asked = null;
  $('answer').textContent = text;
}

function ask(event) {
  event.preventDefault();
  if (!check($('question'), $('check2'), 'question')) return;
  if (!sheet.pictures && !job.painting) return answer('There is no picture yet; paint something first.');
  asked = $('question').value;
  $('answer').textContent = '…';
  sendQuestion();
}

// A question waits for the picture that is being painted, and is asked again if another one is begun
function sendQuestion() {
  if (asked === null || job.painting) return;
  worker.postMessage({ kind: 'ask', id: job.id, pictures: sheet.all(), question: asked });
}

function wordButton(word) {
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: word });
  button.onclick = () => {
    const prompt = $('pair').checked ? focused : $('prompt0');
    prompt.value = `${prompt.value.trimEnd()} ${word}`.trimStart();
    soon();
  };
  return button;
}

// Why the model cannot run on a graphics card; '' if it can
function noCard() {
  if (!navigator.gpu) return 'This browser has no WebGPU.';
  if (!settings.runtime.files.webgpu) return 'The copy of onnxruntime-web beside this page has no WebGPU.';
  return '';
}

// All that is set stays as it is
function chooseDevice(wanted) {
  device = wanted === 'webgpu' && !noCard() ? 'webgpu' : 'wasm';
  $('device').value = device;
  history.replaceState(null, '', device === 'wasm' ? location.pathname : `?device=${device}`);
}

async function loadSettings() {
  const found = await fetch('model/vugen.json').catch(() => null);
  if (found?.ok) return (await found.json()) ?? {};
  say(found ? 'There is no model beside this page; run `vugen export page`.'
    : 'model/vugen.json could not be loaded (no answer); look at your connection and reload the page.');
  return null;
}

// `explainError` says in one line why the page does not work
export async function main(explainError) {
  explain = explainError;
  settings = await loadSettings();
  if (!settings) return;
  words = new Words(settings);
  sheet = new Sheet(settings, words);
  Object.entries({ ...settings.sampling, decode_steps: settings.decode_steps }).forEach(([name, value]) => {
    if ($(name)) $(name).value = value;
  });
  $('grid').textContent = settings.grid.join(' × ');
  $('words').append(...words.known.map(wordButton));
  $('form').addEventListener('input', soon);
  $('form').addEventListener('submit', (event) => { event.preventDefault(); paint(); });
  $('questions').addEventListener('submit', ask);
  $('question').addEventListener('input', () => check($('question'), $('check2'), 'question'));
  $('form').addEventListener('focusin', ({ target }) => { if (/^prompt/.test(target.id)) focused = target; });
  $('another').onclick = () => { $('seed').value = (choice().seed + 1) % 1e9; paint(); };
  const wanted = new URLSearchParams(location.search).get('device');
  chooseDevice(wanted);
  $('device').onchange = () => { chooseDevice($('device').value); begin(); };
  $('card').hidden = !navigator.gpu && wanted !== 'webgpu';
  $('device').options[1].disabled = Boolean(noCard());
  $('no_card').textContent = noCard();
  checkAll();
  begin();
  navigator.serviceWorker?.register('sw.js').catch(() => {});
}
