import { isDeepStrictEqual } from 'node:util';
import type { StoredClient } from '../../emulator/vantage/index.ts';
import type { Violation } from './oracle.ts';
import { END_VARIABLE, ID_VARIABLE, SECRET_NAME, spotsOf } from './places.ts';
import { type Item, type Snapshot, secretsOf } from './snapshot.ts';
import type { Scene } from './stage.ts';
import { type Act, type Deed, isRun, type Story } from './story.ts';

/**
 * I3, for everything that a run changed in any mode. What it deleted was the action's own, not in use and not the last
 * valid secret. The rest is unchanged, except what the run was asked to write.
 */
export function checkChanges(story: Story, act: Act, scene: Scene): readonly Violation[] {
  const others = isRun(act) && act.at && act.at.comes !== 'SIGKILL' ? act.at.comes : undefined;
  const { meanwhile } = scene;
  const changes = [
    ...changesSince(story, scene, others),
    ...(meanwhile ? changesSince(story, { ...scene, before: meanwhile }, undefined) : []),
    ...secretsMade(scene, others),
  ];
  return [...new Set(changes)].map(what => ({ invariant: 'I3', what }));
}

function changesSince(story: Story, scene: Scene, others: Deed | undefined): string[] {
  return [
    ...clientsGone(story, scene, others),
    ...clientsChanged(story, scene),
    ...secretsGone(scene, others),
    ...secretsChanged(scene),
    ...itemsChanged(scene),
    ...rulesChanged(scene),
  ];
}

function clientsGone({ mayGo = [] }: Story, { before, after, inputs }: Scene, others: Deed | undefined): string[] {
  const allowed = [...mayGo, ...(others && 'deletesClient' in others ? [others.deletesClient] : [])];
  const isGone = ({ clientId }: StoredClient) => !after.clients.some(client => client.clientId === clientId);
  return before.clients
    .filter(client => isGone(client))
    .filter(({ clientId }) => inputs['dry-run'] === 'true' || !allowed.includes(clientId))
    .map(({ clientId, secrets }) => `it deleted the client ${clientId} with ${secrets.length} secrets`);
}

function clientsChanged({ mayUpdate }: Story, { before, after, inputs }: Scene): string[] {
  return pairs(before, after)
    .filter(([was, is]) => !isDeepStrictEqual(settingsOf(was), settingsOf(is)))
    .filter(([{ clientId }]) => !(mayUpdate && clientId === inputs['client-id']))
    .map(([{ clientId }]) => `it changed the settings of ${clientId}`);
}

/** The secrets of clients that still exist. Deleted clients are checked separately. */
function secretsGone({ before, after, kind, owner, owners }: Scene, others: Deed | undefined): string[] {
  const kept = new Set(secretsOf(after).map(({ value }) => value));
  return pairs(before, after).flatMap(([was, is]) =>
    was.secrets
      .filter(({ value, id }) => !kept.has(value) && !is.secrets.some(secret => secret.id === id))
      .filter(() => !(others && 'deletesSecretOf' in others && others.client === was.clientId))
      .flatMap(({ value, description }) => {
        const what = `it deleted a secret of ${was.clientId}, ${description}`;
        const holder = [...before.items, ...after.items].find(item => item.value === value);
        if (owners.get(value) !== owner) {
          return [`${what}, which is foreign`];
        }
        if (holder) {
          return [`${what}, which ${holder.line} holds`];
        }
        // The post step deletes the secret that it was asked to delete, which may be the only one.
        return kind === 'run' && is.secrets.length === 0 ? [`${what}, which was the last`] : [];
      }),
  );
}

function secretsChanged({ before, after }: Scene): string[] {
  return pairs(before, after).flatMap(([was, is]) =>
    was.secrets
      .filter(secret => is.secrets.some(({ id, value }) => id === secret.id && value !== secret.value))
      .map(({ description }) => `it blanked a secret of ${was.clientId}: ${description}`),
  );
}

/** Secrets are created only for the client of the step. With `if-exists: fail`, only if this run created the client. */
function secretsMade({ before, after, inputs, requests }: Scene, others: Deed | undefined): string[] {
  const known = new Set(secretsOf(before).map(({ value }) => value));
  const made = secretsOf(after).filter(({ value }) => !known.has(value));
  const byHand = others && 'makesSecretFor' in others;
  const elsewhere = made.filter(({ clientId }) => clientId !== inputs['client-id']);
  const created = requests.some(({ route, status = 0 }) => route === 'createClient' && status >= 200 && status < 300);
  const asked = requests.some(({ route, applied }) => route === 'createSecret' && applied);
  return [
    ...elsewhere.map(({ clientId }) => `it made a secret for ${clientId}`),
    ...(asked && inputs['if-exists'] === 'fail' && !created && !byHand
      ? ['with `if-exists: fail` it made a secret for a client that may be somebody else’s']
      : []),
  ];
}

/** Nothing in GitHub changes but what the run was asked to write or, in `mode: delete`, what belonged to the client. */
function itemsChanged({ before, after, inputs }: Scene): string[] {
  const lines = spotsOf(inputs['write-to']).map(({ line }) => line);
  const names = [SECRET_NAME, ...[ID_VARIABLE, END_VARIABLE].filter(name => namesVariable(name, inputs))];
  const isAsked = ({ line, name }: Item) => lines.includes(line) && names.includes(name);
  return before.items.flatMap(was => {
    const is = after.items.find(({ line, kind, name }) => line === was.line && kind === was.kind && name === was.name);
    if (is && is.value === was.value) {
      return [];
    }
    const what = `it ${is ? 'replaced' : 'deleted'} the ${was.kind} ${was.name} of ${was.line}`;
    if (!isAsked(was)) {
      return [`${what}, which it was not asked to`];
    }
    return is === undefined && serves(was, before) !== inputs['client-id'] && serves(was, before) !== undefined
      ? [`${what}, which serves ${serves(was, before)}`]
      : [];
  });
}

function namesVariable(name: string, inputs: Scene['inputs']): boolean {
  return inputs['client-id-variable'] === name || inputs['expiration-variable'] === name;
}

/** The client that an item of GitHub belongs to, if it can be known. */
function serves({ kind, name, value, line }: Item, at: Snapshot): string | undefined {
  const owner = (secret: string | undefined) => secretsOf(at).find(one => one.value === secret)?.clientId;
  if (kind === 'secret') {
    return owner(value);
  }
  return name === ID_VARIABLE
    ? value
    : owner(at.items.find(item => item.line === line && item.kind === 'secret' && item.name === SECRET_NAME)?.value);
}

function rulesChanged({ before, after }: Scene): string[] {
  return after.environments
    .filter(({ name, protectionRules }) => {
      const was = before.environments.find(environment => environment.name === name);
      return was && !isDeepStrictEqual(was.protectionRules, protectionRules);
    })
    .map(({ name }) => `it took the protection rules of the environment ${name}`);
}

function pairs(before: Snapshot, after: Snapshot): [StoredClient, StoredClient][] {
  return before.clients.flatMap(was => {
    const is = after.clients.find(({ clientId }) => clientId === was.clientId);
    return is ? [[was, is] as [StoredClient, StoredClient]] : [];
  });
}

function settingsOf({ secrets: _secrets, ...settings }: StoredClient): unknown {
  return settings;
}
