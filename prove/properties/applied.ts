import type { ScopeVariables } from '../../src/model/prepared-target.ts';
import { defaultEnd, Secret } from '../../src/model/secret.ts';
import { scopeLine } from '../../src/model/target.ts';
import type { Clocks } from '../../src/model/time.ts';
import type { ListedSecret } from '../../src/model/vantage.ts';
import type { Observation, Plan, Wanted } from '../../src/plan/plan.ts';
import { type VariableWrite, variablesToWrite } from '../../src/plan/variables.ts';
import { digestsFor, markBy } from './makers.ts';
import { preparedTarget } from './observation.ts';
import { type Reading, readAs } from './reading.ts';
import { createsSecret } from './request-gen.ts';

/** A plan, with the request and the observation that it was made from. */
export interface Planned {
  readonly wanted: Wanted;
  readonly observed: Observation;
  readonly plan: Plan;
}

/** How Vantage and GitHub react when a plan takes effect. */
export interface Vantage {
  readonly now: Clocks;
  /** From GitHub's clock. */
  readonly writtenAt: number;
  /** The maximum life of a new secret in Vantage, in milliseconds. */
  readonly granted: number;
  /** Whether Vantage accepts writes, but nothing can be read. */
  readonly isWriteOnly: boolean;
  /** How a new secret is listed. */
  readonly reading: Reading;
}

/** How the value of a new secret starts. */
const PREFIX = 'new';

/** The request and the observation of the next run if a plan took effect and nothing else changed. */
export function applied({ wanted, observed, plan }: Planned, vantage: Vantage): Omit<Planned, 'plan'> {
  const isNew = plan.client.step === 'create' && !vantage.isWriteOnly;
  const creates = createsSecret(plan) || isNew;
  const written = creates ? writtenBy(plan, isNew) : [];
  const { currentSecret } = wanted.secret;
  const { secrets } = observed;
  const before = secrets?.kind === 'found' ? secrets.found : [];
  const left = before.filter(({ id }) => !plan.prune.some(pruned => pruned.id === id));
  const secret = newSecret(plan, vantage, written);
  const listed = creates ? [...left, ...found(readAs(vantage.reading, [secret]))] : left;
  // The workflow passes in the secret of its first target, or the one that it received as an output.
  const passesInNew = creates && (written.includes(0) || observed.targets.length === 0);
  return {
    wanted: passesInNew && currentSecret ? withCurrentSecret(wanted, new Secret(`${PREFIX} and more`)) : wanted,
    observed: {
      client: vantage.isWriteOnly ? observed.client : { kind: 'found', found: clientAfter(plan, wanted) },
      secrets:
        typeof vantage.reading === 'object'
          ? vantage.reading
          : { kind: 'found', found: listed, whole: vantage.reading !== 'incomplete' },
      targets: targetsAfter(plan, { wanted, written, end: new Date(secret.expiration) }, vantage),
      currentSecretAccepted: currentSecret && (passesInNew || observed.currentSecretAccepted),
    },
  };
}

function found(list: ReturnType<typeof readAs>): readonly ListedSecret[] {
  return list.kind === 'found' ? list.found : [];
}

/** The indexes of the targets that get a new secret. */
function writtenBy({ rotation, targets }: Plan, isNew: boolean): readonly number[] {
  const due = rotation?.due.due && !isNew ? rotation.due.targets : targets;
  return due.map(target => targets.indexOf(target));
}

/** The targets after the plan took effect, with the variables next to them. */
function targetsAfter(
  { targets, variables }: Plan,
  { wanted, written, end }: { readonly wanted: Wanted; readonly written: readonly number[]; readonly end: Date },
  { writtenAt }: Vantage,
): Observation['targets'] {
  const { clientId } = wanted.client;
  const gets = targets.filter((_, index) => written.includes(index));
  const writes = [...variables, ...variablesToWrite(gets, { clientId, expirationsOf: () => [end], isNew: true })];
  return targets.map((target, index) => {
    const { scope, variables: held = {} } = target.resolved;
    const here = writes.filter(write => scopeLine(write.scope) === scopeLine(scope));
    const variables = variablesAfter(held, here, writtenAt);
    return written.includes(index)
      ? preparedTarget(index, writtenAt, variables)
      : { ...target, resolved: { ...target.resolved, variables } };
  });
}

function variablesAfter(held: ScopeVariables, writes: readonly VariableWrite[], writtenAt: number): ScopeVariables {
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

function newSecret({ rotation, targets }: Plan, { now, granted }: Vantage, written: readonly number[]) {
  const { startTime = now.vantage, expiration = defaultEnd(now.vantage) } = rotation?.life ?? {};
  const end = Math.min(expiration.getTime(), startTime.getTime() + granted);
  return {
    id: 'own new',
    description: markBy('own', digestsFor('own', written), (targets.length > 0 ? now.github : now.vantage).getTime()),
    valueDisplay: PREFIX,
    startTime: startTime.toISOString(),
    expiration: new Date(end).toISOString(),
  };
}
