import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../src/model/failure.ts';
import type { Log } from '../../../src/model/log.ts';
import { Secret } from '../../../src/model/secret.ts';
import { ClientLog, Warnings } from '../../../src/modes/fleet/client-log.ts';
import type { EndedClient } from '../../../src/modes/fleet/record.ts';

/** A log of the step that keeps its lines, and the secrets that nothing uses any more. */
function openLog() {
  const lines: string[] = [];
  const retired: string[] = [];
  const log: Log = {
    info: line => lines.push(line),
    infoAtOnce: line => lines.push(`At once: ${line}`),
    warning: (line, topic) => lines.push(`Annotation (${topic}): ${line}`),
    debug: line => lines.push(`Debug: ${line}`),
    group: (title, print) => {
      lines.push(`Group: ${title}`);
      print();
    },
    redact: text => text.replaceAll('canary', '***'),
    redactValue: value => (value === 'canary' ? '***' : value),
    maskSecret: () => undefined,
    retireSecret: secret => retired.push(secret.reveal()),
  };
  return { log, lines, retired };
}

const ended = (clientId: string, state: EndedClient['state']): EndedClient => ({
  clientId,
  line: 2,
  state,
  changes: [],
  result: {},
  ...(state === 'failed' ? { failure: new Failure('internal-error', { operation: 'o', reason: 'r' }) } : {}),
});

describe('what is logged of a client', () => {
  test('is one line if nothing happened', () => {
    const { log, lines } = openLog();
    const client = new ClientLog(log);
    client.info('It has the declared settings.');
    client.info('No secret is due.');
    client.print(ended('a', 'unchanged'), 'unchanged', new Warnings(0));
    expect(lines).toEqual(['a: unchanged. It has the declared settings. No secret is due.']);
  });

  test('is a group if there is a warning, which names its client once', () => {
    const { log, lines } = openLog();
    const client = new ClientLog(log);
    client.info('It has the declared settings.');
    client.warning('Vantage lists no secrets of a.', 'secret to delete');
    client.warning('Client "a" has other settings.', 'settings differ');
    client.print(ended('a', 'unchanged'), 'unchanged', new Warnings(0));
    expect(lines).toEqual([
      'Group: a: unchanged',
      'It has the declared settings.',
      'Annotation (secret to delete): Client "a": Vantage lists no secrets of a.',
      'Annotation (settings differ): Client "a" has other settings.',
    ]);
  });

  test('comes with its end, but a mark comes at once', () => {
    const { log, lines } = openLog();
    const client = new ClientLog(log);
    client.info('later');
    client.infoAtOnce('the mark');
    client.debug('the details');
    expect(lines).toEqual(['the mark', 'Debug: the details']);
  });

  test('has no groups in its group: their lines come below their title', () => {
    const { log, lines } = openLog();
    const client = new ClientLog(log);
    client.group('Kept: 1 secret', () => client.info('7'));
    expect(lines).toEqual([]);
    client.print(ended('a', 'changed'), 'client created', new Warnings(0));
    expect(lines).toEqual(['Group: a: client created', 'Kept: 1 secret', '7']);
  });

  test('hides the secrets of the whole step, in texts and in values', () => {
    const client = new ClientLog(openLog().log);
    expect(client.redact('the canary sings')).toBe('the *** sings');
    expect([client.redactValue('canary'), client.redactValue('canary-7')]).toEqual(['***', 'canary-7']);
  });
});

test('four warnings of any client are annotations, then four of clients that failed, and the rest is counted', () => {
  const { log, lines } = openLog();
  const warnings = new Warnings(0);
  const warn = (clientId: string, state: 'changed' | 'failed') => {
    const client = new ClientLog(log);
    client.warning('Look at this.');
    client.print(ended(clientId, state), state, warnings);
  };
  for (const clientId of ['c1', 'c2', 'c3', 'c4', 'c5']) warn(clientId, 'changed');
  for (const clientId of ['f1', 'f2', 'f3', 'f4', 'f5']) warn(clientId, 'failed');
  const shown = () => lines.filter(line => !line.startsWith('Group: ')).map(line => line.replace(/: Look.*/u, ''));
  const annotation = (clientId: string) => `Annotation (undefined): Client "${clientId}"`;
  expect(shown()).toEqual([
    ...['c1', 'c2', 'c3', 'c4'].map(annotation),
    'Warning',
    ...['f1', 'f2', 'f3', 'f4'].map(annotation),
    'Warning',
  ]);
  warnings.reportRest(log);
  expect(lines.at(-1)).toBe('Annotation (undefined): 2 more warnings are in the log, each in the group of its client.');
});

test('warnings about the inputs leave fewer annotations to the clients', () => {
  const { log, lines } = openLog();
  const warnings = new Warnings(6);
  const client = new ClientLog(log);
  for (const what of ['one', 'two', 'three']) client.warning(what);
  client.print(ended('a', 'failed'), 'failed', warnings);
  warnings.reportRest(log);
  expect(lines).toEqual([
    'Group: a: failed',
    'Annotation (undefined): Client "a": one',
    'Annotation (undefined): Client "a": two',
    'Warning: three',
    'Annotation (undefined): 1 more warning is in the log, each in the group of its client.',
  ]);
});

test('no warning counts the others if all of them are annotations', () => {
  const { log, lines } = openLog();
  const warnings = new Warnings(0);
  expect(warnings.isShown(false)).toBe(true);
  warnings.reportRest(log);
  expect(lines).toEqual([]);
});

test('the secrets of a client are retired with its end, but none that other clients still use', () => {
  const { log, retired } = openLog();
  const client = new ClientLog(log);
  client.maskSecret(new Secret('canary-of-the-client'));
  client.maskSecret(new Secret('canary-of-the-session'));
  expect(retired).toEqual([]);
  client.end(secret => secret.reveal() === 'canary-of-the-session');
  expect(retired).toEqual(['canary-of-the-client']);
});

test('a secret that nothing uses any more is retired at once, and that of no other client', () => {
  const { log, retired } = openLog();
  const client = new ClientLog(log);
  client.maskSecret(new Secret('canary-in-use'));
  client.retireSecret(new Secret('canary-of-before'));
  expect(retired).toEqual(['canary-of-before']);
});
