/**
 * The Azure CLI, as far as the examples use it: `az keyvault secret show` and `set`, with the options, the messages and the
 * exit codes of the real one. It keeps what it stores in a file.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

interface StoredSecret {
  readonly value: string;
  readonly tags: Readonly<Record<string, string>>;
}

const state = process.env.COMMAND_STATE ?? '';
const file = path.join(state, 'vault.json');

/** Ends as the real one does: with its message, and an exit code that is not 0. */
function refuse(message: string, code = 1): never {
  process.stderr.write(`ERROR: ${message}\n`);
  process.exit(code);
}

const [group, noun, verb, ...args] = process.argv.slice(2);
const command = [group, noun, verb].join(' ');
const OPTIONS = {
  'keyvault secret show': ['vault-name', 'name', 'query', 'output'],
  'keyvault secret set': ['vault-name', 'name', 'file', 'encoding', 'tags', 'output'],
} as const satisfies Record<string, readonly string[]>;

if (!(command in OPTIONS)) {
  refuse(`'${command}' is misspelled or not recognized by the system.`, 2);
}
const options = Object.fromEntries(
  OPTIONS[command as keyof typeof OPTIONS].map(name => [name, { type: 'string' as const }]),
);
const { values } = parseArgs({ args, options });
const { name = '', query, output } = values;
if (!existsSync(path.join(state, 'azure-login'))) {
  refuse("Please run 'az login' to setup account.");
}
if (values['vault-name'] !== 'octo-vault' || name === '') {
  refuse('the following arguments are required: --vault-name, --name', 2);
}
const stored: Record<string, StoredSecret> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};

if (command === 'keyvault secret show') {
  const secret = stored[name];
  if (existsSync(path.join(state, 'vault-forbidden'))) {
    refuse('(Forbidden) Caller is not authorized to perform action on resource.');
  }
  if (!secret) {
    refuse(`(SecretNotFound) A secret with (name/id) ${name} was not found in this key vault.`, 3);
  }
  print(secret);
} else {
  if (values.file !== '/dev/stdin' || values.encoding !== 'utf-8') {
    refuse('incorrect usage: [Required] --value VALUE | --file PATH');
  }
  const [tag = '', ...rest] = (values.tags ?? '').split('=');
  const secret = { value: readFileSync(0, 'utf8'), tags: { ...(tag ? { [tag]: rest.join('=') } : {}) } };
  writeFileSync(file, JSON.stringify({ ...stored, [name]: secret }));
  print(secret);
}

/** Prints a result as `--query` and `--output` ask, the value of the secret included. Prints nothing if it is null. */
function print(secret: StoredSecret): void {
  const queried: Record<string, string | undefined> = {
    value: secret.value,
    'tags."rotation-due"': secret.tags['rotation-due'],
  };
  if (output === 'none') {
    return;
  }
  if (query === undefined) {
    process.stdout.write(`${JSON.stringify(secret)}\n`);
  } else if (!(query in queried) || output !== 'tsv') {
    refuse(`argument --query: invalid jmespath_type value: '${query}'`, 2);
  } else if (queried[query] !== undefined) {
    process.stdout.write(`${queried[query]}\n`);
  }
}
