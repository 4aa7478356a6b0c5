import type { Violation } from './oracle.ts';
import { spotsOf } from './places.ts';
import { secretAt, secretsOf } from './snapshot.ts';
import type { Scene } from './stage.ts';
import { type Act, isRun } from './story.ts';

/**
 * Checks what a world expects of one of its runs.
 *
 * @param values the values of the initial secrets of the world, by name.
 */
export function checkExpected(act: Act, scene: Scene, values: ReadonlyMap<string, string>): readonly Violation[] {
  if (!isRun(act)) {
    return 'endOf' in act && act.revokes && scene.after.clients.some(({ secrets }) => leftIn(scene, secrets))
      ? [{ invariant: 'post', what: 'the secret that it must revoke still exists' }]
      : [];
  }
  const { green, code, delivers, changesNothing, deletes = [], prunes = [], says, seesOrSays } = act.expects ?? {};
  const isGreen = scene.exitCode === 0;
  const found = `it ended with ${scene.outputs['error-code'] || scene.exitCode}`;
  const said = scene.annotations.map(({ message }) => message);
  return [
    ...(green === undefined || green === isGreen ? [] : expected(`${found}: ${said.at(-1)?.slice(0, 300)}`)),
    ...(code === undefined || code === scene.outputs['error-code'] ? [] : expected(`${found}, not with ${code}`)),
    ...(delivers ? undelivered(scene) : []),
    ...(changesNothing ? writes(scene) : []),
    ...(seesOrSays === undefined ? [] : unseen(scene, seesOrSays)),
    ...(says === undefined || said.some(message => says.test(message)) ? [] : expected(`no annotation says ${says}`)),
    ...prunes
      .filter(name => secretsOf(scene.after).some(({ value }) => value === values.get(name)))
      .flatMap(name => expected(`the secret "${name}" is there still`)),
    ...deletes
      .filter(gone => scene.after.clients.some(({ clientId }) => clientId === gone))
      .flatMap(gone => expected(`the client ${gone} is there still`)),
  ];
}

function expected(what: string): Violation[] {
  return [{ invariant: 'expected', what }];
}

/** Every target, and the output if there is one, holds a secret that this run created. */
function undelivered({ inputs, before, after, outputs }: Scene): Violation[] {
  const known = new Set(secretsOf(before).map(({ value }) => value));
  const fresh = new Set(
    secretsOf(after)
      .filter(({ value }) => !known.has(value))
      .map(({ value }) => value),
  );
  const lines = spotsOf(inputs['write-to']).map(({ line }) => ({ line, value: secretAt(after, line)?.value }));
  const places = lines.length > 0 ? lines : [{ line: 'the output', value: outputs['client-secret'] }];
  return places
    .filter(({ value }) => value === undefined || !fresh.has(value))
    .flatMap(({ line }) => expected(`${line} has no new secret`));
}

/** I6. The run may ask for a client that cannot be read with the documented POST request, which does not change it. */
function writes({ requests }: Scene): Violation[] {
  return requests
    .filter(({ method, route, applied }) => {
      const asks = route === 'token' || (route === 'createClient' && !applied);
      return method !== 'GET' && !asks;
    })
    .map(({ method, path }) => ({ invariant: 'I6', what: `it sent ${method} ${path}` }));
}

/** A run that reports fewer clients than exist must report that its list may be incomplete. */
function unseen({ outputs, annotations }: Scene, clients: number): Violation[] {
  const seen = (JSON.parse(outputs.results ?? '[]') as unknown[]).length;
  const isSaid = annotations.some(({ message }) => /\blist\b.*\b(cut|whole|short|incomplete|more)\b/isu.test(message));
  return seen >= clients || isSaid ? [] : expected(`it reports ${seen} of ${clients} clients and does not say so`);
}

function leftIn({ before }: Scene, secrets: readonly { readonly value: string }[]): boolean {
  const known = secretsOf(before).filter(({ description }) => description?.includes('[vantage-client '));
  return secrets.some(({ value }) => known.some(secret => secret.value === value));
}
