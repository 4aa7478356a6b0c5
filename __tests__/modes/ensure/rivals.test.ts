import { describe, expect, test } from '@jest/globals';
import { Bench, type BenchOptions, type Outcome } from '../../support/bench.ts';
import { OWN } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const EMPTY: BenchOptions = { vantage: { clients: [] }, github: {} };
const TARGET = 'The secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo';
const WHEN_DUE = { rotate: 'when-due', 'write-to': 'repository' };
const RIVAL = 'payroll';
const DAY_AFTER = '2027-02-01T09:00:00Z';

const warningsOf = ({ log }: Outcome) => log.filter(line => line.startsWith('Warning: '));

/** What happens to a target that two steps write for two clients. */
const undoes = (clientId: string) =>
  `It now gets a secret of client "${clientId}". If another step writes to it as well, each step overwrites the secret of the other. Give one of them another \`secret-name\` and another \`client-id-variable\`.`;

describe('two steps that deliver to one target for two clients', () => {
  test.each([
    ['is new', []],
    ['exists', [{ clientId: RIVAL }]],
  ])('are reported because of the marks, if the second client %s', async (_, clients) => {
    await using bench = await Bench.open({ ...EMPTY, vantage: { clients } });
    expect(warningsOf(await bench.ensure(WHEN_DUE))).toEqual([]);
    bench.moveTo(DAY_AFTER);
    const second = await bench.ensure({ ...WHEN_DUE, 'client-id': RIVAL });
    expect(second.failure).toBeUndefined();
    expect(warningsOf(second)).toEqual([
      `Warning: ${TARGET} held a secret of client "${CLIENT_ID}", as its mark shows. ${undoes(RIVAL)}`,
    ]);
    expect(bench.held(OWN)).toBe(bench.vantage.client(RIVAL)?.secrets[0]?.value);
  });

  test('are reported because of the variable, and secret and variable are written together', async () => {
    await using bench = await Bench.open(EMPTY);
    const inputs = { ...WHEN_DUE, 'client-id-variable': 'VANTAGE_CLIENT_ID' };
    expect(warningsOf(await bench.ensure(inputs))).toEqual([]);
    bench.moveTo(DAY_AFTER);
    const second = await bench.ensure({ ...inputs, 'client-id': RIVAL });
    expect(warningsOf(second)).toEqual([
      `Warning: ${TARGET} serves another client: the variable VANTAGE_CLIENT_ID in repository octo-org/octo-repo names another client: "${CLIENT_ID}". ${undoes(RIVAL)}`,
    ]);
    expect(bench.held(OWN)).toBe(bench.vantage.client(RIVAL)?.secrets[0]?.value);
    expect(bench.github.variable(OWN, 'VANTAGE_CLIENT_ID')?.value).toBe(RIVAL);
  });
});
