import { parseArgs } from 'node:util';
import { INPUTS, SECRET_INPUTS } from '../../src/inputs/names.ts';

/** The options of `npm start`. */
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

/** An invalid command line. Its message is for the user. */
export class UsageError extends Error {}

export const HELP = `Runs the action as a GitHub runner would, with the inputs of examples/quick-start.yml and
examples/bootstrap.yml, and shows what a user would see.

Usage: npm start -- [options]

The embedded Vantage and GitHub, which are used unless --base-url is given:
  --tier 0|1            what Vantage offers: 0 only the documented operations, 1 also reads and updates (default: 1)
  --keep                keep both running afterwards, and show how to use them in your own workflows
  --port NUMBER         where Vantage listens on 127.0.0.1 (default: any free port)

Another Vantage, self-hosted or ABBYY's, with examples/quick-start.yml alone:
  --base-url URL        such as https://vantage-eu.abbyy.com
  --tenant-id ID        the tenant, from Configuration → General
  Sign in by environment variables, never by options, which other users of the machine can read:
    VANTAGE_ADMIN_CLIENT_ID and VANTAGE_ADMIN_CLIENT_SECRET,
    the two with VANTAGE_ADMIN_USERNAME and VANTAGE_ADMIN_PASSWORD, or
    VANTAGE_ACCESS_TOKEN
  and GITHUB_TOKEN to write to GitHub, where --input write-to=TARGET is given; the target names its repository
  HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS are passed on.
  This creates a real client, and a secret that is not shown. See also: --input dry-run=true

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
  if (tier !== '0' && tier !== '1') throw new UsageError(`--tier expects 0 or 1, not ${tier}.`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError(`--port expects a number, not ${port}.`);
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
  if (!input) throw new UsageError(`--input expects NAME=VALUE with the name of an input, not ${name}.`);
  if (SECRET_INPUTS.includes(input))
    throw new UsageError(`--input ${name} would show a secret to others. See --help for the variables.`);
  return [input, value.join('=')];
}
