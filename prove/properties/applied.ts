import type { Observation, Plan, Wanted } from '../../src/plan/plan.ts';
import { defaultEnd } from '../../src/request/secret.ts';
import { Secret } from '../../src/secret.ts';
import type { ListedSecret } from '../../src/vantage/schema.ts';
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
  readonly now: Date;
  /** By GitHub's clock. */
  readonly writtenAt: number;
  /** The most milliseconds that Vantage lets a new secret live. */
  readonly granted: number;
  /** Whether it takes writes, but lets nothing be read. */
  readonly isMute: boolean;
}

/** How the value of a new secret begins. */
const BEGINNING = 'new';

/** What the workflow wants, and what the next run finds, once a plan was carried out: nothing else has happened. */
export function applied({ wanted, observed, plan }: Planned, vantage: Vantage): Omit<Planned, 'plan'> {
  const isNew = plan.client.step === 'create' && !vantage.isMute;
  const mints = isMint(plan) || isNew;
  const { currentSecret } = wanted.secret;
  const before = observed.secrets?.kind === 'found' ? observed.secrets.found : [];
  const left = before.filter(({ id }) => !plan.prune.some(gone => gone.id === id));
  const listed = mints ? [...left, newSecret(plan, vantage, observed.targets.length)] : left;
  return {
    // The workflow hands back what its target holds.
    wanted: mints && currentSecret ? withCurrentSecret(wanted, new Secret(`${BEGINNING} and more`)) : wanted,
    observed: {
      client: vantage.isMute ? observed.client : { kind: 'found', found: clientAfter(plan, wanted) },
      secrets: vantage.isMute ? observed.secrets : { kind: 'found', found: listed, whole: true },
      targets: mints ? observed.targets.map((_, index) => preparedTarget(index, vantage.writtenAt)) : observed.targets,
      currentSecretAccepted: currentSecret && (mints || observed.currentSecretAccepted),
    },
  };
}

function withCurrentSecret(wanted: Wanted, currentSecret: Secret): Wanted {
  return { ...wanted, secret: { ...wanted.secret, currentSecret } };
}

function clientAfter({ client }: Plan, { client: { clientId } }: Wanted) {
  return client.step === 'create' ? { clientId, ...client.settings } : client.client;
}

function newSecret({ mint }: Plan, { now, granted }: Vantage, targets: number): ListedSecret {
  const { startTime = now, expiration = defaultEnd(now) } = mint?.life ?? {};
  const end = Math.min(expiration.getTime(), startTime.getTime() + granted);
  return {
    id: 'own new',
    description: ownDescription(targets, now.getTime()),
    valueDisplay: BEGINNING,
    startTime: startTime.toISOString(),
    expiration: new Date(end).toISOString(),
  };
}
