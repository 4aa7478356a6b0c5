import { randomBytes } from 'node:crypto';
import { type Deadline, pause } from '../../http/deadline.ts';
import { requestLine } from '../../http/message.ts';
import { Failure } from '../../model/failure.ts';
import { markedDescription, markNonce, ownershipMark } from '../../model/mark.ts';
import type { WorkflowRun } from '../../model/request.ts';
import type { Secret } from '../../model/secret.ts';
import { defaultEnd } from '../../model/secret-life.ts';
import { type Clocks, inUtc } from '../../model/time.ts';
import type { SecretLife } from '../../plan/plan.ts';
import type { LostMint } from '../../vantage/secrets.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { type Revocation, revokeMarked } from '../revoke.ts';
import type { Workbench } from '../step-context.ts';

/** A secret that exists and whose value this run has. */
export interface Minted {
  readonly value: Secret;
  readonly mark: string;
  readonly id: string | undefined;
  readonly startTime: string | undefined;
  readonly expiration: string | undefined;
  /** The mark of a mint before this one whose secret may exist, or be listed late. */
  readonly unsettled: readonly string[];
}

/** What a mint is asked for. */
export interface MintOrder {
  readonly clientId: string;
  readonly description: string | undefined;
  readonly life: SecretLife;
  readonly workflow: WorkflowRun;
  /** Where the secret goes, as its mark is to name it. */
  readonly digests: readonly string[];
  /** `clockOfMarks` of where the secret goes. */
  readonly clock: keyof Clocks;
  /** Whether this run created the client, so that Vantage may not know of it everywhere yet. */
  readonly newClient: boolean;
}

/**
 * Mints a secret. A mint has no idempotency key and its answer is shown once, so where the answer is lost the secret
 * that may have been made is looked for by its mark and revoked, and one more is minted under a mark of its own. A
 * second loss ends the run.
 *
 * @throws Failure `secret-unaccounted` where a secret may exist whose value nobody has; else why none was minted.
 */
export async function mint(order: MintOrder, tenant: Tenant, bench: Workbench): Promise<Minted> {
  const { deadline, log } = bench;
  const first = await mintOnce(order, [], tenant, bench);
  if (!('lost' in first)) {
    return first;
  }
  const found = await trace(first, order, tenant, bench);
  const unsettled = found.revocation.kind === 'revoked' ? [] : [found.mark];
  bench.remember(unsettled);
  if (!first.lost.lasting && (await mayMintAgain(first.lost, deadline))) {
    log.info('Minting once more.');
    const second = await mintOnce(order, unsettled, tenant, bench).catch((error: unknown) => {
      throw withTrace(error, found);
    });
    if (!('lost' in second)) {
      return second;
    }
    throw unaccounted(order, second.lost, [found, await trace(second, order, tenant, bench)]);
  }
  throw isAccounted(found) ? endOf(order, first.lost, deadline) : unaccounted(order, first.lost, [found]);
}

/** A mint whose answer was lost, and its mark. */
interface Loss {
  readonly lost: LostMint;
  readonly mark: string;
}

/** What is known of a secret that may have been made. */
interface Trace {
  readonly mark: string;
  readonly end: string;
  readonly revocation: Revocation;
}

async function mintOnce(
  order: MintOrder,
  unsettled: readonly string[],
  tenant: Tenant,
  { now, log, remember }: Workbench,
): Promise<Minted | Loss> {
  const mark = ownershipMark(
    order.workflow,
    order.digests,
    markNonce(now()[order.clock], randomBytes(4).toString('hex')),
  );
  const { startTime, expiration } = order.life;
  const end = endOfLife(order, now());
  log.info(`Minting a secret for client "${order.clientId}", to end ${end}, marked ${mark}`);
  remember([...unsettled, mark]);
  const outcome = await tenant.secrets
    .mint(
      order.clientId,
      {
        description: markedDescription(order.description, mark),
        ...(startTime ? { startTime: startTime.toISOString() } : {}),
        ...(expiration ? { expiration: expiration.toISOString() } : {}),
      },
      { patient: order.newClient },
    )
    .catch((error: unknown) => {
      if (error instanceof Failure) {
        remember(unsettled);
      } else {
        log.warning(
          `A secret marked ${mark} may exist until ${end}: the end of the job deletes it where Vantage lists it. Delete it in Vantage if it does not.`,
        );
      }
      throw error;
    });
  if (outcome.kind === 'lost') {
    return { lost: outcome, mark };
  }
  const { id, startTime: starts, expiration: ends } = outcome.told;
  return {
    value: outcome.value,
    mark,
    id,
    startTime: starts && inUtc(starts),
    expiration: ends && inUtc(ends),
    unsettled,
  };
}

function endOfLife({ life: { expiration } }: MintOrder, { vantage }: Clocks): string {
  return (expiration ?? defaultEnd(vantage)).toISOString();
}

async function trace(loss: Loss, order: MintOrder, tenant: Tenant, bench: Workbench): Promise<Trace> {
  const { deadline, now, log } = bench;
  const revocation = await revokeMarked(tenant, order.clientId, loss.mark, deadline.cleanUp);
  const found = { mark: loss.mark, end: endOfLife(order, now()), revocation };
  log.warning(`The answer to a mint was lost: ${loss.lost.why}. ${describeTrace(found)}`);
  return found;
}

function describeTrace({ mark, end, revocation }: Trace): string {
  switch (revocation.kind) {
    case 'revoked':
      return `The secret marked ${mark} had been made, and is revoked.`;
    case 'not-listed':
      return `Vantage lists no secret marked ${mark}; should one turn up, delete it (it would end at ${end}).`;
    case 'remains':
      return `A secret marked ${mark} may exist until ${end}: delete it in Vantage, as ${revocation.why}.`;
  }
}

async function mayMintAgain({ wait = Math.random() * 1000 }: LostMint, deadline: Deadline): Promise<boolean> {
  return wait < deadline.work.remaining() && (await pause(wait, deadline.work));
}

function isAccounted({ revocation }: Trace): boolean {
  return revocation.kind !== 'remains';
}

function endOf({ clientId }: MintOrder, lost: LostMint, deadline: Deadline): Failure {
  const what = `minting a secret for client "${clientId}"`;
  const at = requestLine(lost.request);
  if (deadline.stopCode) {
    return deadline.failure(what, { at });
  }
  return lost.lasting
    ? new Failure('unexpected-response', { what, at, why: lost.why, todo: 'Check that no proxy answers in its place.' })
    : new Failure('vantage-unavailable', { what, at, why: lost.why, todo: 'Run the step again when Vantage is well.' });
}

function unaccounted({ clientId }: MintOrder, lost: LostMint, traces: readonly Trace[]): Failure {
  return new Failure('secret-unaccounted', {
    what: `minting a secret for client "${clientId}"`,
    at: requestLine(lost.request),
    why: lost.why,
    todo: traces.map(describeTrace).join(' '),
    unsettled: !traces.every(isAccounted),
  });
}

/** A refusal of the second mint must not hide what the first one may have left. */
function withTrace(error: unknown, trace: Trace): unknown {
  return error instanceof Failure && !isAccounted(trace)
    ? new Failure(
        'secret-unaccounted',
        { what: 'minting once more', why: error.message, todo: describeTrace(trace), unsettled: true },
        { cause: error },
      )
    : error;
}
