/**
 * The GitHub CLI, as far as the examples use it: `gh issue list`, `create` and `comment`, and `gh label create`. It keeps
 * labels and issues in a file, and refuses a token without `issues: write`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly label: string;
  readonly state: 'open' | 'closed';
  /** The text of the issue, and of each comment. */
  readonly texts: readonly string[];
}

interface Store {
  readonly labels: readonly string[];
  readonly issues: readonly Issue[];
}

const state = process.env.COMMAND_STATE ?? '';
const file = path.join(state, 'issues.json');

function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const tokens: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(path.join(state, 'tokens.json'), 'utf8'),
);
const permissions = tokens[process.env.GH_TOKEN ?? ''];
if (!permissions) {
  refuse('To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.');
}
if (permissions.issues !== 'write') {
  refuse('GraphQL: Resource not accessible by integration');
}
if (process.env.GH_REPO !== 'octo-org/octo-repo') {
  refuse('failed to run git: fatal: not a git repository (or any of the parent directories): .git');
}

const [noun, verb, ...args] = process.argv.slice(2);
const store: Store = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { labels: [], issues: [] };
const save = (changed: Partial<Store>) => writeFileSync(file, JSON.stringify({ ...store, ...changed }));
const text = { type: 'string' } as const;

switch (`${noun} ${verb}`) {
  case 'label create': {
    const { positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { force: { type: 'boolean' }, description: text },
    });
    save({ labels: [...new Set([...store.labels, ...positionals])] });
    break;
  }
  case 'issue list': {
    const { values } = parseArgs({ args, options: { label: text, state: text, limit: text, json: text, jq: text } });
    if (values.json !== 'number' || values.jq !== '.[].number') {
      refuse('failed to parse jq expression');
    }
    const found = store.issues.filter(one => one.label === values.label && one.state === values.state).toReversed();
    for (const { number } of found.slice(0, Number(values.limit))) {
      process.stdout.write(`${number}\n`);
    }
    break;
  }
  case 'issue create': {
    const { values } = parseArgs({ args, options: { title: text, label: text, 'body-file': text } });
    const { title = '', label = '' } = values;
    if (!store.labels.includes(label)) {
      refuse(`could not add label: '${label}' not found`);
    }
    const number = store.issues.length + 1;
    const body = readFileSync(values['body-file'] ?? '', 'utf8');
    save({ issues: [...store.issues, { number, title, label, state: 'open', texts: [body] }] });
    process.stdout.write(`https://github.com/octo-org/octo-repo/issues/${number}\n`);
    break;
  }
  case 'issue comment': {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { 'body-file': text } });
    const commented = store.issues.find(({ number }) => String(number) === positionals[0]);
    if (!commented) {
      refuse(`GraphQL: Could not resolve to an issue or pull request with the number of ${positionals[0]}.`);
    }
    const body = readFileSync(values['body-file'] ?? '', 'utf8');
    const changed = { ...commented, texts: [...commented.texts, body] };
    save({ issues: store.issues.map(one => (one === commented ? changed : one)) });
    break;
  }
  default:
    refuse(`unknown command "${noun} ${verb}" for "gh"`);
}
