#!/usr/bin/env python3
"""CPU minutes of the README's test command, at an old commit and at a new one, on this machine.
Each is cloned into a temporary folder and tested there with the packages of this Python.
With --out the figure is added to a JSON file, such as results/hour.json."""

import argparse, json, os, re, subprocess, sys, tempfile, time
from pathlib import Path

from notebooks import ROOT

OLD = '939d9cf'  # where the tests were found to be slow
COMMAND = 'nbdev_test', '--n_workers', '2'


def git(*words, folder=ROOT):
    "What git prints"
    done = subprocess.run(['git', *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def clone(commit, folder):
    "A commit in a folder of its own, and the environment in which `import vugen` finds it there"
    git('clone', '--quiet', '--no-checkout', str(ROOT), str(folder))
    git('checkout', '--quiet', commit, folder=folder)
    env = {**os.environ, 'PYTHONPATH': str(folder), 'OMP_NUM_THREADS': '1'}
    python = [sys.executable, '-c', 'import vugen; print(vugen.__file__)']
    done = subprocess.run(
        python, cwd=folder.parent, env=env, capture_output=True, text=True, check=True
    )
    found = Path(done.stdout.strip())
    if not found.is_relative_to(folder):
        raise SystemExit(f'the tests of {commit} would import {found}; unset PYTHONSAFEPATH')
    return env


def notebooks(folder, pattern):
    "Those that nbdev_test takes"
    return [p for p in (folder / 'nbs').rglob('[!._]*.ipynb') if re.search(pattern, p.name)]


def failures(log):
    "Names of the notebooks that nbdev_test lists at its end"
    _, found, names = log.rpartition('nbdev Tests Failed On The Following Notebooks:')
    return re.findall(r'\S+\.ipynb', names) if found else []


def measure(commit, pattern, folder):
    "CPU minutes of the tests at a commit, those of all their processes included"
    env, start = clone(commit, folder), time.monotonic()
    words = [*COMMAND, *(['--file_re', pattern] if pattern else [])]
    log = folder.with_suffix('.log')
    with log.open('w') as out:
        process = subprocess.Popen(words, cwd=folder, env=env, stdout=out, stderr=out)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text(errors='replace')
    failed = failures(text)
    if not failed and 'Success.' not in text:
        raise SystemExit(f'nbdev_test ended with {process.returncode}:\n{text[-2000:]}')
    if failed:
        print(text)
    n = len(notebooks(folder, pattern))
    return dict(
        commit=git('rev-parse', '--short=7', 'HEAD', folder=folder),
        cpu_minutes=round((used.ru_utime + used.ru_stime) / 60, 2),
        wall_minutes=round((time.monotonic() - start) / 60, 2),
        passed=n - len(failed),
        failed=failed,
    )


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('--old', default=OLD, help='a commit')
    p.add_argument('--new', default='HEAD', help='a commit')
    p.add_argument('--notebooks', default='', help='a pattern of their names; all, if not given')
    p.add_argument('--out', type=Path, help='a JSON file, such as results/hour.json')
    args = p.parse_args()
    start, sides = time.monotonic(), {}
    for name in ('old', 'new'):
        with tempfile.TemporaryDirectory(prefix='vugen-test-') as tmp:
            sides[name] = measure(getattr(args, name), args.notebooks, Path(tmp, 'vugen'))
        print(name, sides[name], flush=True)
    old, new = sides['old'], sides['new']
    figure = dict(
        value=new['cpu_minutes'],
        target=round(old['cpu_minutes'] / 2, 2),
        seed=0,
        device='cpu, 2 workers of 1 thread',
        minutes=round((time.monotonic() - start) / 60, 2),
        commit=new['commit'],
        command='tools/test_minutes.py',
        passed=new['passed'],
        failed=new['failed'],
        before=old,
    )
    print('test_cpu_minutes', figure)
    if args.out:
        kept = json.loads(args.out.read_text(encoding='utf-8')) if args.out.exists() else {}
        text = json.dumps({**kept, 'test_cpu_minutes': figure}, indent=1)
        args.out.write_text(text + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
