import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parseDocument, stringify } from 'yaml';
import { schemaFile } from '../../scripts/generate/schema.ts';
import { MANIFEST_VERSION, Manifest } from '../../scripts/schema/manifest.ts';
import { CLIENT_KEYS, SECRET_KEYS } from '../../src/inputs/manifest/keys.ts';
import type { EnsureRequest } from '../../src/model/request.ts';
import { CANARY, readInputs } from '../support/inputs.ts';
import { schemaText } from '../support/json-schemas.ts';
import { Checkout, fleetOf, refusalOf } from '../support/manifest.ts';

import { DEFECTS } from './manifest-defects.ts';

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
const followsSchema = ajv.compile(JSON.parse(schemaText('manifest', MANIFEST_VERSION)));

const clientIdsOf = async (manifest: string, inputs?: Readonly<Record<string, string>>) =>
  (await fleetOf(manifest, inputs)).clients.map(({ request }) => request.client.clientId);

/** Settings with keys such as `secret.rotate`, as a manifest has them. */
function nested(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = Object.entries(settings).filter(([key]) => !key.startsWith('secret.'));
  const ofSecret = Object.entries(settings).filter(([key]) => key.startsWith('secret.'));
  const secret = Object.fromEntries(ofSecret.map(([key, value]) => [key.replace('secret.', ''), value]));
  return { ...Object.fromEntries(own), ...(ofSecret.length > 0 ? { secret } : {}) };
}

/** What a client of a fleet and a step with inputs have in common. */
const partsOf = ({ client, secret, delivery }: EnsureRequest) => ({
  client,
  secret,
  // The step may set an output, a fleet never does.
  delivery: { ...delivery, outputSecret: false },
});

describe('a manifest is refused, with the line and column of the defect, if it contains', () => {
  test('one of at least a hundred defects', () => {
    expect(DEFECTS.length).toBeGreaterThanOrEqual(100);
    expect(new Set(DEFECTS.map(({ what }) => what)).size).toBe(DEFECTS.length);
  });

  test.each(DEFECTS)('$what', async ({ text, says }) => {
    expect(await refusalOf(text)).toBe(`clients.yml:${says}`);
    expect(says).not.toContain(CANARY);
  });
});

describe('the JSON Schema', () => {
  test('is up to date', () => {
    expect(schemaText('manifest', MANIFEST_VERSION)).toBe(schemaFile(Manifest));
  });

  test('has a description of every key', () => {
    const schema = JSON.parse(schemaText('manifest', MANIFEST_VERSION));
    const maps = [schema.properties.defaults, schema.properties.clients.items, schema.$defs.Secret];
    const described = maps.flatMap(({ properties }) => Object.entries<{ description?: string }>(properties));
    expect(described.filter(([key, { description }]) => key !== 'secret' && !description)).toEqual([]);
    expect(described.flatMap(([, { description }]) => description?.match(/`[a-z]+-[a-z-]+`/gu) ?? [])).toEqual([
      '`when-due`',
    ]);
  });

  /** Values of every type, right ones and wrong ones, for any key. */
  const VALUES: readonly unknown[] = [
    ...[
      true,
      false,
      null,
      0,
      1,
      3600,
      1.5,
      '',
      ' ',
      'true',
      'a',
      'A_NAME',
      'GITHUB_NAME',
      'never',
      'when-due',
      'adopt',
      'fail',
    ],
    ...['30d', '1h30m', 'P6M', 'PT1H', '1.00:00:00', '2028-01-31T09:00:00Z', '2028-01-31T09:00:00+01:00', '2028-01-31'],
    ...[
      [],
      ['password'],
      ['urn:ietf:params:oauth:grant-type:device_code'],
      ['client_credentials', 'client_credentials'],
    ],
    ...[
      ['publicapi.all', 'openid', 'permissions'],
      ['https://a.example'],
      ['https://a.example/'],
      ['HTTP://localhost:8080/x'],
    ],
    ...[
      ['com.example.app:/callback'],
      ['repository'],
      ['actions  repository acme/x as Y'],
      ['environment a b'],
      ['organization acme all'],
    ],
    ...[['repository', 5], [null], {}, { rotate: 'never' }, [['a']]],
  ];
  const KEYS = [...Object.keys(CLIENT_KEYS), ...Object.keys(SECRET_KEYS).map(key => `secret.${key}`)];

  test('accepts every manifest that the action accepts', async () => {
    let accepted = 0;
    const settings = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES), { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(settings, settings, async (defaults, client) => {
        const manifest = {
          defaults: nested(defaults),
          clients: [{ clientId: 'a', ...nested({ 'secret.rotate': 'never', ...client }) }],
        };
        const refusal = await refusalOf(stringify(manifest));
        accepted += refusal === 'accepted' ? 1 : 0;
        expect(refusal !== 'accepted' || followsSchema(manifest) ? [] : [manifest, followsSchema.errors]).toEqual([]);
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(25);
  });

  test.each(DEFECTS.filter(({ inSchema }) => inSchema))('rejects $what, as the action does', ({ text }) => {
    const document = parseDocument(text, { strict: false, logLevel: 'silent' });
    let value: unknown;
    try {
      value = document.toJS();
    } catch {
      return; // A parser of an editor rejects it before the schema does.
    }
    expect(followsSchema(value)).toBe(false);
  });

  test.each(DEFECTS.filter(({ inSchema }) => !inSchema))('does not know about $what', ({ text, says }) => {
    const document = parseDocument(text, { logLevel: 'silent' });
    expect(document.errors.length > 0 || /alias/u.test(says) || followsSchema(document.toJS())).toBe(true);
  });
});

describe('each client of a manifest is what a step with the same inputs asks for', () => {
  const WHOLE = `
defaults:
  requireConsent: false
  allowedCorsOrigins: [https://default.example]
  secret: { expiration: 180d, rotate: when-due, rotateBefore: 30d }
clients:
  - clientId: all
    clientName: All (settings)
    allowOfflineAccess: true
    allowRememberConsent: False
    backChannelLogoutSessionRequired: TRUE
    requireClientSecret: true
    requireConsent: true
    allowNoPkce: true
    allowRopc: false
    allowedGrantTypes: [authorization_code, client_credentials]
    allowedScopes: [openid, permissions, publicapi.all]
    allowedCorsOrigins:
      - https://a.example
      - https://b.example:8443
    redirectUris: [ 'https://a.example/', "https://b.example/callback?x=1&y=2" ]
    postLogoutRedirectUris: [https://a.example/bye]
    accessTokenLifetime: 3600
    refreshTokenLifetime: 1.00:00:00
    ifExists: update
    writeTo:
      - repository as FIRST
      - environment octo-org/website production
      - dependabot organization acme selected
    secretName: ALL_SECRET
    clientIdVariable: ALL_ID
    expirationVariable: ALL_EXPIRATION
    secret:
      rotate: always
      rotateBefore: P1M
      description: Of the team
      startTime: 1d
      expiration: 2028-01-31T09:00:00Z
      verify: false
      pruneAfter: 14d
  - clientId: least
    secret: { rotate: never }
  - clientId: defaults
    writeTo: [repository]
  - clientId: without
    requireConsent: null
    allowedCorsOrigins: ~
    secret: { expiration: null, rotateBefore: null }
    writeTo: [codespaces repository as WITHOUT]
`;

  test.each<readonly [clientId: string, line: number, inputs: Readonly<Record<string, string>>]>([
    [
      'all',
      7,
      {
        'client-name': 'All (settings)',
        'allow-offline-access': 'true',
        'allow-remember-consent': 'false',
        'back-channel-logout-session-required': 'true',
        'require-client-secret': 'true',
        'require-consent': 'true',
        'allow-no-pkce': 'true',
        'allow-ropc': 'false',
        'allowed-grant-types': 'authorization_code client_credentials',
        'allowed-scopes': 'openid permissions publicapi.all',
        'allowed-cors-origins': 'https://a.example\nhttps://b.example:8443',
        'redirect-uris': 'https://a.example/\nhttps://b.example/callback?x=1&y=2',
        'post-logout-redirect-uris': 'https://a.example/bye',
        'access-token-lifetime': '3600',
        'refresh-token-lifetime': '1.00:00:00',
        'if-exists': 'update',
        'write-to':
          'repository as FIRST\nenvironment octo-org/website production\ndependabot organization acme selected',
        'secret-name': 'ALL_SECRET',
        'client-id-variable': 'ALL_ID',
        'expiration-variable': 'ALL_EXPIRATION',
        rotate: 'always',
        'rotate-before': 'P1M',
        'secret-description': 'Of the team',
        'secret-start-time': '1d',
        'secret-expiration': '2028-01-31T09:00:00Z',
        verify: 'false',
        'prune-after': '14d',
      },
    ],
    [
      'least',
      41,
      {
        'require-consent': 'false',
        'allowed-cors-origins': 'https://default.example',
        'secret-expiration': '180d',
        rotate: 'never',
        'rotate-before': '30d',
      },
    ],
    [
      'defaults',
      43,
      {
        'require-consent': 'false',
        'allowed-cors-origins': 'https://default.example',
        'secret-expiration': '180d',
        rotate: 'when-due',
        'rotate-before': '30d',
        'write-to': 'repository',
      },
    ],
    ['without', 45, { rotate: 'when-due', 'write-to': 'codespaces repository as WITHOUT' }],
  ])('%s', async (clientId, line, inputs) => {
    const { clients } = await fleetOf(WHOLE);
    const found = clients.find(({ request }) => request.client.clientId === clientId);
    const { request } = await readInputs({ 'client-id': clientId, ...inputs });
    expect(found?.line).toBe(line);
    expect(found && partsOf(found.request)).toEqual(partsOf(request as EnsureRequest));
    expect(found?.request).toMatchObject({ vantage: request.vantage, signIn: request.signIn, run: request.run });
  });

  test('which the schema accepts', () => {
    expect(followsSchema(parseDocument(WHOLE).toJS())).toBe(true);
  });

  test('and the fleet has their ids, its GitHub, and how many to process at once', async () => {
    const fleet = await fleetOf(WHOLE, { concurrency: '3' });
    expect(fleet).toMatchObject({
      manifestClientIds: ['all', 'least', 'defaults', 'without'],
      shard: undefined,
      concurrency: 3,
      github: { apiUrl: 'https://api.github.com', isOwn: true },
    });
    expect(fleet.github?.token.reveal()).toBe(CANARY);
    expect(Object.isFrozen(fleet)).toBe(true);
  });

  test('and needs no token if none writes to GitHub', async () => {
    const fleet = await fleetOf('clients: [{ clientId: a, secret: { rotate: never } }]', { 'github-token': '' });
    expect(fleet.github).toBeUndefined();
  });
});

describe('a default of a variable', () => {
  const DEFAULTS =
    'defaults: { clientIdVariable: VANTAGE_ID, expirationVariable: VANTAGE_END, secret: { rotate: never } }';

  test('applies to a client with targets only', async () => {
    const manifest = `${DEFAULTS}\nclients: [{ clientId: a, writeTo: [repository] }, { clientId: b }, { clientId: c, writeTo: null }]`;
    const { clients } = await fleetOf(manifest);
    expect(clients.map(({ request }) => request.delivery.github?.clientIdVariable)).toEqual([
      'VANTAGE_ID',
      undefined,
      undefined,
    ]);
    expect(clients.map(({ request }) => request.delivery.github?.expirationVariable)).toEqual([
      'VANTAGE_END',
      undefined,
      undefined,
    ]);
  });

  test('is rejected for a client that sets it without targets', async () => {
    expect(await refusalOf(`${DEFAULTS}\nclients: [{ clientId: a, clientIdVariable: OTHER }]`)).toMatch(
      /^clients\.yml:2:44: `clientIdVariable` is "OTHER": expected writeTo with an actions target/u,
    );
  });
});

describe('a manifest can be written', () => {
  const EXPECTED = ['a', 'b'];

  test.each([
    ['in blocks', 'clients:\n- clientId: a\n  secret:\n    rotate: never\n- clientId: b\n  secret: {rotate: never}\n'],
    [
      'as JSON',
      '{"clients": [{"clientId": "a", "secret": {"rotate": "never"}}, {"clientId": "b", "secret": {"rotate": "never"}}]}',
    ],
    [
      'for Windows',
      'clients:\r\n  - clientId: a\r\n    secret: { rotate: never }\r\n  - clientId: b\r\n    secret: { rotate: never }\r\n',
    ],
    [
      'with a byte order mark',
      '\uFEFFclients: [{clientId: a, secret: {rotate: never}}, {clientId: b, secret: {rotate: never}}]',
    ],
    [
      'with comments, and markers of a document',
      '%YAML 1.2\n---\n# All\nclients: # both\n  # one\n  - clientId: a # a\n    secret: { rotate: never }\n\n  - clientId: b\n    secret: { rotate: never }\n...\n',
    ],
    [
      'with the defaults at the end',
      'clients: [{ clientId: a }, { clientId: b }]\ndefaults: { secret: { rotate: never } }\n',
    ],
    [
      'with aliases',
      'clients:\n  - clientId: a\n    secret: &secret { rotate: &never never }\n  - { clientId: b, secret: { rotate: *never } }\n',
    ],
    [
      'with an anchor of the defaults',
      'defaults: { secret: &secret { rotate: never } }\nclients:\n  - { clientId: a, secret: *secret }\n  - { clientId: b, secret: *secret }\n',
    ],
    [
      'with folded texts',
      'clients:\n  - clientId: >-\n      a\n    clientName: |\n      A\n    secret: { rotate: never }\n  - clientId: "\\u0062"\n    secret: { rotate: never }\n',
    ],
  ])('%s', async (_, manifest) => {
    expect(await clientIdsOf(manifest)).toEqual(EXPECTED);
  });

  test('with more clients than are converted at once', async () => {
    const clients = Array.from(
      { length: 1000 },
      (_, index) => `  # ${index}\n  - clientId: c-${index}\n    clientName: *name\n`,
    );
    const manifest = `defaults:\n  clientName: &name Client\n  secret: { rotate: never }\nclients:\n${clients.join('')}`;
    const fleet = await fleetOf(manifest);
    expect(fleet.clients.map(({ line, request: { client } }) => [line, client.clientId, client.declared])).toEqual(
      clients.map((_, index) => [6 + 3 * index, `c-${index}`, { clientName: 'Client' }]),
    );
    const wrong = manifest.replace('clientId: c-700', 'clientID: c-700').replace('clientId: c-999', 'clientId: c-0');
    expect(await refusalOf(wrong)).toBe(
      'clients.yml:2106:5: `clientID` is unknown: did you mean clientId?; clients.yml:2106:5: `clientId` is missing: expected the id of the client; clients.yml:3003:15: `clientId` is "c-0": the client at clients.yml:6:15 has this id too.',
    );
  });
});

describe('an error of a manifest', () => {
  test('shows every problem in the order of the file, 20 at the most', async () => {
    const clients = Array.from(
      { length: 25 },
      (_, index) => `  - clientId: c-${index}\n    secret: { rotate: sometimes }\n`,
    );
    const refusal = await refusalOf(`clients:\n${clients.join('')}`);
    const lines = [...refusal.matchAll(/clients\.yml:(\d+):23: `secret\.rotate` is "sometimes"/gu)].map(([, line]) =>
      Number(line),
    );
    expect(lines).toEqual(Array.from({ length: 20 }, (_, index) => 3 + 2 * index));
    expect(refusal).toMatch(/; and 5 more in clients\.yml\.$/u);
  });

  test('counts no more than a thousand', async () => {
    const clients = Array.from(
      { length: 1500 },
      (_, index) => `  - { clientId: c-${index}, secret: { rotate: sometimes } }\n`,
    );
    expect(await refusalOf(`clients:\n${clients.join('')}`)).toMatch(/; and at least 980 more in clients\.yml\.$/u);
  });

  test('shows a problem of a default once, with the clients', async () => {
    const clients = Array.from({ length: 5 }, (_, index) => `  - clientId: c-${index}\n`).join('');
    expect(await refusalOf(`defaults:\n  writeTo: [vault]\n  secret: { rotate: never }\nclients:\n${clients}`)).toMatch(
      /^clients\.yml:2:13: `writeTo` contains "vault": expected .*\(clients "c-0", "c-1", "c-2" and 2 more\)\.$/u,
    );
  });

  test('shows the problems of inputs as well, and why a secret input is empty', async () => {
    const refusal = await refusalOf('clients: [{ clientId: a, writeTo: [repository], ifExists: no }]', {
      'github-token': '',
      timeout: 'never',
    });
    expect(refusal).toMatch(
      /^`github-token` is empty: .*; clients\.yml:1:59: `ifExists` is "no": .*; `timeout` is "never": .* An input is also empty if the job cannot read/u,
    );
  });

  test('hides a secret of the step wherever the manifest contains it', async () => {
    const defects = [
      `clients: [{ clientId: "${CANARY} ${'x'.repeat(100)}", secret: { rotate: never } }]`,
      `clients: [{ clientId: a, ${CANARY}: 1 }]`,
      `clients: [{ clientId: ${CANARY}, ifExists: 1, secret: { rotate: never } }]`,
      `defaults: { ifExists: no, secret: { rotate: never } }\nclients: [{ clientId: ${CANARY} }]`,
      `clients: [{ clientId: ${CANARY}, secret: { rotate: never } }, { clientId: ${CANARY} }]`,
      `${CANARY}: 1`,
    ];
    for (const defect of defects) {
      const refusal = await refusalOf(defect);
      expect(refusal).toMatch(/^clients\.yml:/u);
      expect(refusal).not.toContain('canary');
    }
  });

  test('about a long secret is cut only after the secret is hidden', async () => {
    const long = `${'x'.repeat(75)}${CANARY}`;
    expect(await refusalOf(`clients: [{ clientId: "${long} y", secret: { rotate: never } }]`)).toContain(
      `"${'x'.repeat(75)}*** y"`,
    );
  });
});

describe('the file of a manifest', () => {
  const VALID = 'clients: [{ clientId: a, secret: { rotate: never } }]';
  const OUTSIDE = 'expected a file in the workspace, and no link that leads out of it.';

  test('can be in a folder, be named by its whole path, and be linked inside of the workspace', async () => {
    using checkout = new Checkout(VALID);
    mkdirSync(path.join(checkout.path, 'vantage'));
    symlinkSync('../clients.yml', path.join(checkout.path, 'vantage', 'link.yml'));
    for (const manifest of [
      './clients.yml',
      path.join(checkout.path, 'clients.yml'),
      'vantage/link.yml',
      ' clients.yml\n',
    ]) {
      expect((await checkout.read({ manifest })).manifestClientIds).toEqual(['a']);
    }
    writeFileSync(path.join(checkout.path, 'vantage', 'wrong.yml'), '');
    expect(await checkout.refusal({ manifest: path.join(checkout.path, 'vantage', 'wrong.yml') })).toMatch(
      /^vantage\/wrong\.yml:1:1: the file is empty/u,
    );
  });

  test('must be in the workspace', async () => {
    using checkout = new Checkout(VALID);
    using other = new Checkout(VALID);
    symlinkSync(path.join(other.path, 'clients.yml'), path.join(checkout.path, 'link.yml'));
    symlinkSync(other.path, path.join(checkout.path, 'folder'));
    const given = [
      'link.yml',
      'folder/clients.yml',
      path.join(other.path, 'clients.yml'),
      `../${path.basename(other.path)}/clients.yml`,
    ];
    for (const manifest of given) {
      expect(await checkout.refusal({ manifest })).toBe(`\`manifest\` is ${JSON.stringify(manifest)}: ${OUTSIDE}`);
    }
  });

  test.each([
    [
      'is missing',
      'other.yml',
      'no such file in the workspace: check the path, and that actions/checkout runs before this step.',
    ],
    [
      'is below a file',
      'clients.yml/x',
      'no such file in the workspace: check the path, and that actions/checkout runs before this step.',
    ],
    ['is a folder', '.', 'expected a file, but this is a folder or a device.'],
    ['is a link to itself', 'loop.yml', 'expected a file, but this is a link that leads to itself.'],
    ['is too large', 'large.yml', 'expected at most 5 MB, but the file has 5.1 MB.'],
    ['is not UTF-8', 'latin.yml', 'expected a file in UTF-8.'],
    ['is UTF-16', 'utf-16.yml', 'expected a file in UTF-8.'],
    ['has an impossible name', 'a\0b', 'expected the path of a YAML file.'],
    ['has a name that is too long', 'a'.repeat(300), /^cannot read the file: .*ENAMETOOLONG/u],
  ])('is refused if it %s', async (_, manifest, why) => {
    using checkout = new Checkout(VALID);
    const inside = (name: string) => path.join(checkout.path, name);
    symlinkSync('loop.yml', inside('loop.yml'));
    writeFileSync(inside('large.yml'), `# ${'x'.repeat(5.1 * 1024 * 1024)}\n${VALID}`);
    writeFileSync(inside('latin.yml'), Buffer.from('clients: [{ clientId: größe }]', 'latin1'));
    writeFileSync(inside('utf-16.yml'), Buffer.from(`\uFEFF${VALID}`, 'utf16le'));
    const refusal = await checkout.refusal({ manifest });
    const shown = `\`manifest\` is ${JSON.stringify(manifest.length > 80 ? `${manifest.slice(0, 80)}…` : manifest)}: `;
    expect(refusal.startsWith(shown)).toBe(true);
    expect(refusal.slice(shown.length)).toEqual(typeof why === 'string' ? why : expect.stringMatching(why));
  });

  test('is refused if the step may not read it', async () => {
    using checkout = new Checkout(VALID);
    chmodSync(path.join(checkout.path, 'clients.yml'), 0o000);
    // The superuser may read every file.
    const expected =
      process.getuid?.() === 0
        ? 'accepted'
        : '`manifest` is "clients.yml": the step has no permission to read the file.';
    expect(await checkout.refusal()).toBe(expected);
  });

  test('needs a workspace', async () => {
    await expect(readInputs({ manifest: 'clients.yml' })).rejects.toThrow('the runner does not set GITHUB_WORKSPACE');
  });
});

describe('with a manifest', () => {
  const VALID = 'clients: [{ clientId: a, writeTo: [repository] }]';

  test.each([
    ['client-id', 'a', 'expected it in the manifest, as clientId of a client.'],
    [
      'redirect-uris',
      'https://a.example/',
      'expected it in the manifest, as redirectUris of a client or of the defaults.',
    ],
    ['if-exists', 'fail', 'expected it in the manifest, as ifExists of a client or of the defaults.'],
    ['rotate', 'never', 'expected it in the manifest, as secret.rotate of a client or of the defaults.'],
    ['verify', 'false', 'expected it in the manifest, as secret.verify of a client or of the defaults.'],
    ['write-to', 'repository', 'expected it in the manifest, as writeTo of a client or of the defaults.'],
    ['secret-name', 'X', 'expected it in the manifest, as secretName of a client or of the defaults.'],
    [
      'output-secret',
      'true',
      'expected no such input with manifest, which delivers secrets to GitHub and none to the job.',
    ],
    [
      'revoke-at-job-end',
      'true',
      'expected no such input with manifest, which delivers secrets to GitHub and none to the job.',
    ],
  ])('a step sets no %s', async (name, value, why) => {
    expect(await refusalOf(VALID, { [name]: value })).toBe(`\`${name}\` is ${JSON.stringify(value)}: ${why}`);
  });

  test('a step passes no secret in use, and the error does not show it', async () => {
    expect(await refusalOf(VALID, { 'current-secret': CANARY })).toBe(
      '`current-secret` is set (value not shown): expected no such input with manifest, which delivers secrets to GitHub and none to the job.',
    );
  });

  test('a step may have the defaults of action.yml, which the runner passes', async () => {
    const given = {
      rotate: 'always',
      'rotate-before': '30d',
      'if-exists': 'adopt',
      verify: 'true',
      'secret-name': 'VANTAGE_CLIENT_SECRET',
      'revoke-at-job-end': 'false',
    };
    expect(await clientIdsOf(VALID, given)).toEqual(['a']);
  });

  test('a step creates environments for all clients', async () => {
    const { clients } = await fleetOf(VALID, { 'create-environments': 'true' });
    expect(clients[0]?.request.delivery.github?.createEnvironments).toBe(true);
  });

  test.each(['delete', 'sweep', 'audit'])('mode %s is refused', async mode => {
    const given = { mode, 'client-id': 'a', 'client-id-pattern': 'a-{pr}' };
    expect(await refusalOf(VALID, given)).toBe(
      `\`manifest\` is "clients.yml": expected mode to be ensure, because mode ${mode} reads no manifest.`,
    );
  });

  test.each(['0', '51', 'all'])('%s clients at once are refused', async concurrency => {
    expect(await refusalOf(VALID, { concurrency })).toBe(
      `\`concurrency\` is "${concurrency}": expected an integer from 1 to 50.`,
    );
  });

  test.each(['2', '0/5', '6/5', '1/257', '1/0', '-1/5', '1.5/5', '2 of 5', '/5', '1/5/9'])(
    'the shard %s is refused',
    async shard => {
      expect(await refusalOf(VALID, { shard })).toBe(
        `\`shard\` is "${shard}": expected a share such as 2/5, from 1/1 to 256/256.`,
      );
    },
  );

  test('each client is in one shard, and all are checked in each', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `c-${index}`);
    const manifest = `defaults: { secret: { rotate: never } }\nclients:\n${ids.map(id => `  - clientId: ${id}\n`).join('')}`;
    const shards = await Promise.all(['1/3', '2/3', '3/3'].map(shard => fleetOf(manifest, { shard })));
    const found = shards.map(({ clients }) => clients.map(({ request }) => request.client.clientId));
    expect(found.flat().toSorted()).toEqual(ids.toSorted());
    expect(found.every(one => one.length > 0)).toBe(true);
    expect(shards.map(({ shard }) => shard)).toEqual([1, 2, 3].map(index => ({ index, count: 3 })));
    expect(shards.every(({ manifestClientIds }) => manifestClientIds.length === 40)).toBe(true);
    const wrong = manifest.replace('clientId: c-7\n', 'clientId: c-7\n    ifExists: maybe\n');
    const refusals = await Promise.all(['1/3', '2/3', '3/3'].map(shard => refusalOf(wrong, { shard })));
    expect(new Set(refusals)).toEqual(
      new Set(['clients.yml:11:15: `ifExists` is "maybe": expected adopt, update, or fail.']),
    );
  });

  test('dangerous settings are one warning for all clients that have them, only in their shard', async () => {
    const ids = Array.from({ length: 5 }, (_, index) => `c-${index}`);
    const clients = ids.map(id => `  - { clientId: ${id}, redirectUris: [http://${id}.example/] }\n`).join('');
    const manifest = `defaults: { allowNoPkce: true, secret: { rotate: never } }\nclients:\n${clients}`;
    const { warnings } = await fleetOf(manifest);
    expect(warnings[0]).toBe(
      'clients.yml:3:5: `redirectUris`: "http://c-0.example/" uses http: others can read what is sent there (client "c-0").',
    );
    expect(warnings[1]).toBe(
      'clients.yml:3:5: `allowNoPkce` is true: anyone who steals an authorization code can redeem it (clients "c-0", "c-1", "c-2" and 2 more).',
    );
    expect(warnings).toHaveLength(6);
    expect(warnings[5]).toBe('The manifest has 1 more settings of this kind.');
    const shards = await Promise.all(['1/2', '2/2'].map(shard => fleetOf(manifest, { shard })));
    expect(shards.map(shard => shard.warnings.filter(line => line.includes('uses http')).length)).toEqual(
      shards.map(shard => shard.clients.length),
    );
  });
});

test('a shard without a manifest is refused', async () => {
  await expect(readInputs({ 'client-id': 'a', shard: '1/2' })).rejects.toThrow(
    '`shard` is "1/2": expected a manifest, whose clients are shared.',
  );
});

describe('a manifest that would take long is refused in little time', () => {
  const MEGABYTES = 4.9 * 1024 * 1024;
  const bomb = (levels: number) =>
    [
      'a0: &a0 [x, x, x, x, x, x, x, x, x]',
      ...Array.from({ length: levels }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(', ')}]`),
    ].join('\n');
  const long = `[${Array.from({ length: 900 }, (_, index) => `https://a.example/${'x'.repeat(100)}/${index}`).join(', ')}]`;

  test.each([
    ['a bomb of aliases', `${bomb(9)}\nclients: *a9\n`, /`a0` is unknown/u],
    [
      'a bomb in a value',
      `clients:\n  - clientId: a\n    redirectUris: &a0 [x]\n    writeTo: [*a0, *a0]\n`,
      /`writeTo` contains a list/u,
    ],
    [
      'a long list for each client',
      `defaults: { redirectUris: ${long}, secret: { rotate: never } }\nclients:\n${Array.from({ length: 5000 }, (_, index) => `  - clientId: c-${index}\n`).join('')}`,
      /`clients` is too large: expected at most 64 MB of text/u,
    ],
    ['a deep list', `clients: ${'['.repeat(MEGABYTES)}`, /expected at most 20 levels/u],
    ['deep blocks', `clients:\n${'- '.repeat(MEGABYTES / 2)}a\n`, /expected at most 20 levels/u],
    ['deep keys', `${'? '.repeat(MEGABYTES / 2)}a\n`, /expected at most 20 levels/u],
    ['a long line', `clients: ${'x'.repeat(MEGABYTES)}`, /`clients` is "x+…"/u],
    ['many comments', '# x\n'.repeat(MEGABYTES / 4), /end before 1500000 words/u],
    ['many keys', Array.from({ length: 100_000 }, (_, index) => `k${index}: 1`).join('\n'), /and at least 980 more/u],
  ])('%s', async (_, manifest, why) => {
    const before = process.cpuUsage();
    expect(await refusalOf(manifest)).toMatch(why);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(15);
  });
});
