import type { Deadline } from '../../src/http/deadline.ts';
import { Failure } from '../../src/model/failure.ts';
import {
  type ListedSecret,
  type Presence,
  type Read,
  type ReadableClient,
  type ReadList,
  unreadable,
} from '../../src/model/vantage.ts';
import type { StepContext } from '../../src/modes/step-context.ts';
import type { PullRequestState } from '../../src/plan/sweep.ts';

/** What every clock shows. */
export const NOW = '2027-01-31T09:00:00.000Z';

/** An answer of a server. An error is thrown, and a function decides each time. */
type Answer<Value> = Value | Error | (() => Value | Error);

/** What a tenant and a GitHub answer, by the ID of the client or the number of the pull request. */
export interface Answers {
  readonly clients: ReadList<ReadableClient>;
  readonly client?: Readonly<Record<string, Answer<Read<ReadableClient>>>>;
  readonly presence?: Readonly<Record<string, Answer<Presence>>>;
  readonly secrets?: Readonly<Record<string, Answer<ReadList<ListedSecret>>>>;
  readonly deletion?: Readonly<Record<string, Answer<'deleted' | 'absent'>>>;
  /** Absent if the step has no GitHub. */
  readonly pullRequest?: Readonly<Record<number, Answer<Exclude<PullRequestState, Failure>>>>;
}

/** A complete list, or one that may be incomplete. */
export const listOf = <Item>(found: readonly Item[], whole = true): ReadList<Item> => ({ kind: 'found', found, whole });

export const UNREADABLE = unreadable('GET https://vantage.example answered 404');

/**
 * A step whose servers are in memory, for tests of what a mode does with each answer. `events` is everything that it logs
 * and asks, in order. `stop` cancels it.
 */
export function stepInMemory(answers: Answers) {
  const events: string[] = [];
  const deadline: { stopCode: 'cancelled' | undefined; failure: Deadline['failure'] } = {
    stopCode: undefined,
    failure: operation => new Failure('cancelled', { operation, reason: 'the workflow was cancelled' }),
  };
  const answer =
    <Value>(what: string, values: Readonly<Record<string | number, Answer<Value>>> = {}) =>
    async (key: string | number): Promise<Value> => {
      events.push(`${what} ${key}`);
      // Only then does the next request start, as with a server.
      await new Promise(done => setImmediate(done));
      const given = values[key];
      const value = typeof given === 'function' ? (given as () => Value | Error)() : given;
      if (value === undefined || value instanceof Error) {
        throw value ?? new Error(`the test has no answer to "${what} ${key}"`);
      }
      return value;
    };
  const context = {
    tokens: { signIn: async (way: unknown) => ({ signedInBy: way }) },
    openTenant: () => ({
      clients: {
        list: async () => answers.clients,
        read: answer('read', answers.client),
        find: answer('find', answers.presence),
        delete: answer('delete', answers.deletion),
      },
      secrets: { list: answer('secrets of', answers.secrets) },
    }),
    deadline,
    now: () => ({ vantage: new Date(NOW), github: new Date(NOW) }),
    log: {
      info: (line: string) => events.push(line),
      warning: (line: string) => events.push(`Warning: ${line}`),
      group: (title: string, print: () => void) => {
        events.push(`Group: ${title}`);
        print();
        events.push('End of the group.');
      },
      redactValue: (value: string) => value.replaceAll('canary', '***'),
    },
    github: answers.pullRequest && { pullRequests: { state: answer('pull request', answers.pullRequest) } },
  } as unknown as StepContext;
  const stop = () => {
    deadline.stopCode = 'cancelled';
  };
  return { context, events, stop };
}
