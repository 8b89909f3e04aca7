// What the worker found, shown: pictures, the walk, and where each place looks.

import { figure, shade, toCanvas } from './draw.js';
import { holds, readPrompt, sayScene, verify } from './scenes.js';

const $ = (id) => document.getElementById(id);
const div = (className) => Object.assign(document.createElement('div'), { className });
const sum = (values) => values.reduce((a, b) => a + b, 0);

export class Sheet {
  constructor(settings, words) {
    Object.assign(this, { settings, words, side: settings.image_size });
  }

  // What is shown is that of other prompts, until something new comes
  begin(prompts) {
    this.prompts = prompts;
    for (const id of ['pictures', 'film', 'attention']) $(id).classList.add('stale');
  }

  fill(id, nodes) {
    $(id).classList.remove('stale');
    $(id).replaceChildren(...nodes);
  }

  // A row of pictures for a prompt; where there are two, each says which it is
  row(prompt, figures = []) {
    const [row, strip] = [div('row'), div('strip')];
    const name = Object.assign(document.createElement('p'), { dir: 'auto', textContent: `“${prompt}”` });
    row.setAttribute('role', 'group');
    row.setAttribute('aria-label', name.textContent);
    if (this.prompts.length > 1) row.append(name);
    strip.append(...figures);
    row.append(strip);
    return row;
  }

  // The part of prompt number i in numbers of all prompts
  part(data, i, all = this.prompts.length) {
    const size = data.length / all;
    return data.subarray(i * size, (i + 1) * size);
  }

  // Of the pictures that are shown, which may be those of older prompts
  picture(i) {
    return this.part(this.pictures, i, this.shown);
  }

  all() {
    return Array.from({ length: this.shown }, (_, i) => this.picture(i).slice());
  }

  // What the exact reader sees in a picture, and whether the prompt is true of it
  verdict(prompt, picture) {
    const { scenes } = this.settings;
    if (!scenes) return [];
    const scene = verify(picture, this.side, scenes);
    const facts = readPrompt(this.words.read(prompt), scenes);
    const right = facts && `the prompt is ${holds(facts, scene) ? '' : 'not '}true`;
    return [`The verifier finds ${sayScene(scene)}: ${right ?? 'it cannot read this prompt'}.`];
  }

  showPictures(pictures) {
    Object.assign(this, { pictures, shown: this.prompts.length });
    this.showTexts([]);
  }

  // Pictures with what the model says of them, if it has said it
  showTexts(texts) {
    this.fill('pictures', this.prompts.map((prompt, i) => {
      const told = texts.length ? [`The model sees ${texts[i]}.`] : [];
      const label = [`Painted for “${prompt}”.`, ...told].join(' ');
      const canvas = toCanvas(this.picture(i), this.side, label);
      return figure(canvas, `“${prompt}”`, ...told, ...this.verdict(prompt, this.picture(i)));
    }));
  }

  showAttention({ words, data }) {
    const { settings: { grid, words: names } } = this;
    const shown = this.prompts.map((prompt, i) => {
      const looks = this.part(data, i);
      const figures = this.words.chat(prompt).map((id, j) => {
        const weights = Array.from({ length: grid[0] * grid[1] }, (_, place) => looks[place * words + j]);
        const share = `${Math.round((100 * sum(weights)) / sum(looks))}%`;
        const label = `How much each place looks at ${names[id]}: ${share} in all`;
        return figure(shade(this.picture(i), this.side, weights, grid, label), `${names[id]} ${share}`);
      });
      return this.row(prompt, figures);
    });
    this.fill('attention', shown);
  }

  showFrame({ time, pictures }) {
    if ($('film').classList.contains('stale')) this.fill('film', this.prompts.map((prompt) => this.row(prompt)));
    this.prompts.forEach((prompt, i) => {
      const label = `${prompt}: what the latents show at time ${time.toFixed(2)}`;
      const canvas = toCanvas(this.part(pictures, i), this.side, label);
      $('film').children[i].querySelector('.strip').append(figure(canvas, `t = ${time.toFixed(2)}`));
    });
  }
}
