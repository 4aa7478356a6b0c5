import { quoted } from '../failure.ts';
import type { PreparedTarget } from '../github/preflight.ts';
import { defaultEnd, resolveLife, type SecretRequest } from '../request/secret.ts';
import { targetLine } from '../request/targets.ts';
import { type Duration, earlier } from '../request/time.ts';
import type { ReadList } from '../vantage/admin-api.ts';
import type { ListedSecret } from '../vantage/schema.ts';
import { type Clocks, inVantageTime } from './clocks.ts';
import { heldSince, instant, type OwnSecret } from './own-secrets.ts';
import { endToldBeside, variableLine } from './variables.ts';

/** Whether a secret must be minted, and why. */
export type Due =
  | {
      readonly due: true;
      readonly why: string;
      /** What the targets hold is known not to work, or to be of another client. */
      readonly isDead?: true;
    }
  /** `dueAt` is absent where nothing tells when the secret in use ends. */
  | { readonly due: false; readonly dueAt?: Date };

/** What is known of the secret in use. */
export interface Evidence {
  /** What the token endpoint says of `current-secret`, where that was given. */
  readonly currentSecret: { readonly accepted: boolean; readonly display: string } | undefined;
  readonly secrets: ReadList<ListedSecret> | undefined;
  readonly own: readonly OwnSecret[];
  readonly targets: readonly PreparedTarget[];
  readonly clientId: string;
  /** The longest that a run of this step takes, in milliseconds. Default: the longest that any run takes. */
  readonly longestRun?: number | undefined;
}

/**
 * Decides whether a secret is due: the stored one is refused, or is of another client; or a target holds none, or one
 * that ends before long. Where Vantage lists secrets their ends are known; else the variable beside a target tells, or
 * its age with the life that is asked for. Ends are of Vantage's clock, and so is what this decides.
 */
export function decideDue(wanted: SecretRequest, evidence: Evidence, now: Clocks): Due {
  const { currentSecret, targets } = evidence;
  if (currentSecret?.accepted === false) {
    return { due: true, why: 'the token endpoint refuses current-secret', isDead: true };
  }
  if (targets.length === 0 && currentSecret === undefined) {
    return { due: true, why: 'neither a target nor current-secret says that anything holds one' };
  }
  const empty = targets.find(({ updatedAt }) => updatedAt === undefined);
  if (empty) {
    return { due: true, why: `${targetLine(empty.target)} does not exist yet` };
  }
  const stranger = namesAnother(targets, evidence.clientId);
  if (stranger !== undefined) {
    return { due: true, why: stranger, isDead: true };
  }
  const ends = [
    ...targets.map(target => endOfTarget(target, wanted, evidence, now)),
    ...(currentSecret ? endsOfCurrent(currentSecret.display, wanted, evidence, now.vantage) : []),
  ];
  const stray = ends.find(({ dueAt }) => dueAt === undefined);
  if (stray) {
    return { due: true, why: stray.why };
  }
  const [first] = ends.flatMap(({ dueAt, why }) => (dueAt ? [{ dueAt, why }] : [])).sort(byTime);
  if (first === undefined) {
    return { due: false };
  }
  return first.dueAt <= now.vantage ? { due: true, why: first.why } : { due: false, dueAt: first.dueAt };
}

/**
 * What is wrong with a variable that names another client, if one does: the secret beside it is that client's. One in
 * another case may be another, as no documentation says that Vantage does not tell upper from lower case.
 */
function namesAnother(targets: readonly PreparedTarget[], clientId: string): string | undefined {
  return targets.flatMap(({ site: { place, variables } }) => {
    const { name = '', value } = variables?.clientId ?? {};
    return value?.trim() && value.trim() !== clientId
      ? [`the ${variableLine({ place, name })} names another client: ${quoted(value)}`]
      : [];
  })[0];
}

/** When a secret is due that works from `start` to `end`. */
export function dueAt(start: Date, end: Date, rotateBefore: Duration): Date {
  const asked = earlier(end, rotateBefore);
  // Vantage granted less than was asked for. Due from its first moment on, it would be due again at once, for ever.
  // Where clocks disagree, even its start may seem to come after its end.
  return asked > start ? asked : new Date(Math.min((start.getTime() + end.getTime()) / 2, end.getTime()));
}

interface End {
  readonly dueAt: Date | undefined;
  readonly why: string;
}

function endOfTarget(prepared: PreparedTarget, wanted: SecretRequest, evidence: Evidence, now: Clocks): End {
  const { target, site, updatedAt = new Date(0) } = prepared;
  const line = targetLine(target);
  if (!tellsMarks(evidence.secrets)) {
    const written = inVantageTime(updatedAt, now);
    const told = endToldBeside(prepared);
    if (told) {
      const beside = variableLine({ place: site.place, name: site.variables?.expiration?.name ?? '' });
      return {
        dueAt: dueAt(written, told, wanted.rotateBefore),
        why: `the ${beside} says that the secret ends at ${told.toISOString()}`,
      };
    }
    const { startTime = written, expiration = defaultEnd(written) } = resolveLife(wanted, written);
    return {
      dueAt: dueAt(startTime, expiration, wanted.rotateBefore),
      why: `${line} was written at ${updatedAt.toISOString()}, and such a secret ends about ${expiration.toISOString()}`,
    };
  }
  const held = heldSince(updatedAt, evidence.own, evidence.longestRun);
  if (held === undefined) {
    return { dueAt: undefined, why: `${line} holds no secret that this action minted and Vantage still knows` };
  }
  const { start, end } = lifeOf(held, wanted, now);
  return {
    dueAt: dueAt(start, end, wanted.rotateBefore),
    why: `the secret in ${line} ends at ${end.toISOString()}`,
  };
}

/** Whether the action's own secrets can be told from others: of a list that may be cut, they cannot. */
export function tellsMarks(secrets: Evidence['secrets']): secrets is Extract<Evidence['secrets'], { kind: 'found' }> {
  return (
    secrets?.kind === 'found' && secrets.whole && secrets.found.every(({ description }) => description !== undefined)
  );
}

/**
 * Vantage shows the first three characters of each secret, so `current-secret`, which works, is one of those that begin
 * like it and have not ended.
 */
function endsOfCurrent(
  display: string,
  { rotateBefore }: SecretRequest,
  { secrets }: Evidence,
  now: Date,
): readonly End[] {
  return (secrets?.kind === 'found' ? secrets.found : []).flatMap(secret => {
    const end = instant(secret.expiration);
    const start = instant(secret.startTime) ?? new Date(0);
    return end && end > now && secret.valueDisplay?.startsWith(display)
      ? [{ dueAt: dueAt(start, end, rotateBefore), why: `current-secret ends at ${end.toISOString()}` }]
      : [];
  });
}

/** The life of a secret that a target holds. Where Vantage does not tell of it, it counts from the mark, which is of GitHub's clock. */
function lifeOf({ mintedAt, startTime, expiration }: OwnSecret, wanted: SecretRequest, now: Clocks) {
  const minted = inVantageTime(mintedAt, now);
  return {
    start: startTime ?? minted,
    end: expiration ?? resolveLife(wanted, minted).expiration ?? defaultEnd(minted),
  };
}

function byTime(one: { readonly dueAt: Date }, other: { readonly dueAt: Date }): number {
  return one.dueAt.getTime() - other.dueAt.getTime();
}
