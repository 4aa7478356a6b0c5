import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '..');

const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const manifest: Manifest = JSON.parse(textOf('package.json'));
const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(textOf('package-lock.json'));
const locked = Object.entries(lock.packages).filter(([folder]) => folder !== '');
const nameOf = (folder: string) => folder.replace(/^.*node_modules\//u, '');

/** The packages that the first column of the tables below a heading of CONTRIBUTING.md names. */
function namedBelow(heading: string): readonly string[] {
  const [section = ''] = textOf('CONTRIBUTING.md').split(`\n${heading}\n`)[1]?.split(/^#+ /mu) ?? [];
  const cells = [...section.matchAll(/^\| (`.*?`) +\|/gmu)].map(([, cell = '']) => cell);
  return cells.flatMap(cell => [...cell.matchAll(/`([^`]+)`/gu)].map(([, name = '']) => name));
}

describe('package-lock.json', () => {
  test('has the checksum of every package, those for other systems too', () => {
    expect(locked.filter(([, { integrity }]) => !/^sha512-/u.test(integrity ?? '')).map(([folder]) => folder)).toEqual(
      [],
    );
  });

  test('takes every package from the registry', () => {
    expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});

test('CONTRIBUTING.md has a reason for every dependency, and for nothing else', () => {
  const wanted = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
  expect([...namedBelow('## Dependencies')].sort()).toEqual(wanted.sort());
});

test('every install script is allowed or refused, with a reason', () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([folder]) => nameOf(folder));
  expect(Object.keys(manifest.allowScripts).sort()).toEqual(scripted.sort());
  expect([...namedBelow('### Install scripts')].sort()).toEqual(scripted.sort());
});

test('nothing that ships has an install script', () => {
  expect(locked.filter(([, { dev, hasInstallScript }]) => hasInstallScript && !dev)).toEqual([]);
});

describe('dist/licenses.txt', () => {
  const notices = new Map(
    textOf('dist/licenses.txt')
      .split(`\n${'-'.repeat(80)}\n\n`)
      .map(notice => {
        const [, name = '', version = '', text = ''] = /^(\S+) (\S+)\n(.*)$/su.exec(notice) ?? [];
        return [name, { version, text }];
      }),
  );

  test('names each package once, in the version of the lock file', () => {
    const versions = new Map(
      locked
        .filter(([folder, { dev }]) => !dev && folder.split('node_modules/').length === 2)
        .map(([folder, { version }]) => [nameOf(folder), version]),
    );
    expect(textOf('dist/licenses.txt').match(/^-{80}$/gmu)).toHaveLength(notices.size - 1);
    for (const [name, { version }] of notices) {
      expect({ name, version }).toEqual({ name, version: versions.get(name) });
    }
  });

  test('names all direct dependencies', () => {
    expect(Object.keys(manifest.dependencies).filter(name => !notices.has(name))).toEqual([]);
  });

  test.each([...notices])('has the license of %s', (name, { text }) => {
    expect(text).toMatch(/^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause)\n\n/u);
    expect({ name, text }).toEqual({
      name,
      text: expect.stringMatching(/Copyright.*Permission|Permission.*Copyright/su),
    });
  });
});

test('dist starts no program, and executes no text as code', () => {
  const scripts = globSync('dist/*.js', { cwd: ROOT });
  expect(scripts.length).toBeGreaterThan(2);
  const [, pattern = ''] = /^grep -lE '(.+)' dist\/\*\.js$/mu.exec(textOf('docs/verify.md')) ?? [];
  expect(pattern).toContain('child_process');
  expect(scripts.filter(file => new RegExp(pattern, 'u').test(textOf(file)))).toEqual([]);
});

test('only one file opens connections', () => {
  const [, pattern = ''] = /^grep -rlE "(.+)" src$/mu.exec(textOf('docs/verify.md')) ?? [];
  expect(pattern).toContain('node:');
  const found = globSync('src/**/*.ts', { cwd: ROOT }).filter(file => new RegExp(pattern, 'u').test(textOf(file)));
  expect(found).toEqual([path.join('src', 'http', 'transport.ts')]);
});
