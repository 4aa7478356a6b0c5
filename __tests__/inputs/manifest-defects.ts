import { CANARY } from '../support/inputs.ts';

/** A manifest with one defect. */
export interface Defect {
  readonly what: string;
  readonly text: string;
  /** What the error says, from the line and column. */
  readonly says: string;
  /** Whether the JSON Schema rejects it too, so that an editor shows it. */
  readonly inSchema: boolean;
}

const whole =
  (inSchema: boolean) =>
  (what: string, text: string, says: string): Defect => ({ what, text, says, inSchema });

/** A defect of the whole file. */
const file = whole(false);
/** The same, and an editor shows it. */
const shownFile = whole(true);

/** The lines in a client, from line 4, column 5. */
const inClient = (lines: string) =>
  `clients:\n  - clientId: invoices\n    writeTo: [repository]\n${lines.replaceAll(/^(?=.)/gmu, '    ')}\n`;

const client = (what: string, lines: string, says: string) => file(what, inClient(lines), says);
const shown = (what: string, lines: string, says: string) => shownFile(what, inClient(lines), says);

/** A client of its own, from line 2, column 5. */
const alone = (lines: string) => `clients:\n  - ${lines.replaceAll(/\n(?=.)/gu, '\n    ')}\n`;

export const DEFECTS: readonly Defect[] = [
  shownFile('nothing', '', '1:1: the file is empty: expected a map with defaults and clients.'),
  shownFile('only a comment', '# later\n\n', '1:1: the file is empty: expected a map with defaults and clients.'),
  shownFile(
    'only the start of a document',
    '---\n',
    '1:1: the file is empty: expected a map with defaults and clients.',
  ),
  shownFile(
    'a list',
    '- clientId: invoices\n',
    '1:1: the file contains a list: expected a map with defaults and clients.',
  ),
  shownFile('a text', 'clients\n', '1:1: the file contains "clients": expected a map with defaults and clients.'),
  shownFile('a number', '42\n', '1:1: the file contains the number 42: expected a map with defaults and clients.'),
  shownFile(
    'a misspelled key of the file',
    'client:\n  - clientId: invoices\n    secret: { rotate: never }\n',
    '1:1: `client` is unknown: did you mean clients?',
  ),
  shownFile(
    'another key',
    'version: 1\nclients:\n  - clientId: invoices\n    writeTo: [repository]\n',
    '1:1: `version` is unknown: expected only defaults and clients.',
  ),
  shownFile(
    'no clients',
    'defaults: { requireConsent: true }\n',
    '1:1: `clients` is missing: expected a list of clients.',
  ),
  shownFile(
    'clients without a value',
    'clients:\n',
    '1:9: `clients` is null: expected a list with at least one client.',
  ),
  shownFile(
    'no client in the list',
    'clients: []\n',
    '1:10: `clients` is an empty list: expected a list with at least one client.',
  ),
  shownFile(
    'a map of clients',
    'clients:\n  invoices: { writeTo: [repository] }\n',
    '2:3: `clients` is a map: expected a list with at least one client.',
  ),
  shownFile(
    'a text instead of the clients',
    'clients: invoices\n',
    '1:10: `clients` is "invoices": expected a list with at least one client.',
  ),
  shownFile(
    'a list of defaults',
    `defaults:\n  - requireConsent: true\n${alone('clientId: a\nwriteTo: [repository]')}`,
    '2:3: `defaults` is a list: expected a map.',
  ),
  shownFile(
    'defaults without a value',
    `defaults:\n${alone('clientId: a\nwriteTo: [repository]')}`,
    '1:10: `defaults` is null: expected a map.',
  ),
  shownFile(
    'an id in the defaults',
    `defaults: { clientId: a }\n${alone('clientId: b\nwriteTo: [repository]')}`,
    '1:13: `clientId` is in the defaults: expected an id only for each client.',
  ),
  file(
    'clients twice',
    alone('clientId: a\nwriteTo: [repository]') + alone('clientId: b\nsecret: { rotate: never }'),
    '4:1: `clients` is set twice: it is also set at clients.yml:1:1.',
  ),
  file(
    'two documents',
    `${alone('clientId: a\nwriteTo: [repository]')}---\nclients: []\n`,
    '4:1: a second document begins here: expected one document.',
  ),
  file(
    'an older YAML',
    `%YAML 1.1\n---\n${alone('clientId: a\nwriteTo: [repository]')}`,
    '1:1: expected no directive other than %YAML 1.2.',
  ),
  file(
    'a directive',
    `%TAG ! tag:example.com,2026:\n---\n${alone('clientId: a\nwriteTo: [repository]')}`,
    '1:1: expected no directive other than %YAML 1.2.',
  ),
  shownFile(
    'a merge key',
    `defaults: &all { requireConsent: true }\n${alone('clientId: a\nwriteTo: [repository]\n<<: *all')}`,
    '5:5: `<<` is unknown: expected no merge key, because YAML 1.2 has none. Use `defaults`, or an alias for a whole value.',
  ),
  shownFile(
    '30 levels',
    `defaults: ${'['.repeat(30)}${']'.repeat(30)}\nclients: []\n`,
    '1:30: expected at most 20 levels.',
  ),

  client('a tab as indentation', 'secret:\n\trotate: never', '5:5: Tabs are not allowed as indentation.'),
  client('an open quote', 'clientName: "Invoices', '5:1: Missing closing "quote.'),
  client(
    'an open list',
    'redirectUris: [https://a.example/',
    '5:1: Flow sequence in block collection must be sufficiently indented and end with a ].',
  ),
  client(
    'a colon in a text',
    'clientName: Invoices: staging',
    '4:17: Nested mappings are not allowed in compact mappings.',
  ),
  client(
    'a key at the wrong column',
    '  clientName: Invoices',
    '4:1: All mapping items must start at the same column.',
  ),
  client('no colon', 'clientName Invoices', '4:5: Implicit map keys need to be followed by map values.'),
  client(
    'an unknown escape',
    'clientName: "In\\voices"',
    '4:17: `clientName` is "In\\u000boices": expected one line without control characters.',
  ),
  client(
    'a list that ends too often',
    'redirectUris: [https://a.example/]]',
    '4:39: Unexpected flow-seq-end token in YAML stream.',
  ),
  client('a reserved character', 'clientName: @invoices', '4:17: Plain value cannot start with reserved character @.'),
  client('a tag', 'clientName: !!str 5', '4:23: expected no tag. To make a value text, put it in quotes.'),
  client(
    'a tag of its own',
    'redirectUris: !uris [https://a.example/]',
    '4:25: expected no tag. To make a value text, put it in quotes.',
  ),
  client('a tag of a key', '!!str clientName: Invoices', '4:11: expected text as a key.'),
  client(
    'an alias without an anchor',
    'clientName: *name',
    '4:17: expected an alias of an anchor that is defined before it.',
  ),
  client(
    'an alias before its anchor',
    'clientName: *name\nsecretName: &name NAME',
    '4:17: expected an alias of an anchor that is defined before it.',
  ),
  shown(
    'an alias in its own anchor',
    'redirectUris: &uris [https://a.example/, *uris]',
    '4:46: expected an alias of an anchor that is defined before it.',
  ),
  shown('a number as a key', '1: one', '4:5: expected text as a key.'),
  shown('a list as a key', '? [clientName]\n: Invoices', '4:7: expected text as a key.'),
  shown('nothing as a key', '? \n: Invoices', '4:7: expected text as a key.'),

  shownFile(
    'a text in the list',
    'clients:\n  - invoices\n',
    '2:5: `clients` contains "invoices": expected a map with clientId.',
  ),
  shownFile(
    'a number in the list',
    'clients:\n  - 7\n',
    '2:5: `clients` contains the number 7: expected a map with clientId.',
  ),
  shownFile('nothing in the list', 'clients:\n  -\n', '2:4: `clients` contains null: expected a map with clientId.'),
  shownFile(
    'a list in the list',
    'clients:\n  - [invoices]\n',
    '2:5: `clients` contains a list: expected a map with clientId.',
  ),
  shownFile(
    'a client without an id',
    alone('clientName: Invoices\nwriteTo: [repository]'),
    '2:5: `clientId` is missing: expected the id of the client.',
  ),
  shownFile(
    'an id without a value',
    alone('clientId:\nwriteTo: [repository]'),
    '2:14: `clientId` is empty: expected the id of the client.',
  ),
  shownFile(
    'null as an id',
    alone('clientId: null\nwriteTo: [repository]'),
    '2:15: `clientId` is empty: expected the id of the client.',
  ),
  shownFile(
    'a number as an id',
    alone('clientId: 123\nwriteTo: [repository]'),
    '2:15: `clientId` is the number 123: expected text, so put it in quotes: "123".',
  ),
  shownFile(
    'a boolean as an id',
    alone('clientId: true\nwriteTo: [repository]'),
    '2:15: `clientId` is the boolean true: expected text, so put it in quotes: "true".',
  ),
  shownFile(
    'a list as an id',
    alone('clientId: [a, b]\nwriteTo: [repository]'),
    '2:15: `clientId` is a list: expected text.',
  ),
  shownFile(
    'an empty id',
    alone('clientId: ""\nwriteTo: [repository]'),
    '2:15: `clientId` is empty: expected the id of the client.',
  ),
  shownFile(
    'a space in an id',
    alone('clientId: in voices\nwriteTo: [repository]'),
    '2:15: `clientId` is "in voices": expected 1 to 100 printable ASCII characters without spaces.',
  ),
  shownFile(
    'an umlaut in an id',
    alone('clientId: größe\nwriteTo: [repository]'),
    '2:15: `clientId` is "größe": expected 1 to 100 printable ASCII characters without spaces.',
  ),
  shownFile(
    'a long id',
    alone(`clientId: ${'a'.repeat(101)}\nwriteTo: [repository]`),
    '2:15: `clientId` is "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…": expected 1 to 100 printable ASCII characters without spaces.',
  ),
  file(
    'an id that a URL cannot contain',
    alone('clientId: ..\nwriteTo: [repository]'),
    '2:15: `clientId` is "..": expected no "." or ".." as a path segment, because a URL cannot contain it.',
  ),
  file(
    'the same id twice',
    `${alone('clientId: a\nwriteTo: [repository]')}  - clientId: a\n    secret: { rotate: never }\n`,
    '4:15: `clientId` is "a": the client at clients.yml:2:15 has this id too.',
  ),
  file(
    'ids that differ only by case',
    `${alone('clientId: a\nwriteTo: [repository]')}  - clientId: A\n    secret: { rotate: never }\n`,
    '4:15: `clientId` is "A": the client at clients.yml:2:15 has this id too.',
  ),
  file(
    'the same client by an alias',
    'clients:\n  - &a { clientId: a, secret: { rotate: never } }\n  - *a\n',
    '3:5: `clientId` is "a": the client at clients.yml:2:20 has this id too.',
  ),

  shown(
    'an unknown key',
    'owner: me',
    '4:5: `owner` is unknown: expected one of clientId, clientName, allowOfflineAccess, allowRememberConsent, backChannelLogoutSessionRequired, requireClientSecret, requireConsent, allowNoPkce, allowRopc, allowedGrantTypes, allowedScopes, allowedCorsOrigins, redirectUris, postLogoutRedirectUris, accessTokenLifetime, refreshTokenLifetime, ifExists, writeTo, secretName, clientIdVariable, expirationVariable, secret.',
  ),
  shown(
    'a misspelled key',
    'redirectUri: [https://a.example/]',
    '4:5: `redirectUri` is unknown: did you mean redirectUris?',
  ),
  shown('a key with hyphens', 'client-name: Invoices', '4:5: `client-name` is unknown: did you mean clientName?'),
  shown('a key in capitals', 'CLIENT_NAME: Invoices', '4:5: `CLIENT_NAME` is unknown: did you mean clientName?'),
  shown(
    'an input of the step',
    'tenantId: acme',
    '4:5: `tenantId` is unknown: this is an input of the step, for all clients: tenant-id.',
  ),
  shown(
    'an input of the step about GitHub',
    'createEnvironments: true',
    '4:5: `createEnvironments` is unknown: this is an input of the step, for all clients: create-environments.',
  ),
  shown(
    'a token',
    `githubToken: ${CANARY}`,
    '4:5: `githubToken` is unknown: a manifest cannot contain a secret. Pass it to the step as github-token.',
  ),
  shown(
    'the secret in use',
    `currentSecret: ${CANARY}`,
    '4:5: `currentSecret` is unknown: a manifest cannot contain a secret, because everyone who can read the repository could read it. Leave it out: the action finds out which secrets are due from Vantage and from the targets.',
  ),
  shown(
    'an output',
    'outputSecret: true',
    '4:5: `outputSecret` is unknown: a run with a manifest delivers secrets to GitHub, and none to the job.',
  ),
  shown(
    'the end of the job',
    'revoke-at-job-end: true',
    '4:5: `revoke-at-job-end` is unknown: a run with a manifest delivers secrets to GitHub, and none to the job.',
  ),
  shown(
    'a setting of the secret in the wrong place',
    'rotate: never',
    '4:5: `rotate` is unknown: did you mean secret.rotate?',
  ),
  shown(
    'a setting of the secret by the name of its input',
    'secretExpiration: 90d',
    '4:5: `secretExpiration` is unknown: did you mean secret.expiration?',
  ),
  shown(
    'an unknown setting of the secret',
    'secret: { length: 40 }',
    '4:15: `secret.length` is unknown: expected one of rotate, rotateBefore, description, startTime, expiration, verify, pruneAfter.',
  ),
  shown(
    'a misspelled setting of the secret',
    'secret: { rotateBefor: 30d }',
    '4:15: `secret.rotateBefor` is unknown: did you mean secret.rotateBefore?',
  ),
  shown(
    'a setting of the client in the secret',
    'secret: { clientName: Invoices }',
    '4:15: `secret.clientName` is unknown: did you mean clientName, next to secret?',
  ),
  shown('a text as the secret', `secret: ${CANARY}`, '4:13: `secret` is "***": expected a map.'),
  shown('a list as the secret', 'secret:\n  - rotate: never', '5:7: `secret` is a list: expected a map.'),
  shown('a secret without settings', 'secret:', '4:12: `secret` is null: expected a map.'),
  client(
    'a key twice',
    'clientName: Invoices\nclientName: Orders',
    '5:5: `clientName` is set twice: it is also set at clients.yml:4:5.',
  ),
  client(
    'a setting of the secret twice',
    'secret:\n  rotate: never\n  rotate: always',
    '6:7: `secret.rotate` is set twice: it is also set at clients.yml:5:7.',
  ),

  shown(
    'a number as a name',
    'clientName: 2026',
    '4:17: `clientName` is the number 2026: expected text, so put it in quotes: "2026".',
  ),
  shown(
    'a boolean as a name',
    'clientName: true',
    '4:17: `clientName` is the boolean true: expected text, so put it in quotes: "true".',
  ),
  shown('a list as a name', 'clientName: [Invoices]', '4:17: `clientName` is a list: expected text.'),
  shown('a map as a name', 'clientName: { en: Invoices }', '4:17: `clientName` is a map: expected text.'),
  shown(
    'an empty name',
    'clientName: ""',
    '4:17: `clientName` is "": expected a value, or null to do without the default.',
  ),
  file(
    'no name after the colon',
    inClient('clientName:'),
    '4:16: `clientName` has no value: expected a value, or null to do without the default.',
  ),
  client(
    'a name of two lines',
    'clientName: "two\\nlines"',
    '4:17: `clientName` is "two\\nlines": expected one line without control characters.',
  ),
  shown(
    'a name of 5,000 characters',
    `clientName: ${'a'.repeat(5000)}`,
    '4:17: `clientName` has 5000 characters: expected at most 4096.',
  ),
  shown('yes', 'allowNoPkce: yes', '4:18: `allowNoPkce` is "yes": expected true or false.'),
  shown(
    'a quoted boolean',
    'allowNoPkce: "true"',
    '4:18: `allowNoPkce` is "true": expected true or false, without quotes.',
  ),
  shown(
    'a number as a boolean',
    'requireConsent: 1',
    '4:21: `requireConsent` is the number 1: expected true or false.',
  ),
  shown(
    'a text instead of a list',
    'allowedGrantTypes: client_credentials',
    '4:24: `allowedGrantTypes` is "client_credentials": expected a list: each item on a line of its own, after "- ".',
  ),
  shown(
    'a map instead of a list',
    'redirectUris: { first: https://a.example/ }',
    '4:19: `redirectUris` is a map: expected a list: each item on a line of its own, after "- ".',
  ),
  shown(
    'an empty list',
    'redirectUris: []',
    '4:19: `redirectUris` is an empty list: expected a value, or null to do without the default.',
  ),
  shown(
    'a number in a list',
    'redirectUris: [https://a.example/, 8080]',
    '4:40: `redirectUris` contains the number 8080: expected text, so put it in quotes: "8080".',
  ),
  shown(
    'nothing in a list',
    'redirectUris:\n  - https://a.example/\n  -',
    '6:8: `redirectUris` contains null: expected text.',
  ),
  shown(
    'a map in a list',
    'redirectUris:\n  - https: //a.example/',
    '5:9: `redirectUris` contains a map: expected text.',
  ),
  shown(
    'a list in a list',
    'redirectUris: [[https://a.example/]]',
    '4:20: `redirectUris` contains a list: expected text.',
  ),
  shown('an empty text in a list', 'redirectUris: [""]', '4:20: `redirectUris` contains "": expected text.'),
  shown(
    'the same item twice',
    'redirectUris: [https://a.example/, https://a.example/]',
    '4:40: `redirectUris` contains "https://a.example/" twice: expected each item once.',
  ),
  shown(
    '1,001 items',
    `redirectUris: [${Array.from({ length: 1001 }, (_, index) => `https://a.example/${index}`).join(', ')}]`,
    '4:19: `redirectUris` has 1001 items: expected at most 1000.',
  ),
  shown(
    'a boolean as a lifetime',
    'accessTokenLifetime: true',
    '4:26: `accessTokenLifetime` is the boolean true: expected a number of seconds, or text such as 1h.',
  ),
  shown(
    'no lifetime at all',
    'accessTokenLifetime: 0',
    '4:26: `accessTokenLifetime` is "0": expected 1 to 2147483647 seconds.',
  ),
  shown(
    'half a second',
    'accessTokenLifetime: 1.5',
    '4:26: `accessTokenLifetime` is "1.5": expected whole seconds (3600), a duration without months and years (1h), or d.hh:mm:ss.',
  ),
  client(
    'a lifetime in months',
    'accessTokenLifetime: P1M',
    '4:26: `accessTokenLifetime` is "P1M": expected whole seconds (3600), a duration without months and years (1h), or d.hh:mm:ss.',
  ),

  shown(
    'an unknown grant',
    'allowedGrantTypes: [client_credential]',
    '4:25: `allowedGrantTypes` contains "client_credential": expected authorization_code, client_credentials, password, implicit, hybrid, or a URN.',
  ),
  shown(
    'a refresh token as a grant',
    'allowedGrantTypes:\n  - client_credentials\n  - refresh_token',
    '6:9: `allowedGrantTypes` contains "refresh_token": to allow refresh tokens, set allowOfflineAccess to true instead.',
  ),
  client(
    'grants that exclude each other',
    'allowedGrantTypes: [implicit, hybrid]\nredirectUris: [https://a.example/]',
    '4:24: `allowedGrantTypes` contains implicit and hybrid: expected at most one of authorization_code, implicit, and hybrid.',
  ),
  client(
    'a grant without redirect URIs',
    'allowedGrantTypes: [authorization_code]',
    '2:5: `redirectUris` is empty: expected at least one URI, because allowedGrantTypes contains authorization_code.',
  ),
  shown(
    'other scopes',
    'allowedScopes: [openid, permissions]',
    '4:20: `allowedScopes` is "openid\\npermissions": expected exactly openid, permissions, publicapi.all.',
  ),
  shown(
    'an origin with a path',
    'allowedCorsOrigins: [https://a.example/app]',
    '4:26: `allowedCorsOrigins` contains "https://a.example/app": expected http(s)://host[:port] without a path, trailing slash, wildcard, or default port, such as https://a.example.',
  ),
  client(
    'a scheme that runs code',
    'redirectUris:\n  - https://a.example/\n  - javascript:alert(1)',
    '6:9: `redirectUris` contains "javascript:alert(1)": the scheme javascript: is blocked.',
  ),
  shown(
    'a fragment',
    'redirectUris: ["https://a.example/#top"]',
    '4:20: `redirectUris` contains "https://a.example/#top": expected a URI without a fragment (RFC 6749, section 3.1.2).',
  ),
  shown(
    'a relative URI',
    'redirectUris: [/callback]',
    '4:20: `redirectUris` contains "/callback": expected absolute URIs, one per line.',
  ),
  client(
    'a password in a URI',
    `redirectUris: ["https://me:${CANARY}@a.example/"]`,
    '4:20: `redirectUris` contains "https://***@a.example/": expected a URI without a username or password.',
  ),
  shown(
    'a wildcard',
    'redirectUris: ["https://*.example/"]',
    '4:20: `redirectUris` contains "https://*.example/": expected a URI without "*", because Vantage matches prefixes instead of wildcards.',
  ),
  shown('an unknown choice', 'ifExists: replace', '4:15: `ifExists` is "replace": expected adopt, update, or fail.'),
  shown(
    'an unknown rotation',
    'secret: { rotate: monthly }',
    '4:23: `secret.rotate` is "monthly": expected always, when-due, or never.',
  ),
  shown(
    'a lifetime as an item',
    'accessTokenLifetime: [1h]',
    '4:26: `accessTokenLifetime` is a list: expected a number of seconds, or text such as 1h.',
  ),
  shown(
    'a life in days',
    'secret: { expiration: 90 }',
    '4:27: `secret.expiration` is the number 90: expected text, so put it in quotes: "90".',
  ),
  shown(
    'a number of days',
    'secret: { rotateBefore: 30 }',
    '4:29: `secret.rotateBefore` is the number 30: expected text, so put it in quotes: "30".',
  ),
  shown(
    'a duration in words',
    'secret: { rotateBefore: 30 days }',
    '4:29: `secret.rotateBefore` is "30 days": expected a duration, such as 30d.',
  ),
  client(
    'a rotation that never ends',
    'secret: { rotate: when-due, expiration: 30d }',
    '2:5: the default `secret.rotateBefore` of 30d is not shorter than `secret.expiration` 30d (set it to less, such as 10d).',
  ),
  client(
    'a secret for an hour',
    'secret: { expiration: 1h }',
    '4:27: `secret.expiration` is "1h": expected 1 day to 3 years after the start of the secret, because Vantage allows no other life.',
  ),
  client(
    'a secret for four years',
    'secret: { expiration: P4Y }',
    '4:27: `secret.expiration` is "P4Y": expected 1 day to 3 years after the start of the secret, because Vantage allows no other life.',
  ),
  client(
    'a secret that has expired',
    'secret: { expiration: 2020-01-01T00:00:00Z }',
    '4:27: `secret.expiration` is "2020-01-01T00:00:00Z": expected 1 day to 3 years after the start of the secret, because Vantage allows no other life.',
  ),
  shown(
    'a date without a time',
    'secret: { expiration: 2027-06-30 }',
    '4:27: `secret.expiration` is "2027-06-30": expected an RFC 3339 time (2027-01-31T09:00:00Z) or a duration from the start, such as 90d, 12w, P6M, or P1Y.',
  ),
  shown(
    'a start in words',
    'secret: { startTime: tomorrow }',
    '4:26: `secret.startTime` is "tomorrow": expected an RFC 3339 time (2027-01-31T09:00:00Z) or a duration from now.',
  ),
  client(
    'a description like a mark',
    'secret: { description: "[vantage-client a/b]" }',
    '4:28: `secret.description` is "[vantage-client a/b]": expected no "[vantage-client", because the action appends its own ownership mark.',
  ),
  client(
    'secrets that are pruned too soon',
    'secret: { pruneAfter: 1h }',
    '4:27: `secret.pruneAfter` is "1h": expected a duration of at least 1d, such as 7d, because a run can take a day to store its secret.',
  ),
  shown(
    'a text as the verification',
    'secret: { verify: skipped }',
    '4:23: `secret.verify` is "skipped": expected true or false.',
  ),
  shown(
    'a secret name with a hyphen',
    'secretName: MY-SECRET',
    '4:17: `secretName` is "MY-SECRET": expected a name of letters, digits, and _ that does not start with a digit.',
  ),
  shown(
    'a variable name that GitHub reserves',
    'clientIdVariable: GITHUB_CLIENT',
    '4:23: `clientIdVariable` is "GITHUB_CLIENT": expected a name that does not start with GITHUB_.',
  ),
  client(
    'one variable for two values',
    'clientIdVariable: VANTAGE\nexpirationVariable: vantage',
    '5:25: `expirationVariable` is "vantage": expected a name other than that of clientIdVariable.',
  ),

  shownFile(
    'an unknown kind of target',
    alone('clientId: a\nwriteTo: [vault]'),
    '3:15: `writeTo` contains "vault": expected "[actions|dependabot|codespaces|agents] repository [owner/repo]", "environment [owner/repo] NAME", or "[app] organization NAME [all|private|selected]", each with an optional " as SECRET_NAME".',
  ),
  shownFile(
    'a text instead of targets',
    alone('clientId: a\nwriteTo: repository'),
    '3:14: `writeTo` is "repository": expected a list: each item on a line of its own, after "- ".',
  ),
  file(
    'an environment without a name',
    alone('clientId: a\nwriteTo: [environment]'),
    '3:15: `writeTo` contains "environment": expected "[actions|dependabot|codespaces|agents] repository [owner/repo]", "environment [owner/repo] NAME", or "[app] organization NAME [all|private|selected]", each with an optional " as SECRET_NAME".',
  ),
  file(
    'an unknown visibility',
    alone('clientId: a\nwriteTo: [organization acme everyone]'),
    '3:15: `writeTo` contains "organization acme everyone": expected "[actions|dependabot|codespaces|agents] repository [owner/repo]", "environment [owner/repo] NAME", or "[app] organization NAME [all|private|selected]", each with an optional " as SECRET_NAME".',
  ),
  file(
    'a target with a bad name',
    alone('clientId: a\nwriteTo:\n  - repository\n  - repository as 1ST'),
    '5:9: `writeTo` contains "repository as 1ST": expected a name of letters, digits, and _ that does not start with a digit.',
  ),
  file(
    'the same target twice',
    alone('clientId: a\nwriteTo: [repository, actions repository octo-org/octo-repo]'),
    '3:27: `writeTo` contains "actions repository octo-org/octo-repo": another line also names actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET.',
  ),
  file(
    '65 targets',
    alone(`clientId: a\nwriteTo: [${Array.from({ length: 65 }, (_, index) => `environment e${index}`).join(', ')}]`),
    '3:14: `writeTo` contains 65 targets: expected at most 64 in one step, because the ownership mark of the secret names each target.',
  ),
  file(
    'a target on two lines',
    alone('clientId: a\nwriteTo:\n  - |\n    repository\n    environment x'),
    '4:9: `writeTo` contains "repository\\nenvironment x": expected each item on one line.',
  ),
  file(
    'a variable without a place',
    alone('clientId: a\nwriteTo: [dependabot repository]\nclientIdVariable: VANTAGE_ID'),
    '4:23: `clientIdVariable` is "VANTAGE_ID": expected writeTo with an actions target, because the variable is stored next to it.',
  ),
  file(
    'a target that is wrong, and a variable next to it',
    alone('clientId: a\nwriteTo: [environment ..]\nclientIdVariable: VANTAGE_ID'),
    '3:15: `writeTo` contains "environment ..": expected "[actions|dependabot|codespaces|agents] repository [owner/repo]", "environment [owner/repo] NAME", or "[app] organization NAME [all|private|selected]", each with an optional " as SECRET_NAME".',
  ),
  file(
    'no target',
    alone('clientId: a'),
    '2:5: `writeTo` is missing: a new secret must be delivered: name a target, or set secret.rotate to never.',
  ),
  file(
    'no target if a secret may be due',
    alone('clientId: a\nsecret: { rotate: when-due }'),
    '2:5: `writeTo` is missing: a new secret must be delivered: name a target, or set secret.rotate to never.',
  ),
  file(
    'no target, instead of the default',
    `defaults: { writeTo: [repository] }\n${alone('clientId: a\nwriteTo: null')}`,
    '3:5: `writeTo` is missing: a new secret must be delivered: name a target, or set secret.rotate to never.',
  ),

  file(
    'one secret for two clients',
    alone('clientId: a\nwriteTo: [environment x, repository]') +
      '  - clientId: b\n    writeTo:\n      - environment y\n      - actions repository OCTO-ORG/octo-repo as vantage_client_secret\n',
    '6:7: `writeTo` names secret VANTAGE_CLIENT_SECRET in repository OCTO-ORG/octo-repo: the client at clients.yml:2:5 writes it too: expected another place or name for each client.',
  ),
  file(
    'one secret for two clients, by default',
    `defaults: { writeTo: [repository] }\n${alone('clientId: a')}  - clientId: b\n`,
    '4:5: `writeTo` names secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo: the client at clients.yml:3:5 writes it too: expected another place or name for each client.',
  ),
  file(
    'one variable for two clients',
    'defaults: { clientIdVariable: VANTAGE_ID }\n' +
      alone('clientId: a\nwriteTo: [repository as A]') +
      '  - clientId: b\n    writeTo: [repository as B]\n',
    '5:5: `clientIdVariable` names variable VANTAGE_ID in repository octo-org/octo-repo: the client at clients.yml:3:5 writes it too: expected another place or name for each client.',
  ),
  file(
    'one variable for an id and a time',
    alone('clientId: a\nwriteTo: [repository as A]\nclientIdVariable: VANTAGE') +
      '  - clientId: b\n    writeTo: [repository as B]\n    expirationVariable: vantage\n',
    '7:25: `expirationVariable` names variable VANTAGE in repository octo-org/octo-repo: the client at clients.yml:2:5 writes it too: expected another place or name for each client.',
  ),
  shownFile(
    'a wrong default',
    'defaults:\n  ifExists: replace\n' +
      alone('clientId: a\nwriteTo: [repository]') +
      '  - clientId: b\n    secret: { rotate: never }\n',
    '2:13: `ifExists` is "replace": expected adopt, update, or fail (clients "a", "b").',
  ),
  shownFile(
    'a wrong default that no client uses',
    `defaults:\n  expirationVariable: 1ST\n${alone('clientId: a\nsecret: { rotate: never }')}`,
    '2:23: `expirationVariable` is "1ST": expected a name of letters, digits, and _ that does not start with a digit.',
  ),
  shownFile(
    'a wrong default that each client replaces',
    `defaults:\n  redirectUris: [https://a.example/, /callback]\n${alone('clientId: a\nredirectUris: [https://a.example/]\nsecret: { rotate: never }')}`,
    '2:38: `redirectUris` contains "/callback": expected absolute URIs, one per line.',
  ),
  file(
    'a default that one client cannot have',
    'defaults:\n  secret: { rotate: when-due, expiration: 90d }\n' +
      alone('clientId: a\nwriteTo: [repository]\nsecret: { expiration: 7d }'),
    '4:5: the default `secret.rotateBefore` of 30d is not shorter than `secret.expiration` 7d (set it to less, such as 2d).',
  ),
];
