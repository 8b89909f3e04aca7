#!/usr/bin/env python3
"""The repository's static checks: notebooks that are clean and executed, imports one way,
exported modules that pyflakes finds nothing in and that stand alone. One line a problem; exit 1 if there is any."""

import argparse, ast, builtins, math, os, re, subprocess, sys, tempfile, warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import yaml
from notebooks import DIRECTIVE, LIB, NBS, ROOT, directives, paths, read, skipped, source, split

EXPORTS = {'export', 'exports', 'exporti'}
PRIVATE = re.compile(
    '|'.join(
        [re.escape(f'{p}/') for p in {str(ROOT), str(Path.home()), sys.prefix}] + ['site-packages/']
    )
)
LIMIT = 1_000_000  # bytes of a notebook


class Problems(list):
    def add(self, path, cell, what, remedy):
        "`cell`: `(index from 0, the cell)`, or None for the file"
        where = '' if cell is None else f': cell {cell[0] + 1} [{cell[1].get("id", "no id")}]'
        self.append(
            f'{os.path.relpath(path, ROOT) if Path(path).is_relative_to(ROOT) else path}{where}: {what}; {remedy}'
        )


PARTS = (
    '',
    '1_method',
    '3_train',
    '4_vlms',
    '2_evaluate',
    '5_lab',
)  # each imports only those before it
BASE = (
    'files',
    'core',
    'shapes',
    'weights',
    'kernels',
    'text',
    'models',
    'adapters',
)  # at the top of nbs, and below all parts


def number(path):
    "(part, chapter), so that a notebook imports only smaller ones; stories, the command and the front page may import everything"
    part = '' if path.parent == NBS else path.parent.name
    if not part:
        return (
            (0, BASE.index(path.stem))
            if path.stem in BASE
            else (
                math.inf,
                ('package', 'onnx', 'paint', 'cli', 'terminal', 'glossary', 'index').index(
                    path.stem
                ),
            )
        )
    return (PARTS.index(part) if part in PARTS else math.inf, int(re.match(r'\d+', path.stem)[0]))


def exported(nb):
    "Module that a notebook exports to, or None"
    return next(
        (f['default_exp'] for f in map(directives, nb['cells']) if 'default_exp' in f), None
    )


def parse(code):
    "The tree of a cell without its magics; None for a cell in another language"
    if re.match(r'\s*%%', code):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', SyntaxWarning)
        return ast.parse(
            '\n'.join('pass' if re.match(r'[%!]', l) else l for l in code.splitlines())
        )


def prints(body):
    "Does running these statements surely print? Branches may not run, and captured output is not shown"
    for s in body:
        if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call):
            f = s.value.func
            if (
                isinstance(f, ast.Name)
                and f.id in ('print', 'display')
                and 'file' not in [k.arg for k in s.value.keywords]
            ):
                return True
        if (
            isinstance(s, ast.With)
            and not re.search('redirect|capture|raises|suppress', ast.unparse(s).split('\n')[0])
            and prints(s.body)
        ):
            return True
        if isinstance(s, ast.For) and prints(s.body):
            return True
    return False


def speaks(tree, code):
    "Must the cell leave an output? It prints, or it ends in a value (a call may return None)"
    if prints(tree.body):
        return True
    last = tree.body[-1] if tree.body else None
    silent = ast.Call, ast.Await, ast.IfExp, ast.BoolOp
    return (
        isinstance(last, ast.Expr)
        and not isinstance(last.value, silent)
        and not code.rstrip().endswith(';')
    )


def imported(tree):
    "Names of the modules of the library that a tree imports, at any depth: `flow`, `train.loop`"
    lib, packages = LIB.name, {'', *(p.partition('_')[2] for p in PARTS[2:])}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (
                a.name.partition('.')[2] for a in node.names if a.name.startswith(f'{lib}.')
            )
        if isinstance(node, ast.ImportFrom) and (node.module or '').split('.')[0] == lib:
            inner = node.module.partition('.')[2]
            if inner not in packages:
                yield inner
            else:
                yield from (
                    f'{inner}.{a.name}'.lstrip('.')
                    for a in node.names
                    if a.name != 'Vugen' and not a.name.startswith('__')
                )


def yaml_says(text):
    "Does Quarto's reader find in `key: some words` all that a person reads there? Colons and hashes need quotes"
    key, colon, words = (part.strip() for part in text.partition(':'))
    if not colon or not words:
        return True
    try:
        value = yaml.safe_load(f'{key}: {words}').get(key)  # nbdev puts the space after the colon
    except (yaml.YAMLError, AttributeError):
        return False
    if isinstance(value, str):
        return words[0] in '"\'' or value == words
    return isinstance(value, (bool, int, float))


def check_file(path, nb, problems):
    "Format, size, title"
    refresh = f'run tools/refresh.py {path.stem}'
    if (nb['nbformat'], nb['nbformat_minor']) < (4, 5):
        problems.add(path, None, 'older than nbformat 4.5', f'run nbdev_clean --fname {path.name}')
    ids = [c.get('id') for c in nb['cells']]
    for i, c in enumerate(nb['cells']):
        if not c.get('id') or ids.index(c['id']) != i:
            problems.add(path, (i, c), "its id is missing or another cell's", 'give it a new one')
    if (size := path.stat().st_size) >= LIMIT:
        problems.add(
            path,
            None,
            f'{size / 1e6:.2f} MB, the limit is {LIMIT / 1e6:.0f}',
            f'make its pictures smaller, then {refresh}',
        )
    first = next(
        ((i, c) for i, c in enumerate(nb['cells']) if c['cell_type'] == 'markdown'),
        (0, {'source': ''}),
    )
    lines = [l for l in source(first[1]).splitlines() if l.strip()]
    if not (len(lines) >= 2 and lines[0].startswith('# ') and lines[1].startswith('> ')):
        problems.add(
            path,
            first,
            'does not begin with a title and a subtitle',
            'begin with "# Title", an empty line, "> subtitle"',
        )
    elif extra := [l for l in lines[2:] if not re.match(r'- \S+:\s*\S', l)]:
        problems.add(
            path,
            first,
            f"the docs drop {extra[0][:30]!r}: nbdev makes this cell the page's header",
            'move it to a cell of its own',
        )


def check_hidden(path, at, cell, problems):
    "The docs show exported code, so what is not for the reader has to say so"
    flags, code = split(source(cell))
    if 'hide' not in flags and ('default_exp' in flags or 'nbdev_export(' in code):
        problems.add(path, (at, cell), 'the docs would show this cell', 'begin it with "#| hide"')


def check_outputs(path, at, cell, tree, problems):
    "Executed, without errors, without paths of the machine, pictures with words for those who cannot see them"
    flags, code = split(source(cell))
    outputs = cell.get('outputs', [])
    refresh = f'run tools/refresh.py {path.stem}'
    if any(o['output_type'] == 'error' for o in outputs):
        problems.add(path, (at, cell), 'its saved output is an error', f'fix it and {refresh}')
    for o in outputs:
        texts = [o.get('text', '')] + [
            v for k, v in o.get('data', {}).items() if k.startswith('text')
        ]
        if found := PRIVATE.search(' '.join(''.join(t) for t in texts)):
            problems.add(
                path,
                (at, cell),
                f'its output shows a path of one machine ({found[0]})',
                f'print less and {refresh}',
            )
    for line in filter(DIRECTIVE.match, source(cell).splitlines()[: len(flags)]):
        if not yaml_says(text := DIRECTIVE.match(line)[1]):
            problems.add(
                path,
                (at, cell),
                f'Quarto cannot read {text.strip()[:40]!r}',
                'put the text after the colon in double quotes',
            )
    picture = any(k.startswith('image/') for o in outputs for k in o.get('data', {}))
    if picture and 'hide' not in flags and not {'fig-cap', 'fig-alt'} <= flags.keys():
        problems.add(
            path,
            (at, cell),
            'a picture without caption or alternative text',
            'begin with "#| fig-cap: ..." and "#| fig-alt: ..."',
        )
    if skipped(cell) or tree is None:
        return
    if not outputs and speaks(tree, code):
        problems.add(path, (at, cell), 'not executed: its output is missing', refresh)
    elif (
        prints(tree.body)
        and code.rstrip().endswith(';')
        and not any(o['output_type'] == 'stream' for o in outputs)
    ):
        problems.add(
            path,
            (at, cell),
            'what it prints is lost behind its last semicolon',
            f'end it with "_ = ..." and {refresh}',
        )
    elif 'fig-cap' in flags and not picture:
        problems.add(path, (at, cell), 'has a caption and no picture', refresh)


def check_imports(path, at, cell, tree, own, numbers, problems):
    "No star imports; a module imports only what comes before it, the rest of its notebook that and itself"
    me, exports = number(path), bool(EXPORTS & directives(cell).keys())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.names[0].name == '*':
            problems.add(
                path, (at, cell), f'star import from {node.module}', 'name what it imports'
            )
    for name in imported(tree):
        if name not in numbers:
            problems.add(
                path,
                (at, cell),
                f'imports {LIB.name}.{name}, which no notebook exports',
                'fix the name',
            )
        elif exports and numbers[name] >= me:
            problems.add(
                path,
                (at, cell),
                f'imports {LIB.name}.{name}, which does not come before it',
                'import only what does',
            )


def check_links(path, at, cell, problems):
    "Links between chapters go to the notebook: GitHub and JupyterLab follow them, and the docs turn them into pages"
    for target in re.findall(r'\]\((?!https?:|#|mailto:)([^)\s#]+)[^)]*\)', source(cell)):
        if target.endswith('.html'):
            problems.add(path, (at, cell), f'a link to the page {target}', 'link to its .ipynb')
        elif not (path.parent / target).exists():
            problems.add(path, (at, cell), f'a link to {target}, which does not exist', 'fix it')


def bound(tree):
    "Names that running a tree defines, somewhere in it"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (a.asname or a.name.split('.')[0] for a in node.names)


def check_docs(path, cells, problems):
    "When the docs are built, only the cells that export or import are run: they must not need the others"
    known = set(dir(builtins)) | {'display', 'get_ipython', '__name__'}
    for at, cell, tree in cells:
        flags, code = split(source(cell))
        imports = any(isinstance(n, (ast.Import, ast.ImportFrom)) for n in ast.walk(tree))
        if (
            flags.get('eval', '').lower() == 'false'
            or 'nbdev_export(' in code
            or not (imports or EXPORTS & flags.keys())
        ):
            continue
        known |= set(bound(tree))
        missing = [
            n.id
            for n in ast.walk(tree)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n.id not in known
        ]
        if missing and not EXPORTS & flags.keys():
            problems.add(
                path,
                (at, cell),
                f'it imports, so the docs run it, but not the cell that defines {missing[0]}',
                'move its imports to the cell of imports',
            )


def check_unused(path, cells, problems):
    "What a notebook imports, a cell of it needs"
    used = {n.id for _, _, tree in cells for n in ast.walk(tree) if isinstance(n, ast.Name)}
    for at, cell, tree in cells:
        names = [
            a.asname or a.name.split('.')[0]
            for n in ast.walk(tree)
            if isinstance(n, (ast.Import, ast.ImportFrom))
            for a in n.names
        ]
        for name in names:
            if name not in used:
                problems.add(path, (at, cell), f'imports {name}, which no cell needs', 'delete it')


def check_notebook(path, numbers, problems):
    nb = read(path)
    check_file(path, nb, problems)
    own, trees = exported(nb), []
    for at, cell in enumerate(nb['cells']):
        if cell['cell_type'] == 'markdown' and re.search(r'!\[[^\]]*\]\(https?:', source(cell)):
            problems.add(path, (at, cell), 'a remote picture', 'keep it in nbs/images')
        if cell['cell_type'] == 'markdown':
            check_links(path, at, cell, problems)
        if cell['cell_type'] != 'code':
            continue
        try:
            tree = parse(split(source(cell))[1])
        except SyntaxError as e:
            problems.add(path, (at, cell), f'does not parse ({e.msg}, line {e.lineno})', 'fix it')
            continue
        check_hidden(path, at, cell, problems)
        check_outputs(path, at, cell, tree, problems)
        if tree is None:
            continue
        check_imports(path, at, cell, tree, own, numbers, problems)
        trees.append((at, cell, tree))
    check_unused(path, trees, problems)
    if own:
        check_docs(path, trees, problems)


def check_modules(numbers, sources, problems):
    "Every module has its notebook and the other way round; pyflakes; each is imported in a process of its own"
    every = sorted(LIB.rglob('*.py'))
    files = {
        '.'.join(p.relative_to(LIB).with_suffix('').parts): p
        for p in every
        if p.stem != '_modidx' and (p.stem != '__init__' or p.parent == LIB)
    }
    for name in files.keys() - numbers.keys():
        problems.add(
            files[name], None, 'no notebook exports it', 'delete it, then run nbdev_export'
        )
    for name in numbers.keys() - files.keys():
        problems.add(sources[name], None, f'its module {name} is missing', 'run nbdev_export')
    python = lambda args, cwd: subprocess.run(
        [sys.executable, *args],
        cwd=cwd,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, 'PYTHONPATH': str(ROOT)},
    )
    flakes = python(['-m', 'pyflakes', *map(str, every)], ROOT)
    for line in flakes.stdout.splitlines() if flakes.returncode else []:
        m = re.match(r'(.*?\.py):(\d+)(?::\d+)?:? (.*)', line)
        if not m:
            problems.append(line)
        else:
            problems.add(
                m[1], None, f'line {m[2]}: {m[3]}', 'fix its notebook and run nbdev_export'
            )
    with tempfile.TemporaryDirectory() as elsewhere, ThreadPoolExecutor(2) as pool:
        for name, done in zip(
            files, pool.map(lambda n: python(['-c', f'import {LIB.name}.{n}'], elsewhere), files)
        ):
            if done.returncode:
                problems.add(
                    files[name],
                    None,
                    f'cannot be imported alone ({done.stdout.strip().splitlines()[-1]})',
                    f'fix {sources.get(name, NBS).name} and run nbdev_export',
                )


def main():
    p = argparse.ArgumentParser(description=__doc__, epilog='example: tools/check.py flow')
    p.add_argument(
        'names',
        nargs='*',
        help='check only these notebooks, and no modules; all of both if none is named',
    )
    args = p.parse_args()
    sources = {m: path for path in paths() if (m := exported(read(path)))}
    numbers = {m: number(path) for m, path in sources.items()}
    problems = Problems()
    todo = paths(args.names)
    for path in todo:
        check_notebook(path, numbers, problems)
    if not args.names:
        check_modules(numbers, sources, problems)
    for line in problems:
        print(line)
    if problems:
        raise SystemExit(f'{len(problems)} problem{"s" * (len(problems) > 1)}')
    print(
        f'{len(todo)} notebooks'
        + ('' if args.names else f' and {len(numbers)} modules')
        + ': nothing to say'
    )


if __name__ == '__main__':
    main()
