import { isDeepStrictEqual } from 'node:util';
import type { StoredSecret } from '../../emulator/vantage/index.ts';
import { CLIENT_ID, OWN } from './scenarios.ts';
import type { World } from './world.ts';

/** Some state, part by part. */
export type Parts = Readonly<Record<string, unknown>>;

/** How far two spellings of one time may be apart, in milliseconds. */
const SAME_SECOND = 1000;
/** What an end state says of an expiration that is right. */
const ITS_END = 'when its secret ends';

/**
 * What a world holds, but for ids, values and times: a value is called by what it was at the beginning, or else by the
 * place among the minted ones that are held. Minted secrets that no target holds are left out: they are I2's.
 */
export function endState(world: World): Parts {
  const { names } = world.beginning;
  const minted: string[] = [];
  const nameOf = (value: string | undefined): string | undefined => {
    if (value === undefined) {
      return undefined;
    }
    if (!names.has(value) && !minted.includes(value)) {
      minted.push(value);
    }
    return names.get(value) ?? `minted ${minted.indexOf(value)}`;
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
  const kept = secrets.filter(({ value }) => names.has(value) || minted.includes(value));
  return {
    settings,
    secrets: kept.map(({ value }) => nameOf(value)),
    targets,
    environments: world.github
      .environments(OWN.owner, OWN.repo)
      .map(name => ({ name, rules: world.github.environment(OWN.owner, OWN.repo, name)?.protectionRules })),
  };
}

/** What an expiration variable beside a target tells, as times differ from run to run: when which secret ends. */
function nameOfEnd(told: string, secrets: readonly StoredSecret[], held: string | undefined): string {
  const end = secrets.find(({ value }) => value === held)?.expiration ?? '';
  const isThat = Math.abs(Date.parse(told) - Date.parse(end)) < SAME_SECOND;
  return isThat ? ITS_END : `${told}, where its secret ends at ${end}`;
}

/** What variables of the scenario beside its targets tell that they should not. */
export function wrongVariables(world: World): readonly string[] {
  const secrets = world.client()?.secrets ?? [];
  return (world.scenario.variables ? world.holdings() : []).flatMap(
    ({ line, secret, clientId, expiration = 'nothing' }) => {
      const end = nameOfEnd(expiration, secrets, secret?.value);
      return clientId === CLIENT_ID && end === ITS_END
        ? []
        : [`the variables beside ${line} tell ${clientId} and ${end}`];
    },
  );
}

/** The parts of a state that are not as they should be, both ways. */
export function differences(is: Parts, should: Parts): string {
  return Object.keys(should)
    .filter(part => !isDeepStrictEqual(plain(is[part]), plain(should[part])))
    .map(part => `${part}: ${JSON.stringify(is[part])}, where it should be ${JSON.stringify(should[part])}`)
    .join('; ');
}

/** A value without its prototypes: where several realms are at work, as under Jest, those of equal values differ. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
