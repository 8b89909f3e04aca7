// Opens the page in a headless browser and does what a reader would. One line a case; the figures go to a JSON file.
// tools/page.py calls it: node browser.mjs ADDRESS REFERENCE.json NODE_MODULES BROWSER OUT.json

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [address, reference, modules, executablePath, out] = process.argv.slice(2);
const require = createRequire(join(modules, 'here.js'));
const { chromium } = require('playwright-core');
const torch = JSON.parse(readFileSync(reference));
const figures = {};

const args = ['--host-resolver-rules=MAP vugen.test 127.0.0.1', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
const launch = (...more) => chromium.launch({ executablePath, args: [...args, ...more] });
const browser = await launch();

// A page in a profile of its own. `routes` change what the net answers
async function open({ routes = {}, wait = true, url = address, by = browser, ...options } = {}) {
  const context = await by.newContext({ serviceWorkers: 'block', ...options });
  context.setDefaultTimeout(120_000); // others may use the machine too
  for (const [pattern, answer] of Object.entries(routes)) await context.route(pattern, answer);
  const page = await context.newPage();
  page.errors = [];
  page.on('pageerror', (error) => page.errors.push(error.message));
  await page.goto(url);
  if (wait) await finished(page);
  return page;
}

const finished = (page) => page.waitForFunction(() => document.body.dataset.done);
const status = (page) => page.textContent('#status');

// Wait until an element says something else, and give that
const heard = (page, id, than = '') => page.waitForFunction(([name, old]) => {
  const text = document.getElementById(name).textContent;
  return text !== old && text;
}, [id, than]).then((handle) => handle.jsonValue());

// What the status says when some files are answered in another way
async function trouble(routes, url = address) {
  const page = await open({ wait: false, routes, url });
  await page.waitForFunction(() => !/^(The page needs|Painting|Painted)|^$/.test(document.getElementById('status').textContent));
  const told = await status(page);
  await page.context().close();
  return told;
}

const send = (page, ...forms) => page.evaluate((ids) => ids.forEach((id) => document.getElementById(id).requestSubmit()), forms);

// Wait until the page has kept a file. `waitForFunction` cannot: to it, the promise of a no is a yes
const kept = (page, file) => page.evaluate(async (name) => {
  for (let i = 0; i < 1200; i++) {
    const requests = await (await caches.open('vugen')).keys();
    if (requests.some(({ url }) => url.includes(name))) return;
    await new Promise((go) => setTimeout(go, 100));
  }
  throw new Error(`${name} is not kept`);
}, file);
const missing = (r) => r.fulfill({ status: 404 });

// Change settings, paint, and wait until all is shown
async function paint(page, settings) {
  await page.evaluate((found) => {
    for (const [id, value] of Object.entries(found)) document.getElementById(id).value = value;
  }, settings);
  await page.click('#form button[type=submit]');
  await finished(page);
}

// Bytes of what is painted, as torch's `to_uint8` gives them
const pixels = (page, selector = '#pictures canvas') => page.$eval(selector, (canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const channel = (c) => Array.from({ length: data.length / 4 }, (_, i) => data[4 * i + c]);
  return [0, 1, 2].flatMap(channel);
});

// Mean absolute difference of pictures, whose values go from -1 to 1
const difference = (a, b) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / a.length / 127.5;
const near = (a, b, bound = 0.01) => assert.ok(difference(a, b) <= bound, `pictures differ by ${difference(a, b)}`);
const settingsOf = ({ prompt, ...more }) => ({ prompt0: prompt, ...torch.usual, ...more.settings });

const cases = {
  'opens and paints its first prompt': async () => {
    const page = await open();
    figures.page_first_seconds = Number(await page.evaluate(() => document.body.dataset.first));
    near(await pixels(page), torch.first);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  },

  'paints what torch paints': async (page) => {
    const off = [];
    for (const row of torch.pictures) {
      await paint(page, settingsOf(row));
      off.push(difference(await pixels(page), row.pixels));
      assert.ok((await page.textContent('#pictures')).includes(`The model sees ${row.caption}.`), row.prompt);
    }
    figures.page_picture_difference = off.reduce((a, b) => a + b) / off.length;
    figures.page_picture_largest = Math.max(...off);
    assert.ok(Math.max(...off) <= 0.01);
  },

  'extreme sliders, and both solvers': async (page) => {
    for (const row of torch.extremes) {
      await paint(page, settingsOf(row));
      near(await pixels(page), row.pixels);
    }
    await paint(page, settingsOf(torch.pictures[0]));
  },

  'paints within a second': async (page) => {
    const seconds = [];
    for (let seed = 0; seed < 9; seed++) {
      await paint(page, { ...settingsOf(torch.pictures[0]), seed });
      seconds.push(Number(await page.evaluate(() => document.body.dataset.seconds)));
    }
    figures.page_seconds = seconds.sort((a, b) => a - b)[4];
  },

  'draws the random numbers of torch': async (page) => {
    const found = await page.evaluate(async (rows) => {
      const { Generator, mixSeeds } = await import('./noise.js');
      return Promise.all(rows.map(async ({ seeds, sizes }) => {
        const generator = new Generator(await mixSeeds(...seeds));
        return sizes.map((n) => [...generator.normal(n)]);
      }));
    }, torch.noise);
    torch.noise.forEach((row, i) => row.numbers.forEach((numbers, j) => {
      numbers.forEach((value, k) => assert.ok(Math.abs(value - found[i][j][k]) < 2e-6));
    }));
  },

  'splits texts into the same tokens': async (page) => {
    const found = await page.evaluate(async (texts) => {
      const { Words } = await import('./words.js');
      const words = new Words(await (await fetch('model/vugen.json')).json());
      return texts.map((text) => ({ ids: words.chat(text), unknown: words.unknown(text) }));
    }, torch.texts.map((row) => row.text));
    torch.texts.forEach((row, i) => assert.deepEqual(found[i], { ids: row.ids, unknown: row.unknown }, row.text));
  },

  'reads pictures as the verifier does': async (page) => {
    const found = await page.evaluate(async (rows) => {
      const { holds, readPrompt, verify } = await import('./scenes.js');
      const { image_size: side, scenes } = await (await fetch('model/vugen.json')).json();
      return rows.map(({ pixels, prompt }) => {
        const scene = verify(pixels.map((v) => v / 127.5 - 1), side, scenes);
        return { scene, holds: holds(readPrompt(prompt, scenes), scene) };
      });
    }, torch.scenes);
    const name = (o) => `${o.shape} ${o.color} ${o.size} ${o.x.toFixed(2)} ${o.y.toFixed(2)}`;
    torch.scenes.forEach((row, i) => {
      assert.deepEqual(found[i].scene.map(name).sort(), row.scene.map(name).sort(), row.prompt);
      assert.equal(found[i].holds, row.holds, row.prompt);
    });
  },

  'reads prompts as the model does': async (page) => {
    const read = (texts) => page.evaluate(async (all) => {
      const [{ readPrompt }, { Words }] = await Promise.all([import('./scenes.js'), import('./words.js')]);
      const settings = await (await fetch('model/vugen.json')).json();
      const words = new Words(settings);
      return all.map((text) => readPrompt(words.read(text), settings.scenes));
    }, texts);
    const same = {
      'a red circle': ['red circle!', 'a red-circle', 'A  RED circle.', '“the red circle”?', 'draw a red circle'],
      'a red circle, a ring and a cross': ['a red circle, a ring, and a cross', 'Red circle,ring and cross!'],
      'a ring below a cross': ['a ring under a cross', 'A ring - below - a cross…'],
    };
    for (const [plain, others] of Object.entries(same)) {
      const [facts, ...found] = await read([plain, ...others]);
      assert.ok(facts, plain);
      found.forEach((other, i) => assert.deepEqual(other, facts, others[i]));
    }
    assert.deepEqual(await read(['red', 'a circle of a ring', 'where is the ring', ',']), [null, null, null, null]);
  },

  'two prompts from the same noise': async (page) => {
    const [a, b] = torch.pair;
    await page.check('#pair');
    await paint(page, { ...settingsOf(a), prompt1: b.prompt });
    near(await pixels(page, '#pictures figure:nth-child(1) canvas'), a.pixels);
    near(await pixels(page, '#pictures figure:nth-child(2) canvas'), b.pixels);
    for (const [i, row] of [a, b].entries()) {
      const strip = (id) => page.locator(`#${id} .strip`).nth(i).locator('canvas');
      for (const id of ['film', 'attention']) {
        assert.equal(await page.getAttribute(`#${id} [role=group]:nth-child(${i + 1})`, 'aria-label'), `“${row.prompt}”`);
        assert.equal(await page.locator(`#${id} .row > p`).nth(i).textContent(), `“${row.prompt}”`);
      }
      assert.equal(await strip('film').count(), 9);
      assert.equal(await strip('attention').count(), row.prompt.split(' ').length + 2);
    }
    await page.uncheck('#pair');
    await paint(page, {});
    assert.equal(await page.locator('#pictures canvas').count(), 1);
    assert.equal(await page.locator('.row > p').count(), 0);
  },

  'a word goes where one was writing': async (page) => {
    await page.evaluate(() => { document.querySelector('details').open = true; });
    await page.check('#pair');
    for (const id of ['prompt1', 'prompt0']) {
      await page.fill(`#${id}`, 'a red');
      await page.click('#words button:text-is("circle")');
      assert.equal(await page.inputValue(`#${id}`), 'a red circle');
    }
    await page.focus('#prompt1');
    await page.uncheck('#pair');
    await page.click('#words button:text-is("and")');
    assert.equal(await page.inputValue('#prompt0'), 'a red circle and');
    await page.evaluate(() => { document.querySelector('details').open = false; });
  },

  'the walk ends in the picture': async (page) => {
    await paint(page, settingsOf(torch.pictures[0]));
    assert.equal(await page.locator('#film canvas').count(), 9);
    assert.equal(await page.textContent('#film figure:first-child'), 't = 1.00');
    near(await pixels(page, '#film figure:last-child canvas'), torch.pictures[0].pixels);
  },

  'attention covers the prompt and adds up': async (page) => {
    assert.match(await page.textContent('section:has(#attention)'), /paints 4 × 4 places/);
    const told = await page.locator('#attention figcaption').allTextContents();
    const words = told.map((text) => text.split(' ')[0]);
    assert.deepEqual(words, ['<user>', ...torch.pictures[0].prompt.replaceAll(',', ' ,').split(' '), '<assistant>']);
    const all = told.reduce((sum, text) => sum + parseInt(text.split(' ')[1], 10), 0);
    assert.ok(Math.abs(all - 100) <= told.length / 2);
    const shares = torch.pictures[0].attention.map((v) => Math.round(100 * v));
    told.forEach((text, i) => assert.ok(Math.abs(parseInt(text.split(' ')[1], 10) - shares[i]) <= 1));
  },

  'answers a question as torch does': async (page) => {
    await paint(page, settingsOf(torch.seeds[0]));
    for (const { question, answer } of torch.questions) {
      await page.fill('#question', question);
      await page.click('#questions button');
      await page.waitForFunction((text) => document.getElementById('answer').textContent === text, answer);
    }
  },

  'a question while a picture is painted is about that picture': async (page) => {
    const [few, many] = torch.pair;
    assert.notEqual(...torch.objects);
    for (const forms of [['form', 'questions'], ['questions', 'form']]) {
      await paint(page, settingsOf(few));
      await page.fill('#question', 'how many objects are there');
      await page.evaluate((text) => { document.getElementById('prompt0').value = text; }, many.prompt);
      await send(page, ...forms);
      assert.equal(await page.textContent('#answer'), '…');
      assert.equal(await heard(page, 'answer', '…'), torch.objects[1]);
      near(await pixels(page), many.pixels);
      await finished(page);
    }
  },

  'a question before the first picture': async () => {
    let go;
    const held = new Promise((done) => { go = done; });
    const page = await open({ wait: false, routes: { '**/tower.bin*': async (r) => { await held; await r.continue(); } } });
    await page.waitForFunction(() => document.getElementById('words').children.length);
    await send(page, 'questions');
    assert.match(await page.textContent('#answer'), /no picture yet; paint something first/);
    go();
    await finished(page);
    await page.context().close();
  },

  'a question that cannot be answered says why': async () => {
    const page = await open({ wait: false, routes: { '**/eyes.bin*': (r) => r.fulfill({ status: 503 }) } });
    await page.waitForSelector('#retry:not([hidden])');
    assert.match(await status(page), /eyes\.bin could not be loaded/);
    await send(page, 'questions');
    assert.match(await heard(page, 'answer', '…'), /^eyes\.bin could not be loaded \(503\)/);
    for (const question of ['', '?']) {
      await page.fill('#question', question);
      await send(page, 'questions');
      assert.equal(await page.textContent('#check2'), 'The question is empty; say what to answer.');
    }
    await page.context().close();
  },

  'another seed': async (page) => {
    await paint(page, { ...settingsOf(torch.seeds[0]) });
    near(await pixels(page), torch.seeds[0].pixels);
    await page.click('#another');
    await finished(page);
    near(await pixels(page), torch.seeds[1].pixels);
  },

  'an unknown word is marked as one types': async (page) => {
    const before = await pixels(page);
    await page.fill('#prompt0', 'a red dog above a Blue wombat, an odd dog');
    const told = (await page.textContent('#check0')).replace(/[\u2068\u2069]/g, '');
    assert.ok(told.startsWith('This model does not know ‘dog’, ‘wombat’, ‘odd’.'), told);
    assert.deepEqual(await page.locator('#check0 mark').allTextContents(), ['dog', 'wombat,', 'odd', 'dog']);
    assert.equal(await page.getAttribute('#prompt0', 'aria-invalid'), 'true');
    await page.click('#form button[type=submit]');
    await page.waitForTimeout(500);
    assert.deepEqual(await pixels(page), before);
  },

  'an empty prompt': async (page) => {
    const before = await pixels(page);
    for (const text of ['', '   ', '!!!', '... —']) {
      await page.fill('#prompt0', text);
      await page.click('#form button[type=submit]');
      assert.equal(await page.textContent('#check0'), 'The prompt is empty; say what to paint.');
    }
    assert.deepEqual(await pixels(page), before);
  },

  'a prompt that is too long': async (page) => {
    await page.fill('#prompt0', 'red '.repeat(129));
    assert.match(await page.textContent('#check0'), /more than 128 words/);
    await paint(page, { ...settingsOf(torch.pictures[0]), prompt0: 'red '.repeat(128) });
    assert.match(await status(page), /^Painted in/);
  },

  'a prompt that nobody would write': async (page) => {
    const told = async (text) => {
      await page.evaluate((value) => {
        const input = document.getElementById('prompt0');
        input.value = value;
        input.dispatchEvent(new Event('input', { bubbles: true }));
      }, text);
      const line = await page.textContent('#check0');
      assert.ok(line.length < 1500, `${line.length} letters`);
      return line;
    };
    assert.match(await told('dog '.repeat(250_000)), /more than 128 words/);
    assert.match(await told('x'.repeat(1_000_000)), /does not know ‘\u2068x{40}…/);
    assert.match(await told(Array.from({ length: 20 }, (_, i) => `dog${i}`).join(' ')), /‘\u2068dog7\u2069’ and 12 more\./);
    assert.match(await told('ring שלום'), /does not know ‘\u2068שלום\u2069’/);
    assert.match(await told('🙂'), /does not know ‘\u2068🙂\u2069’/);
    assert.match(await told('\u0000 \ud800'), /does not know/);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  },

  'a seed out of range': async (page) => {
    for (const [typed, used] of [['9007199254740993', '999999999'], ['-5', '0'], ['2.9', '2'], ['', '0'], ['1e3', '1000']]) {
      await page.fill('#prompt0', 'a ring');
      await page.fill('#seed', typed);
      await page.waitForFunction((value) => document.getElementById('seed').value === value, used);
    }
    await finished(page);
  },

  'ten prompts in a hurry': async (page) => {
    const rows = torch.pictures.slice(0, 10);
    for (const row of rows) {
      await page.evaluate(({ prompt0, seed }) => {
        document.getElementById('prompt0').value = prompt0;
        document.getElementById('seed').value = seed;
        document.getElementById('form').requestSubmit();
      }, settingsOf(row));
      await page.waitForTimeout(20);
    }
    await finished(page);
    near(await pixels(page), rows.at(-1).pixels);
    assert.ok((await page.textContent('#pictures')).includes(rows.at(-1).caption));
  },

  'paints as one types, without a click': async (page) => {
    const [row] = torch.seeds;
    await paint(page, settingsOf(torch.pictures[1]));
    await page.fill('#prompt0', '');
    await page.evaluate((seed) => { document.getElementById('seed').value = seed; }, row.settings.seed);
    await page.locator('#prompt0').pressSequentially(row.prompt, { delay: 10 });
    await page.waitForFunction((text) => document.getElementById('pictures').textContent.includes(`“${text}”`), row.prompt);
    near(await pixels(page), row.pixels);
  },

  'the keyboard alone': async () => {
    const page = await open();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'prompt0');
    await page.keyboard.press('Control+A');
    await page.keyboard.type(torch.pair[1].prompt);
    await page.keyboard.press('Enter');
    await page.waitForFunction((text) => document.getElementById('pictures').textContent.includes(text), torch.pair[1].prompt);
    const reached = new Set();
    for (let i = 0; i < 15; i++) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim()));
    }
    for (const id of ['pair', 'guidance', 'steps', 'decode_steps', 'solver', 'seed', 'Paint', 'another', 'question', 'Ask']) {
      assert.ok(reached.has(id), `Tab does not reach ${id}: ${[...reached]}`);
    }
    await page.context().close();
  },

  'a download that fails, and is tried again': async () => {
    let broken = true;
    const route = (r) => (broken ? r.abort() : r.continue());
    const page = await open({ wait: false, routes: { '**/tower.bin*': route } });
    await page.waitForSelector('#retry:not([hidden])');
    assert.match(await status(page), /tower\.bin could not be loaded \(no answer\); .*try again/);
    broken = false;
    await page.click('#retry');
    await finished(page);
    assert.ok(await page.isHidden('#retry'));
    near(await pixels(page), torch.first);
    await page.context().close();
  },

  'a download that is damaged': async () => {
    let broken = true;
    const route = (r) => (broken ? r.fulfill({ body: 'not a graph' }) : r.continue());
    const page = await open({ wait: false, routes: { '**/student.bin*': route } });
    await page.waitForSelector('#retry:not([hidden])');
    assert.match(await status(page), /student\.bin came damaged/);
    broken = false;
    await page.click('#retry');
    await finished(page);
    await page.context().close();
  },

  'a graph that fails only when it is needed': async () => {
    let broken = true;
    const route = (r) => (broken ? r.fulfill({ status: 503 }) : r.continue());
    const page = await open({ routes: { '**/decoder.bin*': route } });
    await page.evaluate(() => { document.getElementById('decode_steps').value = 3; });
    await page.click('#form button[type=submit]');
    await page.waitForSelector('#retry:not([hidden])');
    assert.match(await status(page), /decoder\.bin could not be loaded \(503\)/);
    broken = false;
    await page.click('#retry');
    await finished(page);
    await page.context().close();
  },

  'a model without a student': async () => {
    const route = async (r) => {
      const settings = await (await r.fetch()).json();
      delete settings.graphs.student;
      await r.fulfill({ json: { ...settings, decode_steps: 3 } });
    };
    const page = await open({ routes: { '**/vugen.json': route } });
    near(await pixels(page), torch.three);
    await page.context().close();
  },

  'a page with a file that is missing or damaged': async () => {
    assert.match(await trouble({ '**/vugen.json': missing }), /no model beside this page/);
    assert.match(await trouble({ '**/vugen.json': (r) => r.abort() }), /^model\/vugen\.json could not be loaded/);
    const names = ['words.js', 'noise.js', 'page.js', 'worker.js', 'draw.js'];
    const damaged = [missing, (r) => r.fulfill({ contentType: 'text/javascript', body: 'export const = 1' })];
    for (const name of names) {
      for (const route of damaged) {
        assert.match(await trouble({ [`**/${name}`]: route }), new RegExp(`^${name} is missing or damaged; .*export page`));
      }
    }
    for (const body of ['', '{', '{}', '[]', 'null', '{"words": []}']) {
      assert.match(await trouble({ '**/vugen.json': (r) => r.fulfill({ body }) }), /^model\/vugen\.json is missing or damaged; /, body);
    }
    assert.match(await trouble({ '**/words.js': missing, '**/manifest.json': missing }), /^The page does not work \(.*\.js\); reload it/);
    const page = await open({ wait: false, routes: { '**/start.js': missing } });
    await page.waitForSelector('#status', { state: 'visible' });
    assert.match(await status(page), /needs JavaScript, all its files, and a web server/);
    await page.context().close();
  },

  'an address that is neither https nor localhost': async () => {
    const told = await trouble({}, address.replace('127.0.0.1', 'vugen.test'));
    assert.match(told, /only over https or on localhost/);
  },

  'a copy of the runtime without WebGPU': async () => {
    const route = async (r) => {
      const settings = await (await r.fetch()).json();
      delete settings.runtime.files.webgpu;
      await r.fulfill({ json: settings });
    };
    const page = await open({ url: `${address}?device=webgpu`, routes: { '**/vugen.json': route } });
    near(await pixels(page), torch.first);
    assert.equal(await page.inputValue('#device'), 'wasm');
    assert.match(await page.textContent('#no_card'), /no WebGPU/);
    await page.context().close();
  },

  'the graphics card keeps what was set, and needs no net': async () => {
    const by = await launch('--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader');
    const page = await open({ by, routes: { 'https://**': (r) => r.abort() } });
    if (await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()))) {
      await paint(page, { ...settingsOf(torch.seeds[0]), steps: 2 }); // an emulated card takes seconds for each
      const before = await pixels(page);
      await page.selectOption('#device', 'webgpu');
      await page.waitForFunction(() => /^Painted/.test(document.getElementById('status').textContent));
      near(await pixels(page), before);
      const set = [await page.inputValue('#steps'), await page.inputValue('#seed'), new URL(page.url()).search];
      assert.deepEqual(set, ['2', '1', '?device=webgpu']);
    } else {
      console.log('        (there is no WebGPU here)');
    }
    await by.close();
  },

  'without a net, once it was loaded': async () => {
    const page = await open({ serviceWorkers: 'allow' });
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.context().setOffline(true);
    await page.reload();
    await finished(page);
    near(await pixels(page), torch.first);
    await page.context().close();
  },

  'the decoder of several steps, without a net': async () => {
    const page = await open({ serviceWorkers: 'allow' });
    await page.evaluate(() => navigator.serviceWorker.ready);
    await kept(page, 'decoder.bin');
    await page.context().setOffline(true);
    await page.reload();
    await finished(page);
    await paint(page, { decode_steps: 3 });
    near(await pixels(page), torch.three);
    await page.context().close();
  },

  'a file that was not kept, without a net': async () => {
    const page = await open({ routes: { '**/decoder.bin*': (r) => r.abort() } });
    await page.context().setOffline(true);
    await page.evaluate(() => { document.getElementById('decode_steps').value = 3; });
    await send(page, 'form');
    await page.waitForSelector('#retry:not([hidden])');
    assert.equal(await status(page), 'There is no net, and decoder.bin is not kept in this browser; connect once and try again.');
    await page.context().close();
  },

  'a browser that can keep nothing more': async () => {
    const page = await open({ serviceWorkers: 'allow' });
    await page.waitForFunction(() => navigator.serviceWorker.controller);
    const tools = await page.context().newCDPSession(page);
    await tools.send('Storage.overrideQuotaForOrigin', { origin: new URL(address).origin, quotaSize: 1 });
    assert.equal(await page.evaluate(async () => (await fetch('manifest.json')).status), 200);
    await page.reload();
    await finished(page);
    near(await pixels(page), torch.first);
    await page.context().close();
  },

  'a cache that fails': async () => {
    const fail = "const no = async () => { throw new Error('disk'); }; caches.open = async () => ({ match: no, put: no, delete: no, keys: no });";
    const route = async (r) => r.fulfill({ contentType: 'text/javascript', body: fail + (await (await r.fetch()).text()) });
    const page = await open({ routes: { '**/files.js': route } });
    near(await pixels(page), torch.first);
    assert.ok(await page.isHidden('#retry'));
    await page.context().close();
  },

  'the width of a phone, light and dark': async () => {
    const page = await open({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await paper();
    await page.emulateMedia({ colorScheme: 'light' });
    assert.notEqual(await paper(), dark);
    await page.context().close();
  },

  'accessibility, by axe': async () => {
    const found = [];
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [360, 1200]) {
        const page = await open({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
        await page.check('#pair');
        await page.fill('#prompt1', 'a red dog');
        await page.click('summary');
        await page.addScriptTag({ path: require.resolve('axe-core') });
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        found.push(...violations.map((v) => `${colorScheme} ${width}: ${v.id} ${v.nodes[0].html}`));
        await page.context().close();
      }
    }
    figures.page_accessibility = found.length;
    assert.deepEqual(found, []);
  },
};

const page = await open();
let passed = 0;
const failed = [];

for (const [name, check] of Object.entries(cases)) {
  try {
    assert.ok(browser.isConnected(), 'the browser has gone');
    await check(page);
    passed++;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed.push(name);
    console.log(`FAILED  ${name}\n        ${error.message.split('\n').slice(0, 8).join('\n        ')}`);
  }
}
if (browser.isConnected()) await browser.close();
writeFileSync(out, JSON.stringify({ figures, cases: passed + failed.length, failed, browser: browser.version() }));
console.log(`${passed} passed, ${failed.length} failed`);
process.exit(failed.length ? 1 : 0);
