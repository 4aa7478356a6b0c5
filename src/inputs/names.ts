/**
 * Every input of the action: the one place that names them. `action.yml` and the tables of the README are generated
 * from this table, and nothing else in the code may read an input that does not stand here.
 */
export interface Input {
  /** The part of the README's tables that the input stands in. */
  readonly part: 'Vantage' | 'Signing in' | 'Client' | 'Secret' | 'Hand-off' | 'Run';
  /** What a user needs to know to fill it in: one or two sentences of Markdown. */
  readonly description: string;
  /** What the runner passes where the workflow gives nothing. An input without a default is passed as ''. */
  readonly default?: string;
  /** Its value is a secret: it is masked, and no error quotes it. */
  readonly secret?: true;
}

const table = {
  'base-url': {
    part: 'Vantage',
    description:
      'Origin of the Vantage to talk to, such as `https://vantage-eu.abbyy.com` or a self-hosted one. https only; plain http for a loopback address alone. Exactly one of `base-url` and `region`.',
  },
  region: { part: 'Vantage', description: '`us`, `eu` or `au`: short for `https://vantage-REGION.abbyy.com`.' },
  'tenant-id': {
    part: 'Vantage',
    description:
      'The tenant, from Configuration → General. A GUID is sent with hyphens in lower case; anything else is sent as it is.',
  },
  'api-version': { part: 'Vantage', description: '`v1` or `v2` of the admin API.', default: 'v2' },

  'access-token': {
    part: 'Signing in',
    description: 'A bearer token of a Tenant Administrator. The first of the three ways to sign in.',
    secret: true,
  },
  'auth-client-id': {
    part: 'Signing in',
    description: 'The client to sign in with, by client credentials, or for `username` and `password`.',
  },
  'auth-client-secret': { part: 'Signing in', description: 'The secret of `auth-client-id`.', secret: true },
  username: {
    part: 'Signing in',
    description:
      'A Tenant Administrator to sign in as (resource owner password). Not possible in a tenant with an external identity provider.',
  },
  password: { part: 'Signing in', description: 'The password of `username`.', secret: true },
  'auth-scope': {
    part: 'Signing in',
    description: 'The scope to ask for when signing in.',
    default: 'openid permissions global.wildcard',
  },

  'client-id': {
    part: 'Client',
    description: 'The client that the workflow wants: 1 to 100 printable ASCII characters without a space.',
  },
  'client-name': {
    part: 'Client',
    description: 'Its name. A client that is created without one gets its id as its name.',
  },
  'allow-offline-access': { part: 'Client', description: 'Whether refresh tokens are issued. Vantage: `false`.' },
  'allow-remember-consent': {
    part: 'Client',
    description: 'Whether a user may have their consent remembered. Vantage: `true`.',
  },
  'back-channel-logout-session-required': {
    part: 'Client',
    description: 'Whether back-channel logout needs the session id. Vantage: `true`.',
  },
  'require-client-secret': { part: 'Client', description: 'Whether the client must show a secret. Vantage: `true`.' },
  'require-consent': { part: 'Client', description: 'Whether a consent screen is shown. Vantage: `false`.' },
  'allow-no-pkce': {
    part: 'Client',
    description: 'Whether the authorization code flow works without PKCE. `true` is warned of. Vantage: `false`.',
  },
  'allow-ropc': {
    part: 'Client',
    description: 'Whether the resource owner password flow is allowed. Documented for v1 alone; `true` is warned of.',
  },
  'allowed-grant-types': {
    part: 'Client',
    description:
      '`authorization_code`, `client_credentials`, `password`, `implicit`, `hybrid`: one a line, or parted by space or comma. A client that is created without it gets `authorization_code` where `redirect-uris` is given, else `client_credentials`.',
  },
  'allowed-scopes': {
    part: 'Client',
    description: 'Vantage takes exactly `openid`, `permissions` and `publicapi.all`, which is what a new client gets.',
  },
  'allowed-cors-origins': {
    part: 'Client',
    description: 'Origins (`scheme://host[:port]`, no path) whose pages may call the token endpoint, one a line.',
  },
  'redirect-uris': {
    part: 'Client',
    description:
      'Where sign-ins may return to, one a line. Vantage matches them as prefixes: end each host with a `/`.',
  },
  'post-logout-redirect-uris': { part: 'Client', description: 'Where sign-outs may return to, one a line.' },
  'access-token-lifetime': {
    part: 'Client',
    description:
      'v2 only. `3600` or a duration such as `1h` is sent as seconds; `1.00:00:00` is sent as it is. Vantage: 24 hours.',
  },
  'refresh-token-lifetime': {
    part: 'Client',
    description: 'v2 only. As `access-token-lifetime`, counted from the first access token. Vantage: 30 days.',
  },
  'if-exists': {
    part: 'Client',
    description:
      'What to do with a client that is there already. `adopt`: leave its settings and report how they differ. `update`: write the settings given here, where Vantage offers that. `fail`: stop.',
    default: 'adopt',
  },

  rotate: {
    part: 'Secret',
    description: '`always` mints a secret on each run, `when-due` only when it must, `never` only ensures the client.',
    default: 'always',
  },
  'rotate-before': {
    part: 'Secret',
    description:
      '`when-due`: a secret is due once less than this is left of its life. Must be shorter than that life. `audit`: a secret is expiring once less than this is left.',
    default: '30d',
  },
  'current-secret': {
    part: 'Secret',
    description:
      '`when-due`: the stored secret, handed back by the workflow. It is tried at the token endpoint; refused there, it is due at once.',
    secret: true,
  },
  'secret-description': {
    part: 'Secret',
    description: 'Goes before the ownership mark in the description of the secret.',
  },
  'secret-start-time': {
    part: 'Secret',
    description: 'When the secret begins to work: RFC 3339, or a duration from now. Vantage: at once.',
  },
  'secret-expiration': {
    part: 'Secret',
    description:
      'When the secret ends: RFC 3339, or a duration from its start: `90d`, `12w`, `P6M`, `P1Y`. 1 day to 3 years. Vantage: six months.',
  },
  verify: {
    part: 'Secret',
    description: 'Prove the new secret at the token endpoint before it is handed out.',
    default: 'true',
  },
  'prune-after': {
    part: 'Secret',
    description:
      'Delete this action’s own secrets that were superseded longer ago than this, `1d` or more, where Vantage lets secrets be listed and deleted. Empty: never. With an output it needs `current-secret`, as nothing else tells what is in use.',
  },
  'revoke-at-job-end': {
    part: 'Secret',
    description:
      'Delete the new secret when the job ends, where Vantage offers that. It expires in one day unless `secret-expiration` is given. Not together with `write-to`.',
    default: 'false',
  },

  'write-to': {
    part: 'Hand-off',
    description:
      'Where the secret is written (with `mode: delete`: where it is deleted), one target a line: `[actions|dependabot|codespaces|agents] repository [owner/repo]`, `environment [owner/repo] NAME`, `[app] organization NAME [all|private|selected]`, each with an optional ` as SECRET_NAME`. The app is `actions`, the repository the workflow’s own, unless the line says otherwise.',
  },
  'output-secret': {
    part: 'Hand-off',
    description: 'Set the `client-secret` output. Default: `true` without `write-to`, else `false`.',
  },
  'secret-name': {
    part: 'Hand-off',
    description: 'Name of the GitHub secret, for the targets that name none.',
    default: 'VANTAGE_CLIENT_SECRET',
  },
  'client-id-variable': {
    part: 'Hand-off',
    description:
      'Name of a GitHub variable that holds the client id, beside each `actions` target. Kept right on every run that looks at the targets; with `mode: delete`, deleted.',
  },
  'expiration-variable': {
    part: 'Hand-off',
    description:
      'Name of a GitHub variable that holds when the secret expires (RFC 3339), beside each `actions` target. `when-due` reads it where Vantage does not list secrets. With `mode: delete`, deleted.',
  },
  'github-token': {
    part: 'Hand-off',
    description:
      'A token that may write the targets: of a GitHub App, or a personal one. The GITHUB_TOKEN of the workflow can never write secrets; for `sweep` it does, with `pull-requests: read`.',
    secret: true,
  },
  'github-api-url': {
    part: 'Hand-off',
    description:
      'The API of the GitHub to write to, GitHub Enterprise Server too. On another GitHub than the workflow’s, each target names its repository, and a sweep is refused.',
    default: '${{ github.api_url }}',
  },
  'create-environments': {
    part: 'Hand-off',
    description: 'Create an environment of `write-to` that is missing.',
    default: 'false',
  },

  mode: {
    part: 'Run',
    description:
      '`ensure`: see to it that the client is there and has a working secret. `delete`: see to it that the client is gone, and with `write-to` its secrets and variables in GitHub. `sweep`: delete the clients of closed pull requests. `audit`: look at every client and secret of the tenant, and change nothing.',
    default: 'ensure',
  },
  'client-id-pattern': {
    part: 'Run',
    description:
      '`sweep`: which clients are of pull requests of this repository: `invoices-pr-{pr}`, where `{pr}` is the number. A client has to match it whole.',
  },
  'max-deletes': {
    part: 'Run',
    description: '`sweep`: a plan to delete more clients than this is refused whole.',
    default: '20',
  },
  'fail-on': {
    part: 'Run',
    description:
      '`audit`: fail the step where it finds `expiring` (a secret that expires or has expired, a client without a valid one), `risky` (a dangerous setting, a secret without an end), or `any` of these.',
    default: 'none',
  },
  concurrency: {
    part: 'Run',
    description: '`sweep`, `audit`: how many clients are looked at, or deleted, at once. 1 to 50.',
    default: '8',
  },
  'dry-run': { part: 'Run', description: 'Read, plan and print; change nothing at all.', default: 'false' },
  timeout: {
    part: 'Run',
    description: 'How long the whole step may take. The last tenth of it, 5 s at most, is kept for cleaning up.',
    default: '5m',
  },
  'request-timeout': { part: 'Run', description: 'How long one attempt of one request may take.', default: '30s' },
  summary: { part: 'Run', description: 'Write the job summary.', default: 'true' },
  matrix: {
    part: 'Run',
    description:
      'Leave it out: its default tells the legs of a matrix apart, so that `prune-after` of one never deletes what another one delivered as an output.',
    default: '${{ toJSON(matrix) }}',
  },
} as const satisfies Record<string, Input>;

/** The name of an input, as a workflow writes it. */
export type InputName = keyof typeof table;

export const INPUTS: Readonly<Record<InputName, Input>> = table;
