#!/usr/bin/env python3
"""How large the house is, and how easy to read: nodes of the syntax trees, cells, lines, words, imports, links.
Without --out it prints; with it, the figures are written beside their targets."""

import argparse, ast, json, subprocess, time
from pathlib import Path
from statistics import median

from check import Problems, check_imports, check_links, exported, number, parse
from notebooks import LIB, NBS, ROOT, directives, paths, read, source, split

BIG = 250  # nodes of a function
WIDTH = 100  # characters of a line


def nodes(tree):
    return sum(1 for _ in ast.walk(tree))


def functions(tree):
    "(nodes, name) of each function, nested ones too"
    kinds = ast.FunctionDef, ast.AsyncFunctionDef
    return [(nodes(f), f.name) for f in ast.walk(tree) if isinstance(f, kinds)]


def modules():
    "{path: its text} of the exported modules"
    return {
        p.relative_to(LIB).as_posix(): p.read_text(encoding='utf-8')
        for p in sorted(LIB.rglob('*.py'))
        if p.stem != '_modidx'
    }


def code_lines(cell):
    "Lines of code of a cell: without directives and empty lines"
    return [line for line in split(source(cell))[1].splitlines() if line.strip()]


def method_cells():
    "The code cells of the method's chapters that a reader sees"
    for path in (NBS / '1_method').glob('*.ipynb'):
        for cell in read(path)['cells']:
            if cell['cell_type'] == 'code' and 'hide' not in directives(cell):
                yield code_lines(cell)


def growth():
    "Lines of the library after a formatter in the style of black, over lines before"
    how = ['ruff', 'format', '--isolated', '--line-length', str(WIDTH), '-']
    before = after = 0
    for text in modules().values():
        done = subprocess.run(how, input=text, capture_output=True, text=True, check=True)
        before += len(text.splitlines())
        after += len(done.stdout.splitlines())
    return after / before


def words_to_first_picture():
    "Words of prose on the page that a stranger opens, up to the cell that paints the reader's own prompt"
    count, best = 0, None
    for cell in read(NBS / '1_method' / '00_one_page.ipynb')['cells']:
        if cell['cell_type'] == 'markdown':
            count += len(source(cell).split())
        elif 'prompt' in source(cell) and any(
            'image/png' in o.get('data', {}) for o in cell['outputs']
        ):
            best = count
    return best


def problems_of(check):
    "How many problems one of `tools/check.py`'s checks finds in all notebooks"
    every, found = paths(), Problems()
    numbers = {name: number(p) for p in every if (name := exported(read(p)))}
    for path in every:
        nb = read(path)
        for at, cell in enumerate(nb['cells']):
            check(path, exported(nb), numbers, at, cell, found)
    return len(found)


def upward(path, own, numbers, at, cell, found):
    if cell['cell_type'] == 'code' and (tree := parse(split(source(cell))[1])):
        check_imports(path, at, cell, tree, own, numbers, found)


def dead(path, own, numbers, at, cell, found):
    if cell['cell_type'] == 'markdown':
        check_links(path, at, cell, found)


def imports(text):
    "Modules of the library that a module imports, at any depth, hidden in functions or not"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.level, node.module or '', [a.name for a in node.names]


def circles():
    "Pairs of modules that reach each other by imports"
    texts = modules()
    graph = {}
    for name, text in texts.items():
        here = Path(name).parent
        graph[name] = set()
        for level, module, names in imports(text):
            base = here
            for _ in range(level - 1):
                base = base.parent
            base = base / module.replace('.', '/') if module else base
            for target in [f'{base}.py', *(f'{base / n}.py' for n in names)]:
                if target.removeprefix('./') in texts:
                    graph[name].add(target.removeprefix('./'))
    reach = {}
    for start in graph:
        seen, todo = set(), list(graph[start])
        while todo:
            if (at := todo.pop()) not in seen:
                seen.add(at)
                todo += graph[at]
        reach[start] = seen
    return sum(a < b and b in reach[a] and a in reach[b] for a in graph for b in graph)


def climbs(start='train_decoder', recipe='p'):
    "Calls that hand the whole recipe to another module, on the way from a stage's function down"
    rooms = {n: ast.parse(t) for n, t in modules().items() if n.startswith('train/')}
    known = {
        f.name: (room, f)
        for room, tree in rooms.items()
        for f in tree.body
        if isinstance(f, ast.FunctionDef)
    }
    handed, seen, todo = set(), set(), [start]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        room, function = known[name]
        for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
            callee = getattr(call.func, 'id', None)
            whole = any(getattr(a, 'id', None) == recipe for a in call.args)
            if callee not in known or not whole:
                continue
            todo.append(callee)
            if known[callee][0] != room:
                handed.add((name, callee))
    return len(handed)


def one_page_seconds():
    "VUGEN on one page, executed in a process of its own"
    start = time.monotonic()
    page = NBS / '1_method' / '00_one_page.ipynb'
    subprocess.run(
        ['nbdev_test', '--path', str(page), '--n_workers', '0'],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    return time.monotonic() - start


def figures():
    "{key: (value, target)}"
    trees = {name: ast.parse(text) for name, text in modules().items()}
    method = {exported(read(p)) for p in (NBS / '1_method').glob('*.ipynb')} - {None}
    every = [f for tree in trees.values() for f in functions(tree)]
    cells = list(method_cells())
    return dict(
        method_nodes=(sum(nodes(trees[f'{m}.py']) for m in method), 20_000),
        method_median_cell=(median(map(len, cells)), 6),
        method_longest_line=(max(len(line) for cell in cells for line in cell), WIDTH),
        growth_by_black=(growth(), 1.25),
        big_functions=(sum(n > BIG for n, _ in every), 15),
        largest_function=(max(every)[0], 400),
        words_to_first_picture=(words_to_first_picture(), 1500),
        one_page_seconds=(one_page_seconds(), 150),
        library_nodes=(sum(map(nodes, trees.values())), 105_000),
        upward_imports=(problems_of(upward), 0),
        circles=(circles(), 0),
        dead_links=(problems_of(dead), 0),
        training_climbs=(climbs(), 5),
    )


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('--out', type=Path, help='a JSON file, such as results/house.json')
    args = p.parse_args()
    start = time.monotonic()
    found = figures()
    minutes = (time.monotonic() - start) / 60
    git = ['git', 'log', '-1', '--format=%h']
    commit = subprocess.run(git, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    about = dict(
        seed=0, device='cpu', minutes=round(minutes, 2), commit=commit, command='tools/house.py'
    )
    for key, (value, target) in found.items():
        print(f'{key:24}{value:>12.6g}   target {target:g}')
    if args.out:
        rows = {k: dict(value=v, target=t, n=1, **about) for k, (v, t) in found.items()}
        args.out.write_text(json.dumps(rows, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
