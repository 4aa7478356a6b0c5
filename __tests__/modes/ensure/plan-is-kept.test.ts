import { describe, expect, test } from '@jest/globals';
// Loaded before any test, so that each mutant of its constants is active in all of them.
import '../../../src/modes/ensure/run.ts';
import { planVerdict } from '../../../src/plan/plan-lines.ts';
import { Bench, type BenchOptions, type Inputs, type Outcome, START } from '../../support/bench.ts';
import { CLIENT_ID } from '../../support/world.ts';

const THERE = { clientId: CLIENT_ID, clientName: 'Old' };
const day = (days: number) => new Date(Date.parse(START) + days * 24 * 60 * 60_000).toISOString();
const TARGETS = 'repository\nenvironment production as OTHER\nenvironment staging\norganization octo-org selected';
const ALL: Inputs = {
  'write-to': TARGETS,
  'create-environments': 'true',
  'client-id-variable': 'CLIENT_ID',
  'expiration-variable': 'ENDS',
  'secret-expiration': '90d',
};
const WHEN_DUE = { rotate: 'when-due' };

/** What a run changed, from the requests that the servers received: each as the sign and the kind of its line. */
function changesOf({ vantage, github }: Outcome): readonly string[] {
  const done = ({ status = 0 }: { readonly status?: number | undefined }) => status >= 200 && status < 300;
  const inVantage: Record<string, string> = {
    createClient: '+ client',
    updateClient: '! client',
    createSecret: '+ secret',
    deleteSecret: '- secret',
  };
  const inGitHub = ({ method, path }: { readonly method: string; readonly path: string }) => {
    const [last = '', before = ''] = path.split('?')[0]?.split('/').reverse() ?? [];
    if (before === 'environments' && method === 'PUT') return `+ environment ${decodeURIComponent(last)}`;
    if (before === 'repositories' && method === 'PUT') return '+ access';
    if (before === 'secrets' && method === 'PUT') return `! write ${last}`;
    if (last === 'variables' && method === 'POST') return '+ variable';
    return before === 'variables' && method === 'PATCH' ? '! variable' : undefined;
  };
  return [
    ...vantage.filter(done).flatMap(({ route }) => inVantage[route] ?? []),
    ...github.filter(done).flatMap(one => inGitHub(one) ?? []),
  ].sort();
}

/** What a dry run said in its plan, in the same words. The output of the job is no request. */
function plannedBy({ record }: Outcome): readonly string[] {
  return (record.preview?.lines ?? [])
    .filter(({ what }) => what !== 'output')
    .map(({ sign, what, name }) => {
      const named =
        what === 'write' ? ` ${name.split(' ')[0]}` : what === 'environment' ? ` ${name.split(' ').at(-1)}` : '';
      return `${sign} ${what}${named}`;
    })
    .sort();
}

describe('a run changes exactly what the dry run before it listed', () => {
  const CASES: readonly (readonly [string, BenchOptions, readonly Inputs[], Inputs, number])[] = [
    ['for a new client', { github: {} }, [], ALL, 0],
    ['for a new client that is only an output', {}, [], {}, 0],
    ['for a client that exists', { vantage: { clients: [THERE] }, github: {} }, [], ALL, 0],
    ['if nothing is due', { vantage: { clients: [THERE] }, github: {} }, [ALL], { ...ALL, ...WHEN_DUE }, 1],
    ['if a secret is due', { vantage: { clients: [THERE] }, github: {} }, [ALL], { ...ALL, ...WHEN_DUE }, 80],
    [
      'if one target is missing',
      { vantage: { clients: [THERE] }, github: {} },
      [{ ...ALL, 'write-to': 'repository' }],
      { ...ALL, ...WHEN_DUE, 'write-to': 'repository\nenvironment production' },
      10,
    ],
    [
      'if old secrets are to be deleted',
      { vantage: { clients: [THERE] }, github: {} },
      [ALL, ALL, ALL],
      { ...ALL, ...WHEN_DUE, 'prune-after': '2d' },
      10,
    ],
    [
      'if a setting is to be updated',
      { vantage: { clients: [THERE] }, github: {} },
      [],
      { ...ALL, 'if-exists': 'update', 'client-name': 'New' },
      0,
    ],
    [
      'if variables are to be written without a new secret',
      { vantage: { clients: [THERE] }, github: {} },
      [{ 'write-to': 'repository', 'secret-expiration': '90d' }],
      { 'write-to': 'repository', ...WHEN_DUE, 'client-id-variable': 'CLIENT_ID', 'expiration-variable': 'ENDS' },
      1,
    ],
    ['with rotate: never', { vantage: { clients: [THERE] } }, [], { rotate: 'never' }, 0],
    ['with a Vantage that offers no reads', { vantage: { tier: 0 }, github: {} }, [], ALL, 0],
  ];

  test.each(CASES)('%s', async (_, options, before, inputs, days) => {
    await using bench = await Bench.open(options);
    for (const earlier of before) {
      expect((await bench.ensure(earlier)).failure).toBeUndefined();
    }
    bench.moveTo(day(days));
    const dry = await bench.ensure({ ...inputs, 'dry-run': 'true' });
    expect(dry.failure).toBeUndefined();
    expect(changesOf(dry)).toEqual([]);
    const run = await bench.ensure(inputs);
    expect(run.failure).toBeUndefined();
    expect(changesOf(run)).toEqual(plannedBy(dry));
    expect(run.record.changed).toBe(plannedBy(dry).length > 0);
    const { lines } = dry.record.preview ?? { lines: [] };
    expect(dry.log).toContain(`A dry run changes nothing. The plan: ${planVerdict(lines)}.`);
    expect(dry.log.slice(-lines.length || dry.log.length).filter(line => /^[-+!] /u.test(line))).toHaveLength(
      lines.length,
    );
  });
});
