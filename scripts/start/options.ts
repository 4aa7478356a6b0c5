import { parseArgs } from 'node:util';
import { INPUTS, SECRET_INPUTS } from '../../src/inputs/names.ts';

/** What `npm start` was asked to do. */
export interface StartOptions {
  readonly help: boolean;
  /** Another Vantage than the embedded one. */
  readonly elsewhere: { readonly baseUrl: string; readonly tenantId: string } | undefined;
  readonly tier: 0 | 1;
  readonly keep: boolean;
  readonly port: number;
  /** Inputs that replace those of the examples. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** A command line that cannot be understood. Its message is for the user. */
export class UsageError extends Error {}

export const HELP = `Runs the action as a GitHub runner would, with the inputs of examples/quick-start.yml and
examples/bootstrap.yml, and shows what a user would see.

Usage: npm start -- [options]

The embedded Vantage and GitHub, which are used unless --base-url is given:
  --tier 0|1            what Vantage offers: 0 is the documented operations alone, 1 reads and updates too (default: 1)
  --keep                leave both running afterwards, and say how to use them for workflow tries of your own
  --port NUMBER         where Vantage listens on 127.0.0.1 (default: any free port)

Another Vantage, self-hosted or ABBYY's, with examples/quick-start.yml alone:
  --base-url URL        such as https://vantage-eu.abbyy.com
  --tenant-id ID        the tenant, from Configuration → General
  Sign in by environment variables, never by options, which other users of the machine can read:
    VANTAGE_ADMIN_CLIENT_ID and VANTAGE_ADMIN_CLIENT_SECRET,
    the two with VANTAGE_ADMIN_USERNAME and VANTAGE_ADMIN_PASSWORD, or
    VANTAGE_ACCESS_TOKEN
  and GITHUB_TOKEN to write to GitHub, where --input write-to=TARGET is given; the target names its repository
  HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS are handed on.
  This really creates the client and a secret that nobody will see. See also: --input dry-run=true

Both:
  --input NAME=VALUE    an input of the action in place of the examples'; may be given more than once
  --help                this text
`;

/**
 * Reads the command line.
 * @throws UsageError
 */
export function readOptions(args: readonly string[]): StartOptions {
  const values = parse(args);
  const { 'base-url': baseUrl, 'tenant-id': tenantId, tier = '1', port = '0' } = values;
  if ((baseUrl === undefined) !== (tenantId === undefined)) {
    throw new UsageError('--base-url and --tenant-id go together.');
  }
  const ofEmulator = (['tier', 'keep', 'port'] as const).find(name => values[name] !== undefined);
  if (baseUrl !== undefined && ofEmulator) {
    throw new UsageError(`--${ofEmulator} is for the embedded Vantage, not for ${baseUrl}.`);
  }
  if (tier !== '0' && tier !== '1') throw new UsageError(`--tier takes 0 or 1, not ${tier}.`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError(`--port takes a number, not ${port}.`);
  return {
    help: values.help ?? false,
    elsewhere: baseUrl !== undefined && tenantId !== undefined ? { baseUrl, tenantId } : undefined,
    tier: tier === '0' ? 0 : 1,
    keep: values.keep ?? false,
    port: Number(port),
    inputs: Object.fromEntries((values.input ?? []).map(readInput)),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean' },
        'base-url': { type: 'string' },
        'tenant-id': { type: 'string' },
        tier: { type: 'string' },
        keep: { type: 'boolean' },
        port: { type: 'string' },
        input: { type: 'string', multiple: true },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function readInput(text: string): [name: string, value: string] {
  const [name, ...value] = text.split('=');
  const input = INPUTS.find(known => known === name);
  if (!input) throw new UsageError(`--input takes NAME=VALUE with the name of an input, not ${name}.`);
  if (SECRET_INPUTS.includes(input))
    throw new UsageError(`--input ${name} would show a secret to others. See --help for the variables.`);
  return [input, value.join('=')];
}
