#!/usr/bin/env python3
"Write README.md from nbs/index.ipynb: its text, its code and the saved outputs, as nbdev_readme would, without Quarto."

import argparse, re, shutil
from base64 import b64decode
from pathlib import Path
from notebooks import NBS, ROOT, read, source, split

HIDDEN = {
    'hide',
    'default_exp',
    'export',
    'exporti',
}  # cells with these show nothing, as on the docs site
IMAGES = {'image/svg+xml': 'svg', 'image/png': 'png', 'image/jpeg': 'jpg'}
WARNING = '<!-- WARNING: written by tools/readme.py from nbs/index.ipynb. Do not edit here. -->'


def relink(text, nbs=NBS, root=ROOT):
    "Links that hold in nbs/ made to hold one folder up; fenced code and addresses stay"

    def fix(target):
        path, _, anchor = target.partition('#')
        if re.match(r'[a-z][a-z0-9+.-]*:|/|#', target) or not (nbs / path).exists():
            return target
        return (nbs.resolve() / path).resolve().relative_to(root.resolve()).as_posix() + (
            f'#{anchor}' if anchor else ''
        )

    def one(part):
        part = re.sub(r'(\]\()([^)\s]+)(?=[)\s])', lambda m: m[1] + fix(m[2]), part)
        part = re.sub(r'((?:src|href)=")([^"]+)', lambda m: m[1] + fix(m[2]), part)
        part = re.sub(
            r'!\[\]\(([^)]*)\)\{[^}]*fig-alt="([^"]*)"[^}]*\}', r'![\2](\1)', part
        )  # Quarto's alternative text
        part = re.sub(r'(!\[[^\]]*\]\([^)]*\))\{[^}]*\}', r'\1', part)
        return re.sub(r'^:::.*\n?', '', part, flags=re.M)

    parts = re.split(r'(^(?:```|~~~).*?^(?:```|~~~)\s*$)', text, flags=re.M | re.S)
    return ''.join(p if i % 2 else one(p) for i, p in enumerate(parts))


def fence(text, language=''):
    ticks = '`' * max(3, 1 + max((len(m) for m in re.findall('`{3,}', text)), default=0))
    return f'{ticks}{language}\n{text.rstrip()}\n{ticks}'


def show(output, flags, name, images):
    "One output as markdown; the bytes of a picture go to `images` under a name that starts with `name`"
    if output['output_type'] == 'stream':
        text = ''.join(output['text'])
        return fence(text) if output['name'] == 'stdout' and text.strip() else ''
    data = {k: ''.join(v) for k, v in output.get('data', {}).items() if isinstance(v, (str, list))}
    if 'text/markdown' in data:
        return (
            data['text/markdown']
            if flags.get('output') == 'asis'
            else relink(data['text/markdown'])
        )
    for mime, ending in IMAGES.items():
        if mime not in data:
            continue
        file = f'{name}-{len(images) + 1}.{ending}'
        images[file] = data[mime].encode() if ending == 'svg' else b64decode(data[mime])
        caption = flags.get('fig-cap', '')
        alt = (
            (flags.get('fig-alt') or caption or 'output of the cell above')
            .replace('[', '(')
            .replace(']', ')')
        )
        return f'![{alt}](nbs/images/readme/{file})' + (f'\n\n*{caption}*' if caption else '')
    if 'text/html' in data:
        return data['text/html'].strip()
    return fence(data['text/plain']) if 'text/plain' in data else ''


def render(nb):
    "`(text of README.md, {file name: bytes})`"
    blocks, images = [], {}
    for cell in nb['cells']:
        text = source(cell)
        if cell['cell_type'] == 'markdown':
            if 'attachment:' in text:
                raise SystemExit(
                    f'index.ipynb: cell [{cell.get("id")}] has an attachment; put the picture in nbs/images and link it'
                )
            blocks.append(relink(text).strip())
        if cell['cell_type'] == 'code':
            flags, code = split(text)
            if flags.keys() & HIDDEN or flags.get('include') == 'false' or 'nbdev_export(' in text:
                continue
            code = '\n'.join(
                l for l in code.splitlines() if not re.search(r'#\|\s*hide_line\s*$', l)
            ).strip('\n')
            if flags.get('echo') != 'false' and code:
                blocks.append(fence(code, 'python'))
            if flags.get('output') == 'false':
                continue
            blocks += [show(o, flags, 'index', images) for o in cell.get('outputs', [])]
    blocks = [b for b in blocks if b]
    return '\n\n'.join([*blocks[:1], WARNING, *blocks[1:]]) + '\n', images


def main():
    p = argparse.ArgumentParser(
        description=__doc__, epilog='example: tools/readme.py && git diff README.md'
    )
    p.add_argument(
        '--check',
        action='store_true',
        help='write nothing; exit 1 if README.md or one of its pictures differs',
    )
    p.add_argument(
        '--notebook',
        type=Path,
        default=NBS / 'index.ipynb',
        help='another notebook than nbs/index.ipynb',
    )
    p.add_argument(
        '--out', type=Path, default=ROOT, help='another folder than the repository, for trying out'
    )
    args = p.parse_args()
    if not args.notebook.is_file():
        raise SystemExit(f'{args.notebook}: no such notebook')
    text, images = render(read(args.notebook))
    readme, folder = args.out / 'README.md', args.out / 'nbs' / 'images' / 'readme'
    stale = {f.name for f in folder.glob('*')} - images.keys() if folder.exists() else set()
    if args.check:
        same = lambda f, b: f.exists() and f.read_bytes() == b
        differ = [n for n, b in images.items() if not same(folder / n, b)] + sorted(stale)
        if not same(readme, text.encode()):
            differ.insert(0, 'README.md')
        if differ:
            raise SystemExit(
                f'{", ".join(differ)}: not what nbs/index.ipynb says; run tools/readme.py and commit'
            )
        return print('README.md is what nbs/index.ipynb says')
    for name in stale:
        (folder / name).unlink()
    if images:
        folder.mkdir(parents=True, exist_ok=True)
    elif folder.exists():
        shutil.rmtree(folder)
    for name, data in images.items():
        (folder / name).write_bytes(data)
    readme.write_text(text, encoding='utf-8')
    print(f'{readme}: {len(text.splitlines())} lines, {len(images)} pictures')


if __name__ == '__main__':
    main()
