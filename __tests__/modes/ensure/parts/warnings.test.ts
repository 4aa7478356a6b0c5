import { describe, expect, test } from '@jest/globals';
import type { WarningTopic } from '../../../../src/model/log.ts';
import { ownershipMark } from '../../../../src/model/mark.ts';
import type { PreparedTarget, ScopeVariables } from '../../../../src/model/prepared-target.ts';
import type { SecretRequest } from '../../../../src/model/secret.ts';
import type { ListedSecret, ReadList } from '../../../../src/model/vantage.ts';
import { type EnsureRecord, newEnsureRecord } from '../../../../src/modes/ensure/record.ts';
import {
  reportMissingExpirations,
  warnOfEarlyExpiration,
  warnOfIneffectiveInputs,
  warnOfLateStart,
  warnOfManySecrets,
  warnOfOtherClients,
  warnOfReplacedSecrets,
  warnOfSharedTargets,
  warnOfVariables,
} from '../../../../src/modes/ensure/warnings.ts';
import type { Plan, RotationPlan } from '../../../../src/plan/plan.ts';
import type { VariableWrite } from '../../../../src/plan/variables.ts';
import {
  type Answers,
  ensureRequest,
  ensureRun,
  listOf,
  NOW,
  observedOf,
  Stage,
  UNREADABLE,
} from '../../../support/stage.ts';
import { digests, OTHER_WORKFLOW, preparedTarget, WORKFLOW } from '../../../support/workflow.ts';

const OWN = preparedTarget('repository', NOW);
const IN_OWN = 'secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo';
const ENDS = 'variable ENDS in repository octo-org/octo-repo';
const END = new Date('2027-07-31T09:00:00.000Z');

/** What a warning function logs. */
function logOf(warn: (stage: Stage) => void): readonly string[] {
  using stage = new Stage();
  warn(stage);
  return stage.log;
}

/** What the warnings that it logs are about. */
function topicsOf(warn: (stage: Stage) => void): readonly (WarningTopic | undefined)[] {
  using stage = new Stage();
  warn(stage);
  return stage.topics;
}

const withVariables = (variables: ScopeVariables, target = OWN): PreparedTarget => ({
  ...target,
  resolved: { ...target.resolved, variables },
});

const ADVICE =
  'It now gets a secret of client "invoices". If another step writes to it as well, each step overwrites the secret of the other. Give one of them another `secret-name` and another `client-id-variable`.';

describe('an expiration variable', () => {
  test('that holds no time is a warning', () => {
    const targets = ['soon', '2027-07-31T09:00:00Z', undefined].map(value =>
      withVariables({ expiration: { name: 'ENDS', ...(value === undefined ? {} : { value }) } }),
    );
    expect(logOf(({ context }) => warnOfVariables(targets, context.log))).toEqual([
      `Warning: The ${ENDS} holds "soon", which is not an RFC 3339 time, so it does not show when the secret expires. Delete the variable, or let the next rotation write it.`,
    ]);
  });

  test.each([
    ['nothing else', 'expiration', false],
    ['ENDS', 'expiration', true],
  ] as const)('that is missing is reported, unless this run writes it: it writes %s', (name, content, isWritten) => {
    const targets = [withVariables({ expiration: { name: 'ENDS' } })];
    const write: VariableWrite = {
      scope: OWN.resolved.scope,
      name,
      value: '',
      exists: false,
      repositoryAccess: undefined,
      ownReader: undefined,
      content,
    };
    const plan = { targets, variables: [write] } as unknown as Plan;
    expect(logOf(({ context }) => reportMissingExpirations(plan, context.log))).toEqual(
      isWritten
        ? []
        : [
            `The ${ENDS} does not exist, and it is not known when the secret expires. The next rotation writes the variable.`,
          ],
    );
  });
});

describe('a secret that starts late', () => {
  const rotation = (startTime?: Date) => ({ life: startTime ? { startTime } : {} }) as RotationPlan;
  const [soon, late] = [5000, 5001].map(ms => new Date(NOW.getTime() + ms));
  const log = (startTime: Date | undefined, targets: readonly PreparedTarget[]) =>
    logOf(({ context }) => warnOfLateStart(rotation(startTime), targets, context));

  test('is a warning if targets get it', () => {
    expect(log(late, [OWN])).toEqual([
      'Warning: The targets get a secret that is not valid before 2027-01-31T09:00:05.001Z, and it replaces a secret that may be. Remove secret-start-time, unless no job reads the targets before that time.',
    ]);
  });

  test('is none if no target gets it, or it starts in time', () => {
    expect([log(late, []), log(NOW, [OWN]), log(undefined, [OWN])]).toEqual([[], [], []]);
    // The clock of a server is known to a few seconds.
    expect(log(soon, [OWN])).toEqual([]);
  });
});

describe('a target that other repositories write', () => {
  const shared = [{ target: OWN.target, by: ['octo-org/website (github.com/1002)', 'acme/web (github.com/7)'] }];
  const warning = (own: string) =>
    `Warning: These repositories write ${IN_OWN}: ${own}, octo-org/website (github.com/1002), acme/web (github.com/7). They use one secret. When it is due, the first of them to run renews it. Each deletes only the secrets that it created.`;

  test('is a warning that names all of them', () => {
    expect(logOf(({ context }) => warnOfSharedTargets(ensureRequest(), shared, context.log))).toEqual([
      warning('octo-org/octo-repo (github.com/1001)'),
    ]);
    expect(logOf(({ context }) => warnOfSharedTargets(ensureRequest(), [], context.log))).toEqual([]);
  });

  test('is a warning also if the id of the own repository is not known', () => {
    const { repositoryId: _, ...workflow } = WORKFLOW;
    const request = { ...ensureRequest(), workflow };
    expect(logOf(({ context }) => warnOfSharedTargets(request, shared, context.log))).toEqual([
      warning('octo-org/octo-repo (github.com/unknown)'),
    ]);
  });
});

test('a target whose variable names another client is a warning', () => {
  const targets = ['orders', 'invoices', undefined].map(value =>
    withVariables({ clientId: { name: 'ID', ...(value === undefined ? {} : { value }) } }),
  );
  expect(logOf(stage => warnOfOtherClients(ensureRun(stage, { observed: observedOf(stage, { targets }) })))).toEqual([
    `Warning: The ${IN_OWN} serves another client: the variable ID in repository octo-org/octo-repo names another client: "orders". ${ADVICE}`,
  ]);
});

describe('an expiration that is earlier than requested', () => {
  const HOUR = 60 * 60_000;
  const remembered = withVariables({ expiration: { name: 'ENDS' } });
  const LOST =
    ' This Vantage does not list secrets, so later runs cannot know it. Set `expiration-variable`, or request a `secret-expiration` that Vantage grants.';

  const log = (
    earlierBy: number,
    rotate: SecretRequest['rotate'] = 'when-due',
    secrets: ReadList<ListedSecret> | undefined = UNREADABLE,
    targets: readonly PreparedTarget[] = [OWN],
  ) => {
    const granted = new Date(END.getTime() - earlierBy);
    const request = ensureRequest([], { secret: { rotate } });
    return logOf(stage =>
      warnOfEarlyExpiration(
        ensureRun(stage, { request, observed: observedOf(stage, { secrets }) }),
        targets,
        END,
        granted,
      ),
    );
  };
  const warning = (granted: string, advice = '') => [
    `Warning: Vantage granted an earlier expiration for the new secret: requested 2027-07-31T09:00:00.000Z, granted ${granted}.${advice}`,
  ];

  test('by up to an hour is none, and then it is a warning', () => {
    expect([log(-HOUR), log(0), log(HOUR)]).toEqual([[], [], []]);
    expect(log(HOUR + 1)).toEqual(warning('2027-07-31T07:59:59.999Z', LOST));
  });

  test.each<readonly [string, Parameters<typeof log>, string]>([
    ['is lost to later runs', [2 * HOUR], LOST],
    ['is lost to later runs of one target', [2 * HOUR, 'when-due', UNREADABLE, [remembered, OWN]], LOST],
    ['is in the variables', [2 * HOUR, 'when-due', UNREADABLE, [remembered]], ''],
    [
      'is lost, next to another variable',
      [2 * HOUR, 'when-due', UNREADABLE, [withVariables({ clientId: { name: 'ID' } })]],
      LOST,
    ],
    ['is in the list', [2 * HOUR, 'when-due', listOf([])], ''],
    ['does not matter to later runs', [2 * HOUR, 'always'], ''],
    ['does not matter to an output', [2 * HOUR, 'when-due', UNREADABLE, []], ''],
  ])('comes with advice: %s', (_, given, advice) => {
    expect(log(...given)).toEqual(warning('2027-07-31T07:00:00.000Z', advice));
  });
});

describe('many secrets', () => {
  const SECRET = { mark: 'a mark', verified: 'true', fate: 'handed-out' } as const;
  const ids = (count: number) => Array.from({ length: count }, (_, index) => String(index));
  const log = (secret: Partial<SecretRequest>, done: Partial<EnsureRecord>) => {
    const record = { ...newEnsureRecord('invoices'), ...done };
    return logOf(stage => warnOfManySecrets(ensureRun(stage, { request: ensureRequest([], { secret }), record })));
  };
  const nine = { liveBefore: ids(9), secret: SECRET };
  const warning = (fewer = '') => [
    `Warning: Client "invoices" has 10 live secrets that the action created for this repository, including this one, and nothing deletes superseded secrets. Set \`prune-after\` to delete them${fewer}.`,
  ];

  test('are a warning from ten on', () => {
    expect(log({}, nine)).toEqual(warning(', or set `rotate: when-due` to create fewer secrets'));
    expect(log({ rotate: 'when-due' }, nine)).toEqual(warning());
    expect(log({}, { ...nine, liveBefore: ids(8) })).toEqual([]);
  });

  test.each<readonly [string, Partial<SecretRequest>, Partial<EnsureRecord>]>([
    ['they are pruned', { pruneAfter: { days: 7 } }, nine],
    ['the new one is revoked at the end', { revokeAtJobEnd: true }, nine],
    ['the new one was not delivered', {}, { liveBefore: ids(20), secret: { ...SECRET, fate: 'minted' } }],
    ['the new one was revoked', {}, { liveBefore: ids(20), secret: { ...SECRET, fate: 'revoked' } }],
    ['there is no new one', {}, { liveBefore: ids(20) }],
    ['their number is not known', {}, { secret: SECRET }],
  ])('are none if %s', (_, secret, done) => {
    expect(log(secret, done)).toEqual([]);
  });
});

describe('an input without effect', () => {
  const list = (whole: boolean, ...descriptions: readonly (string | undefined)[]): ReadList<ListedSecret> =>
    listOf(
      descriptions.map((description, index) => ({ id: String(index), description })),
      whole,
    );
  const log = (
    secret: Partial<SecretRequest>,
    secrets: ReadList<ListedSecret> | undefined,
    workflow: Partial<typeof WORKFLOW> = WORKFLOW,
  ) => {
    const request = { ...ensureRequest([], { secret }), workflow: workflow as typeof WORKFLOW };
    return logOf(({ context }) => warnOfIneffectiveInputs(request, secrets, context.log));
  };
  const both = { pruneAfter: { days: 7 }, revokeAtJobEnd: true };

  test.each<readonly [ReadList<ListedSecret>, string]>([
    [UNREADABLE, 'this Vantage does not list secrets (it answered 404)'],
    [list(false, 'by hand'), 'the list of secrets that Vantage returns may be incomplete'],
    [
      list(true, 'by hand', undefined),
      'Vantage does not show the whole descriptions of secrets, which end with their marks',
    ],
  ])('is a warning: %j', (secrets, reason) => {
    const [prune, revoke] = [
      `Warning: prune-after deletes no secret: ${reason}. Remove the input, and delete superseded secrets in Vantage by hand.`,
      `Warning: revoke-at-job-end will not delete the secret: ${reason}. Remove the input, or set a short secret-expiration and delete the secret in Vantage by hand.`,
    ];
    expect(log(both, secrets)).toEqual([prune, revoke]);
    expect(log({ pruneAfter: { days: 7 } }, secrets)).toEqual([prune]);
    expect(log({ revokeAtJobEnd: true }, secrets)).toEqual([revoke]);
    expect(log({}, secrets)).toEqual([]);
  });

  test('is none if Vantage lists secrets with their marks, or was not asked', () => {
    expect(log(both, list(true, 'by hand'))).toEqual([]);
    expect(log(both, undefined)).toEqual([]);
  });

  test('is prune-after if the id of the repository is not known', () => {
    const { repositoryId: _, ...workflow } = WORKFLOW;
    expect(log(both, list(true), workflow)).toEqual([
      'Warning: prune-after deletes no secret: the runner does not report the id of this repository (GITHUB_REPOSITORY_ID), so no secret is known to belong to it. Delete superseded secrets in Vantage by hand.',
    ]);
    expect(log({ revokeAtJobEnd: true }, list(true), workflow)).toEqual([]);
  });
});

describe('a secret of another client that was replaced', () => {
  const WEBSITE = preparedTarget('repository octo-org/website', NOW);
  const NEW = preparedTarget('repository octo-org/tools');
  /** The mark of a secret that was created for a target, an hour before the target was written. */
  const markFor = (target: PreparedTarget, workflow = WORKFLOW) => {
    const seconds = NOW.getTime() / 1000 - 3600;
    return ownershipMark(workflow, digests([target.target]), `${seconds.toString(16)}00000000`);
  };
  const holding = (...descriptions: readonly string[]): Answers => ({
    'clients.list': () => listOf([{ clientId: 'invoices' }, { clientId: 'orders' }]),
    'secrets.list': () => listOf(descriptions.map((description, index) => ({ id: String(index), description }))),
  });
  const run = async (answers: Answers, targets: readonly PreparedTarget[]) => {
    using stage = new Stage(answers);
    const request = ensureRequest(targets.map(({ target }) => target));
    await warnOfReplacedSecrets(ensureRun(stage, { request }), targets);
    return { log: stage.log, topics: stage.topics, requests: stage.requests };
  };
  const warning = (name: string) =>
    `Warning: The ${name} held a secret of client "orders", as its mark shows. ${ADVICE}`;

  test('is a warning that names the target which held it', async () => {
    expect(await run(holding('by hand', markFor(OWN)), [WEBSITE, OWN])).toEqual({
      log: [warning(IN_OWN)],
      topics: ['targets'],
      requests: ['clients.list', 'secrets.list orders'],
    });
  });

  test('is a warning also if another repository created it', async () => {
    expect((await run(holding(markFor(OWN, OTHER_WORKFLOW)), [OWN])).log).toEqual([warning(IN_OWN)]);
  });

  test('is none without a mark for the target', async () => {
    expect((await run(holding('by hand', markFor(WEBSITE)), [OWN])).log).toEqual([]);
    expect((await run(holding(), [OWN])).log).toEqual([]);
  });

  test('is none if the target did not exist', async () => {
    expect(await run(holding(markFor(NEW)), [NEW])).toEqual({ log: [], topics: [], requests: [] });
    expect((await run(holding(markFor(NEW)), [NEW, OWN])).log).toEqual([]);
  });

  test('is not looked for if a variable names the client', async () => {
    const named = withVariables({ clientId: { name: 'ID', value: 'orders' } });
    expect(await run(holding(markFor(OWN)), [named])).toEqual({ log: [], topics: [], requests: [] });
    const others = [withVariables({ clientId: { name: 'ID' } }), withVariables({ expiration: { name: 'ENDS' } })];
    for (const other of others) {
      expect((await run(holding(markFor(OWN)), [other])).log).toEqual([warning(IN_OWN)]);
    }
  });

  test('is none if Vantage does not list its clients', async () => {
    expect(await run({ 'clients.list': () => UNREADABLE }, [OWN])).toEqual({
      log: [],
      topics: [],
      requests: ['clients.list'],
    });
  });
});

test.each<readonly [WarningTopic, (stage: Stage) => void]>([
  [
    'expiration',
    ({ context }) => warnOfVariables([withVariables({ expiration: { name: 'ENDS', value: 'soon' } })], context.log),
  ],
  ['expiration', stage => warnOfEarlyExpiration(ensureRun(stage), [], END, NOW)],
  ['inputs', ({ context }) => warnOfLateStart({ life: { startTime: END } } as RotationPlan, [OWN], context)],
  [
    'targets',
    ({ context }) => warnOfSharedTargets(ensureRequest(), [{ target: OWN.target, by: ['acme/web'] }], context.log),
  ],
  [
    'targets',
    stage => {
      const named = withVariables({ clientId: { name: 'ID', value: 'orders' } });
      warnOfOtherClients(ensureRun(stage, { observed: observedOf(stage, { targets: [named] }) }));
    },
  ],
  [
    'superseded secrets',
    stage => {
      const secret = { mark: 'a mark', verified: 'true', fate: 'handed-out' } as const;
      const liveBefore = Array.from({ length: 9 }, (_, index) => String(index));
      warnOfManySecrets(ensureRun(stage, { record: { ...newEnsureRecord('invoices'), liveBefore, secret } }));
    },
  ],
  [
    'inputs',
    ({ context }) => {
      const { repositoryId: _, ...workflow } = WORKFLOW;
      const request = { ...ensureRequest([], { secret: { pruneAfter: { days: 7 } } }), workflow };
      warnOfIneffectiveInputs(request, undefined, context.log);
    },
  ],
  [
    'inputs',
    ({ context }) =>
      warnOfIneffectiveInputs(ensureRequest([], { secret: { pruneAfter: { days: 7 } } }), UNREADABLE, context.log),
  ],
  [
    'inputs',
    ({ context }) =>
      warnOfIneffectiveInputs(ensureRequest([], { secret: { revokeAtJobEnd: true } }), UNREADABLE, context.log),
  ],
])('the annotation of a warning says above it what it is about: %s (%#)', (topic, warn) => {
  expect(topicsOf(warn)).toEqual([topic]);
});
