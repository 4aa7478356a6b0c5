import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InputReader } from '../../src/inputs/reader.ts';
import { parseTarget, readTargets, wrongName } from '../../src/inputs/targets.ts';
import { APPS, type SecretScope, type Target, targetKey, targetLine } from '../../src/model/target.ts';

const OWN = 'octo-org/octo-repo';
const DEFAULT = 'VANTAGE_CLIENT_SECRET';
const own = { owner: 'octo-org', repo: 'octo-repo' } as const;

function parse(line: string): Target | string {
  return parseTarget(line, OWN, DEFAULT);
}
function repository(
  app: (typeof APPS)[number] = 'actions',
  owner: string = own.owner,
  repo: string = own.repo,
): SecretScope {
  return { kind: 'repository', app, owner, repo };
}
function environment(name: string, owner: string = own.owner, repo: string = own.repo): SecretScope {
  return { kind: 'environment', app: 'actions', owner, repo, environment: name };
}

describe('a line', () => {
  test.each<readonly [string, SecretScope, string?]>([
    ['repository', repository()],
    ['  repository  ', repository()],
    ['actions repository', repository()],
    ['dependabot repository', repository('dependabot')],
    ['codespaces repository', repository('codespaces')],
    ['agents repository', repository('agents')],
    ['repository acme/invoices', repository('actions', 'acme', 'invoices')],
    ['repository Acme/In.voi_ces-2', repository('actions', 'Acme', 'In.voi_ces-2')],
    ['repository acme/.github', repository('actions', 'acme', '.github')],
    ['repository 1a-b/x', repository('actions', '1a-b', 'x')],
    // A user who is managed by an enterprise has its short code after an underscore.
    ['repository mona_octo/invoices', repository('actions', 'mona_octo', 'invoices')],
    ['agents\trepository   acme/invoices', repository('agents', 'acme', 'invoices')],
    ['repository as OTHER', repository(), 'OTHER'],
    ['repository as other_2', repository(), 'OTHER_2'],
    ['repository acme/invoices as _X', repository('actions', 'acme', 'invoices'), '_X'],
    ['repository   as   OTHER ', repository(), 'OTHER'],
    ['environment production', environment('production')],
    ['actions environment production', environment('production')],
    ['environment Production EU', environment('Production EU')],
    ['environment eu/west', environment('eu/west')],
    ['environment acme/invoices production', environment('production', 'acme', 'invoices')],
    ['environment acme/invoices eu/west 1', environment('eu/west 1', 'acme', 'invoices')],
    ['environment a/b/c d', environment('a/b/c d')],
    ['environment production as DEPLOY', environment('production'), 'DEPLOY'],
    ['environment run as root as DEPLOY', environment('run as root'), 'DEPLOY'],
    ['environment repository', environment('repository')],
    ['environment organization all', environment('organization all')],
    [`environment ${'x'.repeat(255)}`, environment('x'.repeat(255))],
    ['organization acme', { kind: 'organization', app: 'actions', org: 'acme' }],
    ['actions organization Acme-2', { kind: 'organization', app: 'actions', org: 'Acme-2' }],
    ['dependabot organization acme', { kind: 'organization', app: 'dependabot', org: 'acme' }],
    ['organization acme all', { kind: 'organization', app: 'actions', org: 'acme', visibility: 'all' }],
    ['agents organization acme private', { kind: 'organization', app: 'agents', org: 'acme', visibility: 'private' }],
    [
      'codespaces organization acme selected as TOKEN',
      { kind: 'organization', app: 'codespaces', org: 'acme', visibility: 'selected' },
      'TOKEN',
    ],
  ])('%j names a target', (line, scope, secretName = DEFAULT) => {
    expect(parse(line)).toEqual({ scope, secretName });
  });

  test.each<readonly [string, string]>([
    ['', 'expected "[actions|'],
    ['repo', 'expected "[actions|'],
    ['Repository', 'expected "[actions|'],
    ['actions', 'expected "[actions|'],
    ['github repository', 'expected "[actions|'],
    ['actions dependabot repository', 'expected "[actions|'],
    ['acme/invoices', 'expected "[actions|'],
    ['repository invoices', 'expected "[actions|'],
    ['repository acme/', 'expected "[actions|'],
    ['repository /invoices', 'expected "[actions|'],
    ['repository acme/invoices/x', 'expected "[actions|'],
    ['repository acme/in voices', 'expected "[actions|'],
    ['repository acme/invoïces', 'expected "[actions|'],
    // Letters that become ASCII only when their case is folded: a long s and the Kelvin sign.
    ['repository acme/invoice\u017f', 'expected "[actions|'],
    ['repository \u212aelvin/invoices', 'expected "[actions|'],
    ['organization acme\u017f', 'expected "[actions|'],
    ['repository acme/invoices?x', 'expected "[actions|'],
    ['repository acme/.', 'expected "[actions|'],
    ['repository acme/..', 'expected "[actions|'],
    ['repository ../acme', 'expected "[actions|'],
    ['repository -acme/invoices', 'expected "[actions|'],
    [`repository ${'a'.repeat(40)}/invoices`, 'expected "[actions|'],
    [`repository acme/${'a'.repeat(101)}`, 'expected "[actions|'],
    ['repository https://github.com/acme/invoices', 'expected "[actions|'],
    ['repository as', 'expected "[actions|'],
    ['repository, as X', 'expected "[actions|'],
    ['environment', 'expected "[actions|'],
    ['environment as OTHER', 'expected "[actions|'],
    ['environment .', 'environment'],
    ['environment ..', 'environment'],
    [`environment ${'x'.repeat(256)}`, '255 characters'],
    ['dependabot environment production', 'not dependabot'],
    ['codespaces environment production', 'not codespaces'],
    ['agents environment production', 'not agents'],
    ['organization', 'expected "[actions|'],
    ['organization acme everyone', 'expected "[actions|'],
    ['organization acme All', 'expected "[actions|'],
    ['organization acme all private', 'expected "[actions|'],
    ['organization acme/invoices', 'expected "[actions|'],
    ['organization ac me', 'expected "[actions|'],
    ['organization ..', 'expected "[actions|'],
    ['repository as MY-SECRET', 'letters, digits, and _'],
    ['repository as 1X', 'does not start with a digit'],
    ['repository as GITHUB_X', 'GITHUB_'],
    ['repository as gitHub_x', 'GITHUB_'],
    ['repository as ÄX', 'letters, digits, and _'],
  ])('%j names none', (line, why) => {
    const wrong = parse(line);
    expect(typeof wrong === 'string' ? wrong : JSON.stringify(wrong)).toContain(why);
    expect(typeof wrong).toBe('string');
  });

  test.each(['', 'octo-repo', 'a b/c'])(
    'without a repository of its own accepts only one that the line names: %j',
    workflow => {
      expect(typeof parseTarget('repository', workflow, DEFAULT)).toBe('string');
      expect(typeof parseTarget('environment production', workflow, DEFAULT)).toBe('string');
      expect(parseTarget('repository acme/invoices', workflow, DEFAULT)).toMatchObject({ scope: { repo: 'invoices' } });
    },
  );
});

describe('the targets of one step', () => {
  /** The error for this number of targets, if there is one. */
  const refusal = (count: number): string => {
    const lines = Array.from({ length: count }, (_, index) => `repository as SECRET_${index}`).join('\n');
    const input = new InputReader({ readInput: name => (name === 'write-to' ? lines : ''), redact: text => text }, '');
    expect(readTargets(input, OWN, DEFAULT)).toHaveLength(count);
    try {
      input.assertAccepted();
      return '';
    } catch (error) {
      return String(error);
    }
  };

  test('are at most 64, because the mark of their secret names each of them', () => {
    expect(refusal(64)).toBe('');
    expect(refusal(65)).toContain(
      'contains 65 targets: expected at most 64 in one step, because the ownership mark of the secret names each target',
    );
  });
});

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const text = (characters: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });
const owners = fc.tuple(text(letters, 1, 1), text(letters, 0, 30)).map(parts => parts.join(''));
const repositories = text(`${letters}-_.`, 1, 100).filter(name => !/^\.+$/u.test(name));
const secretNames = text('ABCXYZ019_', 1, 40).filter(name => wrongName(name) === undefined);
/** Words that are separated by one space each. */
const environments = fc
  .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 })
  .map(words =>
    words
      .map(word => word.replaceAll(/\s/gu, ''))
      .filter(Boolean)
      .join(' '),
  )
  .filter(name => name !== '' && name.length <= 255 && !/^\.{1,2}$/u.test(name));
const apps = fc.constantFrom(...APPS);
const places: fc.Arbitrary<SecretScope> = fc.oneof(
  fc.record({ kind: fc.constant('repository' as const), app: apps, owner: owners, repo: repositories }),
  fc.record({
    kind: fc.constant('environment' as const),
    app: fc.constant('actions' as const),
    owner: owners,
    repo: repositories,
    environment: environments,
  }),
  fc.record({ kind: fc.constant('organization' as const), app: apps, org: owners }),
);
const targets: fc.Arbitrary<Target> = fc.record({ scope: places, secretName: secretNames });

test('every target that is printed is parsed as itself', () => {
  fc.assert(
    fc.property(targets, target => {
      expect(parse(targetLine(target))).toEqual(target);
    }),
    { numRuns: 1000 },
  );
});

test('the key of a target is unique, regardless of case', () => {
  fc.assert(
    fc.property(targets, targets, (one, other) => {
      const same = targetLine(one).toLowerCase() === targetLine(other).toLowerCase();
      expect(targetKey(one) === targetKey(other)).toBe(same);
    }),
  );
  const spelt = ['repository Acme/Invoices as ours', 'actions repository acme/invoices as OURS'].map(parse);
  const keys = spelt.map(target => (typeof target === 'string' ? target : targetKey(target)));
  expect(keys[0]).toBe(keys[1]);
});

test('the visibility is not a part of the identity of a secret', () => {
  const spelt = ['organization acme all', 'organization acme selected', 'organization ACME'].map(parse);
  const keys = spelt.map(target => (typeof target === 'string' ? target : targetKey(target)));
  expect(new Set(keys).size).toBe(1);
});

test('no line causes an exception, and an accepted line is printed as an accepted line', () => {
  const words = fc.constantFrom(
    ...APPS,
    'repository',
    'environment',
    'organization',
    'as',
    'all',
    'selected',
    'acme/invoices',
    '..',
    'a/b',
    '',
  );
  const lines = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.array(fc.oneof(words, fc.string()), { maxLength: 8 }).map(parts => parts.join(' ')),
  );
  fc.assert(
    fc.property(lines, line => {
      const target = parse(line);
      if (typeof target !== 'string') {
        const again = parse(targetLine(target));
        expect(typeof again === 'string' ? again : targetLine(again)).toBe(targetLine(target));
      }
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['A', undefined],
  ['_', undefined],
  ['a1_B', undefined],
  ['GITHUB', undefined],
  ['MY_GITHUB_X', undefined],
  ['', 'letters, digits, and _'],
  ['1A', 'does not start with a digit'],
  ['A-B', 'letters, digits, and _'],
  ['A B', 'letters, digits, and _'],
  ['A\n', 'letters, digits, and _'],
  ['\u017f', 'letters, digits, and _'],
  ['\u212a', 'letters, digits, and _'],
  ['GITHUB_', 'GITHUB_'],
  ['github_token', 'GITHUB_'],
])('a secret or a variable may have the name %j: %s', (name, why) => {
  const wrong = wrongName(name);
  if (why === undefined) {
    expect(wrong).toBeUndefined();
  } else {
    expect(wrong).toContain(why);
  }
});
