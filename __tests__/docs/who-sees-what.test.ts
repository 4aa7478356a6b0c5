import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { RecordedRequest as GitHubRequest } from '../../emulator/github/index.ts';
import type { RecordedRequest as VantageRequest } from '../../emulator/vantage/index.ts';
import { RUNS, runAll, type World } from './all-runs.ts';
import { findKnown } from './known-values.ts';

/**
 * Compares what docs/security.md lists with whole runs of each mode. In them, every value that the action can know has a
 * name of its own. So a new field of a request, or a new kind of value in the log, fails until the page lists it.
 */

/** What each item of the page about logs lets people see. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  'Where it works': ['vantage', 'github', 'tenant', 'administrator', 'client'],
  'The user name': ['user'],
  'Secrets, without their values': ['secret id', 'mark', 'time', 'repository', 'repository id', 'run'],
  Targets: ['place', 'name'],
  'Settings of a client': ['setting'],
  'Other repositories and clients': ['other'],
  'What a server says': ['words of a server', 'other host'],
  'Pull requests': ['pull request'],
  'Inputs that are wrong': ['wrong input'],
};

/** What the requests to each server contain. */
const OF_ALL = ['repository', 'client', 'time', 'user agent'];
const TO_VANTAGE = [
  ...OF_ALL,
  ...['vantage', 'tenant', 'administrator', 'user', 'setting', 'secret id', 'mark', 'secret-description'],
  ...['repository id', 'run'],
];
const TO_GITHUB = [...OF_ALL, 'github', 'place', 'name', 'pull request'];

/** What every request has, and what no page needs to name for each: the headers. */
const HEADERS =
  /^(?:accept|authorization|connection|content-length|content-type|host|user-agent|x-github-api-version)$/u;

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../docs/security.md'), 'utf8');
const section = (title: string) => PAGE.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/gu)].map(([, name = '']) => name);

/** The fields that the page names for each server. The settings of a client are in a block of their own. */
function fieldsOnPage(): Readonly<Record<string, readonly string[]>> {
  const text = section('What is sent where');
  const rows = [...text.matchAll(/^\| (Vantage, [^|]+?|GitHub) +\|[^|]+\|([^|]+)\|$/gmu)];
  const [, settings = ''] = /^The settings of a client are these fields:\n\n```text\n([^`]+)```$/mu.exec(text) ?? [];
  const byServer = Map.groupBy(rows, ([, server]) => server ?? '');
  return Object.fromEntries(
    [...byServer].map(([server, list]) => {
      const fields = list.flatMap(([, , cell = '']) =>
        cell.trim() === 'The fields below' ? settings.trim().split(/\s+/u) : quoted(cell),
      );
      return [server, [...new Set(fields)].sort()];
    }),
  );
}

/** The names of what a request has in its query and its body. */
function fieldsOf({
  path: address,
  body,
  headers,
}: Pick<VantageRequest, 'path' | 'body' | 'headers'>): readonly string[] {
  const query = [...new URL(address, 'http://server').searchParams.keys()];
  const isForm = String(headers['content-type']).startsWith('application/x-www-form-urlencoded');
  return [...query, ...(body === '' ? [] : isForm ? new URLSearchParams(body).keys() : Object.keys(JSON.parse(body)))];
}

/** The address, the headers and the body of a request. */
function wholeOf({ path: address, rawHeaders, body }: Pick<VantageRequest, 'path' | 'rawHeaders' | 'body'>): string {
  const isJson = body.startsWith('{');
  return [
    decodeURIComponent(address),
    ...rawHeaders,
    isJson ? body : [...new URLSearchParams(body).values()].join('\n'),
  ].join('\n');
}

let worlds: readonly World[];
beforeAll(async () => {
  worlds = [await runAll('zqa1'), await runAll('zqb2')];
}, 300_000);

const runsOf = ({ runs }: World) => Object.values(runs);

describe('docs/security.md', () => {
  test('lists what logs show, item by item', () => {
    const items = [...section('What logs show').matchAll(/^- \*\*(.+?):?\*\*/gmu)].map(([, item]) => item);
    expect(items).toEqual(Object.keys(SHOWN));
  });

  test('lists every kind of value that a log or a job summary shows, and none that they do not show', () => {
    for (const world of worlds) {
      const found = new Set(runsOf(world).flatMap(({ shown }) => [...findKnown(shown, world).found]));
      expect([...found].sort()).toEqual(Object.values(SHOWN).flat().sort());
    }
  });

  test.each(RUNS)('misses nothing that the log of a run shows: %s', name => {
    const [one = '', next = ''] = worlds.map(world => {
      const lines = findKnown(world.runs[name]?.shown ?? '', world).rest.split('\n');
      expect(lines.filter(line => line.toLowerCase().includes(world.tag))).toEqual([]);
      // How often and when a request is retried differs.
      const alike = lines.map(line => line.replaceAll(/ {2,}/gu, ' ').replace(/Retrying in .*|, \d times/u, ''));
      return [...new Set(alike)].sort().join('\n');
    });
    expect(one).not.toBe('');
    expect(next).toBe(one);
  });

  test('lists every field that is sent to each server, and none that is not sent', () => {
    const sent: Record<string, Set<string>> = {};
    for (const { vantage, github } of worlds.flatMap(runsOf)) {
      for (const request of [...vantage, ...github]) {
        const isGitHub = github.includes(request as GitHubRequest);
        const server = isGitHub
          ? 'GitHub'
          : request.route === 'token'
            ? 'Vantage, token endpoint'
            : 'Vantage, admin API';
        sent[server] ??= new Set();
        // An update writes back whatever was read.
        if (request.route !== 'updateClient') {
          for (const field of fieldsOf(request)) sent[server].add(field);
        }
      }
    }
    expect(Object.fromEntries(Object.entries(sent).map(([server, fields]) => [server, [...fields].sort()]))).toEqual(
      fieldsOnPage(),
    );
  });

  test('names every header', () => {
    const names = new Set(
      worlds
        .flatMap(runsOf)
        .flatMap(({ vantage, github }) => [...vantage, ...github].flatMap(one => Object.keys(one.headers))),
    );
    expect([...names].filter(name => !HEADERS.test(name))).toEqual([]);
    const page = section('What is sent where').toLowerCase();
    expect([...names].filter(name => !page.includes(`\`${name}\``))).toEqual([]);
  });

  test('says what else is in the requests to each server: nothing that only the runner or the other server knows', () => {
    for (const world of worlds) {
      const sent = (server: 'vantage' | 'github') =>
        findKnown(
          runsOf(world)
            .flatMap(run => run[server].map(wholeOf))
            .join('\n'),
          world,
        );
      const [toVantage, toGitHub] = [sent('vantage'), sent('github')];
      expect(`${toVantage.rest}\n${toGitHub.rest}`).not.toMatch(new RegExp(`.*${world.tag}.*`, 'iu'));
      expect([...toVantage.found].sort()).toEqual(TO_VANTAGE.toSorted());
      expect([...toGitHub.found].sort()).toEqual(TO_GITHUB.toSorted());
    }
  });
});
