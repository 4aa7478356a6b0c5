import { isDeepStrictEqual } from 'node:util';
import type { StoredSecret } from '../../emulator/vantage/index.ts';
import { CLIENT_ID, OWN } from './scenarios.ts';
import type { World } from './world.ts';

/** A state, as named parts. */
export type Parts = Readonly<Record<string, unknown>>;

/** Times that differ by less than this are equal, in milliseconds: some services drop the fraction of a second. */
const SAME_SECOND = 1000;
/** A correct expiration in an end state. */
const ITS_END = 'when its secret expires';

/**
 * The state of a world without IDs, values and times. A value has its name from the start, or the index of the created
 * secret. Created secrets that no target holds are left out: invariant I2 covers them.
 */
export function endState(world: World): Parts {
  const { names } = world.beginning;
  const created: string[] = [];
  const nameOf = (value: string | undefined): string | undefined => {
    if (value === undefined) {
      return undefined;
    }
    if (!names.has(value) && !created.includes(value)) {
      created.push(value);
    }
    return names.get(value) ?? `created ${created.indexOf(value)}`;
  };
  const { createdAt: _createdAt, secrets = [], ...settings } = world.client() ?? {};
  const targets = world.holdings().map(({ line, secret, clientId, expiration }) => ({
    line,
    secret: nameOf(secret?.value),
    visibility: secret?.visibility,
    repositories: secret?.repositories,
    clientId,
    expiration: expiration && nameOfEnd(expiration, secrets, secret?.value),
  }));
  const kept = secrets.filter(({ value }) => names.has(value) || created.includes(value));
  return {
    settings,
    secrets: kept.map(({ value }) => nameOf(value)),
    targets,
    environments: world.github
      .environments(OWN.owner, OWN.repo)
      .map(name => ({ name, rules: world.github.environment(OWN.owner, OWN.repo, name)?.protectionRules })),
  };
}

/** What an expiration variable says, without the time, which differs between runs: which secret expires then. */
function nameOfEnd(expiration: string, secrets: readonly StoredSecret[], held: string | undefined): string {
  const end = secrets.find(({ value }) => value === held)?.expiration ?? '';
  const isThat = Math.abs(Date.parse(expiration) - Date.parse(end)) < SAME_SECOND;
  return isThat ? ITS_END : `${expiration}, but its secret expires at ${end}`;
}

/** The wrong values of the variables next to targets. */
export function wrongVariables(world: World): readonly string[] {
  const secrets = world.client()?.secrets ?? [];
  return (world.scenario.variables ? world.holdings() : []).flatMap(
    ({ line, secret, clientId, expiration = 'nothing' }) => {
      const end = nameOfEnd(expiration, secrets, secret?.value);
      return clientId === CLIENT_ID && end === ITS_END
        ? []
        : [`the variables next to ${line} contain ${clientId} and ${end}`];
    },
  );
}

/** The differences of two states, in both directions. */
export function differences(is: Parts, should: Parts): string {
  return Object.keys(should)
    .filter(part => !isDeepStrictEqual(plain(is[part]), plain(should[part])))
    .map(part => `${part}: ${JSON.stringify(is[part])}, which should be ${JSON.stringify(should[part])}`)
    .join('; ');
}

/** Removes prototypes: values from different realms, as under Jest, have different ones. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
