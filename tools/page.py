#!/usr/bin/env python3
"""The page in a real browser: exports nano, serves the page, and lets tools/browser.mjs use it and compare it with torch.
Needs Node with npm, and Chromium or Chrome. With --out the figures are written, as results/page.json holds them."""

import argparse, json, random, shutil, subprocess, sys, tempfile, threading, time, warnings
from pathlib import Path
import torch
from vugen import Vugen
from vugen.core import generator, mix_seeds, to_uint8
from vugen.demo import make_server, write_page
from vugen.files import write_whole
from vugen.flow import euler, guided, time_grid
from vugen.onnx_export import TowerGraph, export_onnx, graph_difference
from vugen.sampling import guidance_prefix
from vugen.scenes import render, sample_scene, suite, verify
from vugen.text import unknown_words

TOOLS = Path(__file__).parent
BROWSERS = 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'
PACKAGES = 'onnxruntime-web@1.30.0', 'playwright-core@1.65.1', 'axe-core@4.14.1'
TEXTS = [
    'a red circle', 'A  RED\tcircle, and a blue ring.', 'two rings?', 'dog', 'a re-d circle', 'Straße',
    '<image> a ring', '<user>', 'naïve ring', '日本 ring', 'a_b', 'red,blue', '“red” circle', 'a\u00a0ring', '',
    "don't", 'ring 🙂', 'ÉCLAIR red', '1 ring', '...', 'e\u0301 ring', 'x\u200dy', ' , ', 'the describe the image',
    'red circle!', 'a red-circle', '!!!', '¿ring?', 'red—circle', 'red_circle', 'ring👩‍👩‍👧ring', 'שלום ring', '\u202ering', 'İ ring', 'ﬁ',
]  # fmt: skip
TARGETS = dict(
    graphs_max_difference=1e-4,
    page_picture_difference=0.01,
    page_seconds=1.0,
    page_first_seconds=6,
    page_bytes=12e6,
    browser_checks=1.0,
    page_accessibility=0,
)


def pixels(image):
    "Bytes of a picture, channel by channel"
    return to_uint8(image).flatten().tolist()


def usual_settings(model):
    "What the page paints with if nothing is moved"
    how = model.sampling
    return dict(guidance=how.guidance, steps=how.steps, decode_steps=1, solver=how.solver, seed=0)


def painted(model, prompt, **settings):
    "A prompt, its settings, and what torch makes of them"
    how = {**usual_settings(model), **settings}
    usual = model.sampling
    model.sampling = type(usual)(**{**vars(usual), 'solver': how.pop('solver')})
    image = model.generate(prompt, **how)
    model.sampling = usual
    return dict(
        prompt=prompt, settings=settings, pixels=pixels(image[0]), caption=model.describe(image)[0]
    )


@torch.no_grad()
def shares(model, prompt, seed):
    "Of all attention that goes to words, the part of each word, over the whole walk"
    graph, config, kept = TowerGraph(model), model.tower.config, []
    prefix = guidance_prefix(model.vlm, [prompt])
    cache = [torch.stack(x) for x in (prefix.keys, prefix.values)]

    def both(x, t):
        v, attention = graph(x, t, *cache, prefix.position)
        kept.append(attention[0].sum(0))
        return v

    velocity = guided(None, both, model.sampling.guidance)
    noise = torch.randn(1, config.tokens, config.channels, generator=generator(seed, 0))
    euler(velocity, noise, time_grid(model.sampling.steps, model.sampling.shift))
    total = torch.stack(kept).sum(0)
    return (total / total.sum()).tolist()


def noise_rows():
    "Random numbers of several seeds and sizes, one after the other"
    rows = []
    for seeds in ((0, 0), (7, 1), (123456789, 3)):
        draw, sizes = torch.Generator().manual_seed(mix_seeds(*seeds)), (256, 3072, 16, 37, 40)
        numbers = [torch.randn(n, generator=draw).tolist() for n in sizes]
        rows.append(dict(seeds=seeds, sizes=sizes, numbers=numbers))
    return rows


def text_rows(model):
    "Texts with their tokens and unknown words"
    vlm = model.vlm
    ids = lambda text: vlm.tokenizer(vlm.chats([text])[0], add_special_tokens=False).input_ids
    unknown = lambda text: unknown_words(vlm.tokenizer, text)
    return [dict(text=t, ids=ids(t), unknown=unknown(t)) for t in TEXTS]


def scene_rows(model, rows):
    "Pictures that the verifier reads: what nano painted, and true scenes beside prompts that may not fit"
    pictures = [torch.tensor(r['pixels']).view(3, 32, 32) / 127.5 - 1 for r in rows]
    rng, prompts = random.Random(5), suite(42, 5)
    pictures += render([sample_scene(rng) for _ in range(60)])
    out = []
    for i, picture in enumerate(pictures):
        _, facts, prompt = prompts[i % len(prompts)]
        picture = torch.tensor(pixels(picture)).view(3, 32, 32) / 127.5 - 1
        scene = verify(picture[None])[0]
        out.append(
            dict(
                pixels=pixels(picture),
                prompt=prompt,
                scene=[vars(o) for o in scene],
                holds=facts.holds(scene),
            )
        )
    return out


def reference(model, seed):
    "What torch makes of everything that the page will be asked"
    prompts = [p for _, _, p in suite(18, seed)] + [
        'a green circle and a red ring',
        'three large black crosses',
    ]
    rows = [painted(model, p, seed=i) for i, p in enumerate(prompts)]
    rows[0]['attention'] = shares(model, prompts[0], 0)
    first = 'a red circle above a blue square'
    image = model.generate(first, seed=1)
    ask = lambda question: dict(question=question, answer=model.answer(image, question)[0])
    pair = ['a red circle', 'a blue circle and a black triangle']
    objects = [
        model.answer(model.generate(p, seed=3), 'how many objects are there')[0] for p in pair
    ]
    extremes = [
        dict(guidance=10, steps=100), dict(guidance=0, steps=1), dict(guidance=1, steps=7), dict(solver='heun', steps=2),
        dict(solver='heun', steps=12, guidance=3.5), dict(decode_steps=6), dict(decode_steps=2, seed=999999999),
    ]  # fmt: skip
    return dict(
        usual=usual_settings(model),
        first=painted(model, first)['pixels'],
        three=painted(model, first, decode_steps=3)['pixels'],
        pictures=rows,
        extremes=[painted(model, 'a small ring below a yellow cross', **how) for how in extremes],
        noise=noise_rows(),
        texts=text_rows(model),
        scenes=scene_rows(model, rows),
        pair=[painted(model, p, seed=3) for p in pair],
        objects=objects,
        seeds=[painted(model, first, seed=s) for s in (1, 2)],
        questions=[ask('how many objects are there'), ask('where is the red circle')],
    )


def find_browser(given=None):
    "A browser of this machine, or None"
    return given or next(filter(None, map(shutil.which, BROWSERS)), None)


def install(folder):
    "The packages of the test, in a folder of their own"
    subprocess.run(
        ['npm', 'install', '--silent', '--no-save', '--prefix', str(folder), *PACKAGES], check=True
    )
    return folder / 'node_modules'


def code_bytes(folder):
    "What the page loads to paint, without the runtime and what comes later"
    about = json.loads((folder / 'model/vugen.json').read_text())
    later = {'eyes.bin'} | ({'decoder.bin'} if 'student' in about['graphs'] else set())
    skip = lambda p: p.name in later or p.name == 'manifest.json' or 'runtime' in p.parts
    return sum(p.stat().st_size for p in folder.rglob('*') if p.is_file() and not skip(p))


def use(page, torch_says, modules, browser, work):
    "Serve the page and let the browser use it: figures, and the cases that failed"
    (work / 'torch.json').write_text(json.dumps(torch_says))
    with make_server(page, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f'http://127.0.0.1:{server.server_port}/'
        command = [
            'node',
            TOOLS / 'browser.mjs',
            address,
            work / 'torch.json',
            modules,
            browser,
            work / 'found.json',
        ]
        subprocess.run(list(map(str, command)))
        server.shutdown()
    return json.loads((work / 'found.json').read_text())


def write_figures(path, values, n, about):
    "Figures with what they were measured by"
    rows = {
        key: dict(value=values[key], target=TARGETS[key], n=n.get(key, 1), **about)
        for key in TARGETS
    }
    write_whole(path, lambda part: part.write_text(json.dumps(rows, indent=1) + '\n'))


def share_passed(found):
    "Of the cases, those that passed"
    return 1 - len(found['failed']) / found['cases']


def note(args, found, off, page, minutes):
    "Write the figures of a run"
    values = dict(
        found['figures'],
        graphs_max_difference=off,
        page_bytes=code_bytes(page),
        browser_checks=share_passed(found),
    )
    n = dict(graphs_max_difference=50, page_picture_difference=20, page_seconds=9)
    git = ['git', '-C', str(TOOLS), 'rev-parse', '--short', 'HEAD']
    about = dict(
        seed=args.seed,
        device=f'cpu, 1 thread, Chromium {found["browser"]}',
        minutes=round(minutes, 2),
        commit=subprocess.run(git, capture_output=True, text=True).stdout.strip(),
        command=f'tools/page.py {"--graphs FOLDER " * bool(args.graphs)}--out {args.out}',
    )
    write_figures(args.out, values, dict(n, browser_checks=found['cases']), about)


def run(args, work):
    "Everything; True if all cases passed"
    start, model = time.time(), Vugen.from_pretrained('nano', 'cpu')
    graphs, page = Path(args.graphs or work / 'graphs'), work / 'page'
    if not graphs.is_dir():
        export_onnx(model, graphs)
    differences = graph_difference(model, graphs)
    print(
        'graphs against torch:',
        ', '.join(f'{k} {v:.1e}' for k, v in differences.items()),
        flush=True,
    )
    modules, off = Path(args.modules) if args.modules else install(work), max(differences.values())
    write_page(graphs, page, modules / 'onnxruntime-web/dist')
    found = use(page, reference(model, args.seed), modules, args.browser, work)
    if args.out and not found['failed']:
        note(args, found, off, page, (time.time() - start) / 60)
    return not found['failed'] and off <= TARGETS['graphs_max_difference']


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('--out', help='JSON file for the figures (default: none is written)')
    p.add_argument('--browser', help='its executable (default: the one on the path)')
    p.add_argument(
        '--modules',
        help='a node_modules with the packages (default: they are installed for this run)',
    )
    p.add_argument(
        '--graphs',
        help='folder of `vugen export onnx` for nano (default: made anew, in two minutes)',
    )
    p.add_argument('--seed', type=int, default=0, help='of the prompts (default: 0)')
    args = p.parse_args()
    args.browser = find_browser(args.browser)
    if not args.browser or not shutil.which('npm'):
        print('skipped: there is no Chromium or Chrome here, or no npm')
        return
    warnings.filterwarnings('ignore', 'floats without negative values')  # a white picture
    with tempfile.TemporaryDirectory() as tmp:
        sys.exit(not run(args, Path(tmp)))


if __name__ == '__main__':
    main()
