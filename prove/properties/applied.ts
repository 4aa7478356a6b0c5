import type { SiteVariables } from '../../src/github/preflight.ts';
import type { Clocks } from '../../src/plan/clocks.ts';
import type { Observation, Plan, Wanted } from '../../src/plan/plan.ts';
import { type VariableWrite, variablesToWrite } from '../../src/plan/variables.ts';
import { defaultEnd } from '../../src/request/secret.ts';
import { placeLine } from '../../src/request/targets.ts';
import { Secret } from '../../src/secret.ts';
import type { ListedSecret } from '../../src/vantage/schema.ts';
import { type Reading, readAs } from './reading.ts';
import { ownDescription, preparedTarget } from './sight.ts';
import { isMint } from './wish.ts';

/** A plan, what it was made for and what from. */
export interface Planned {
  readonly wanted: Wanted;
  readonly observed: Observation;
  readonly plan: Plan;
}

/** What the plan is carried out on. */
export interface Vantage {
  readonly now: Clocks;
  /** By GitHub's clock. */
  readonly writtenAt: number;
  /** The most milliseconds that Vantage lets a new secret live. */
  readonly granted: number;
  /** Whether it takes writes, but lets nothing be read. */
  readonly isMute: boolean;
  /** How a new secret is listed. */
  readonly reading: Reading;
}

/** How the value of a new secret begins. */
const BEGINNING = 'new';

/** What the workflow wants, and what the next run finds, once a plan was carried out: nothing else has happened. */
export function applied({ wanted, observed, plan }: Planned, vantage: Vantage): Omit<Planned, 'plan'> {
  const isNew = plan.client.step === 'create' && !vantage.isMute;
  const mints = isMint(plan) || isNew;
  const { currentSecret } = wanted.secret;
  const { secrets } = observed;
  const before = secrets?.kind === 'found' ? secrets.found : [];
  const left = before.filter(({ id }) => !plan.prune.some(gone => gone.id === id));
  const secret = newSecret(plan, vantage, observed.targets.length);
  const listed = mints ? [...left, ...found(readAs(vantage.reading, [secret]))] : left;
  return {
    // The workflow hands back what its target holds.
    wanted: mints && currentSecret ? withCurrentSecret(wanted, new Secret(`${BEGINNING} and more`)) : wanted,
    observed: {
      client: vantage.isMute ? observed.client : { kind: 'found', found: clientAfter(plan, wanted) },
      secrets:
        typeof vantage.reading === 'object'
          ? vantage.reading
          : { kind: 'found', found: listed, whole: vantage.reading !== 'cut' },
      targets: targetsAfter(plan, wanted, mints ? new Date(secret.expiration) : undefined, vantage),
      currentSecretAccepted: currentSecret && (mints || observed.currentSecretAccepted),
    },
  };
}

function found(list: ReturnType<typeof readAs>): readonly ListedSecret[] {
  return list.kind === 'found' ? list.found : [];
}

/** The targets with the new secret, or as they were, and the variables that were written beside them. */
function targetsAfter(
  { targets, variables }: Plan,
  { client: { clientId } }: Wanted,
  end: Date | undefined,
  { writtenAt }: Vantage,
): Observation['targets'] {
  const writes = end ? variablesToWrite(targets, { clientId, endOf: () => end }) : variables;
  return targets.map((target, index) => {
    const { place, variables: held = {} } = target.site;
    const here = writes.filter(write => placeLine(write.place) === placeLine(place));
    const variables = variablesAfter(held, here, writtenAt);
    return end ? preparedTarget(index, writtenAt, variables) : { ...target, site: { ...target.site, variables } };
  });
}

function variablesAfter(held: SiteVariables, writes: readonly VariableWrite[], writtenAt: number): SiteVariables {
  return Object.fromEntries(
    Object.entries(held).map(([role, variable]) => {
      const write = writes.find(({ name }) => name === variable.name);
      return [role, write ? { ...variable, value: write.value, updatedAt: new Date(writtenAt) } : variable];
    }),
  );
}

function withCurrentSecret(wanted: Wanted, currentSecret: Secret): Wanted {
  return { ...wanted, secret: { ...wanted.secret, currentSecret } };
}

function clientAfter({ client }: Plan, { client: { clientId } }: Wanted) {
  return client.step === 'create' ? { clientId, ...client.settings } : client.client;
}

function newSecret({ mint }: Plan, { now, granted }: Vantage, targets: number) {
  const { startTime = now.vantage, expiration = defaultEnd(now.vantage) } = mint?.life ?? {};
  const end = Math.min(expiration.getTime(), startTime.getTime() + granted);
  return {
    id: 'own new',
    description: ownDescription(targets, (targets > 0 ? now.github : now.vantage).getTime()),
    valueDisplay: BEGINNING,
    startTime: startTime.toISOString(),
    expiration: new Date(end).toISOString(),
  };
}
