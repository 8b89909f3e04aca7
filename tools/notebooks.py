"What the tools share: where the notebooks are, and how nbdev reads the directives of a cell."

import json, re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NBS, LIB = ROOT / 'nbs', ROOT / 'vugen'
DIRECTIVE, MAGIC = re.compile(r'\s*#\s*\|\s*(.*)'), re.compile(r'\s*%%\w+')


def paths(names=()):
    "The notebooks of `names` (`flow`, `05_flow`, `1_method/05_flow` or a path), or all of them in reading order"
    every = sorted(
        (p for p in NBS.rglob('[!._]*.ipynb') if '.ipynb_checkpoints' not in p.parts),
        key=lambda p: (p.parent == NBS, p),
    )
    return [find(name, every) for name in names] if names else every


def find(name, every):
    "The one notebook that a name means"
    if Path(name).is_file():
        return Path(name).resolve()
    stem = str(name).removesuffix('.ipynb')
    found = [
        p
        for p in every
        if stem in (p.relative_to(NBS).with_suffix('').as_posix(), p.stem, p.stem.partition('_')[2])
    ]
    if len(found) == 1:
        return found[0]
    many = ' or '.join(p.relative_to(NBS).as_posix() for p in found)
    raise SystemExit(
        f'{name}: '
        + (
            f'it means {many}'
            if found
            else 'no such notebook; give a path or a name from nbs, such as flow'
        )
    )


def read(path):
    return json.loads(Path(path).read_text(encoding='utf-8'))


def source(cell):
    return ''.join(cell['source'])


def split(text):
    "`({directive: its text}, the code below)`: nbdev looks for directives only above the first line of code"
    lines = text.splitlines(True)
    n = next(
        (
            i
            for i, l in enumerate(lines)
            if l.strip() and not DIRECTIVE.match(l) and not MAGIC.match(l)
        ),
        len(lines),
    )
    found = (re.match(r'([\w-]+)\s*:?\s*(.*)', m[1]) for m in map(DIRECTIVE.match, lines[:n]) if m)
    return {m[1]: m[2].strip().strip('"\'') for m in found if m}, ''.join(lines[n:])


def directives(cell):
    return split(source(cell))[0] if cell['cell_type'] == 'code' else {}


def skipped(cell, slow=False, cuda=False):
    "Is this code cell left alone when the notebook is executed?"
    flags = directives(cell)
    return (
        'nbdev_export(' in source(cell)
        or flags.get('eval', '').lower() == 'false'
        or ('slow' in flags and not slow)
        or ('cuda' in flags and not cuda)
    )
