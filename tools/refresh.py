#!/usr/bin/env python3
"Execute notebooks in place and save their outputs, cleaned; a notebook that fails stays as it was."

import argparse, os, re, subprocess, sys, time
from notebooks import ROOT, paths, skipped


def settle(outputs):
    "Keep the last state of progress bars, and no widgets: their state is not saved"
    kept = []
    for o in outputs:
        if 'application/vnd.jupyter.widget-view+json' in o.get('data', {}):
            continue
        if o['output_type'] == 'stream':
            lines = [
                re.sub(r'\x1b\[[0-9;]*[A-Za-z]', '', l) for l in ''.join(o['text']).split('\n')
            ]
            lines = [[part for part in l.split('\r') if part.strip()][-1:] or [''] for l in lines]
            o['text'] = '\n'.join(l[0] for l in lines).splitlines(True)
            if not ''.join(o['text']).strip():
                continue
        kept.append(o)
    return kept


def refresh(path, slow=False, cuda=False):
    "Execute one notebook; its file changes only when every cell has passed"
    from execnb.nbio import read_nb, write_nb
    from execnb.shell import CaptureShell, format_exc
    from nbdev.clean import nbdev_clean

    start, nb, part = time.time(), read_nb(path), path.with_name(f'{path.name}.part')
    os.chdir(path.parent)
    sys.path.insert(0, str(ROOT))
    shell = CaptureShell(path, mpl_format='png')
    for cell in nb.cells:
        if cell.cell_type != 'code' or skipped(cell, slow, cuda):
            continue
        cell.outputs = []
        shell.cell(cell)
        cell.outputs = settle(cell.outputs)
        if shell.exc:
            print(
                f'{path.name}: cell {cell.idx_ + 1} [{cell.get("id")}] failed; the file is as it was\n\n{cell.source}\n',
                ''.join(format_exc(shell.exc)),
                sep='\n',
                file=sys.stderr,
            )
            raise SystemExit(1)
    try:
        write_nb(nb, part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    os.chdir(ROOT)
    nbdev_clean(str(path))
    print(
        f'{path.stem:24} {time.time() - start:7.1f} s {path.stat().st_size / 1e3:8.0f} kB',
        flush=True,
    )


def main():
    p = argparse.ArgumentParser(description=__doc__, epilog='example: tools/refresh.py flow mot')
    p.add_argument(
        'names', nargs='*', help='notebooks, such as 07_flow; all of them if none is named'
    )
    p.add_argument('--slow', action='store_true', help='also execute the cells tagged #| slow')
    p.add_argument(
        '--cuda', action='store_true', help='also execute the cells tagged #| cuda; needs a GPU'
    )
    args = p.parse_args()
    todo = paths(args.names)
    if len(todo) == 1:
        return refresh(todo[0], args.slow, args.cuda)
    flags = [f'--{k}' for k in ('slow', 'cuda') if getattr(args, k)]
    for path in (
        todo
    ):  # each in a process of its own, as a reader would run it; the first failure stops all
        if code := subprocess.run([sys.executable, __file__, str(path), *flags]).returncode:
            raise SystemExit(code)


if __name__ == '__main__':
    main()
