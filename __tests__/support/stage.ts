import { type GitHub, gitHubFrom } from '../../src/github/github.ts';
import { Deadline } from '../../src/http/deadline.ts';
import { Failure, type FailureParts, messageOf } from '../../src/model/failure.ts';
import type { WarningTopic } from '../../src/model/log.ts';
import type { EnsureRequest } from '../../src/model/request.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Target } from '../../src/model/target.ts';
import { type ReadList, unreadable } from '../../src/model/vantage.ts';
import type { EnsureRun, Observed } from '../../src/modes/ensure/observe.ts';
import { type EnsureRecord, newEnsureRecord } from '../../src/modes/ensure/record.ts';
import type { StepContext } from '../../src/modes/step-context.ts';
import type { Tenant } from '../../src/vantage/tenant.ts';
import { END } from './plans.ts';
import { COMMON_REQUEST, DELIVERY } from './workflow.ts';

/** The client of the runs. */
const CLIENT_ID = 'invoices';

/** What both servers' clocks show. */
export const NOW = new Date('2027-01-31T09:00:00.000Z');

/**
 * What the servers answer, by request: `secrets.list` of Vantage, `github.secrets.write` of GitHub. `secrets.list invoices`
 * answers only for that client.
 */
export type Answers = Readonly<Record<string, (...given: never[]) => unknown>>;

export interface StageOptions {
  /** In milliseconds. */
  readonly timeout?: number;
  /** How often a sentence or marks can be saved before the file cannot be written any more. */
  readonly saves?: number;
  /** A text that is secret, so that the log hides it. */
  readonly hidden?: string;
  /** Cancels the step at this line of the log. */
  readonly cancelAt?: string | undefined;
}

/**
 * What a run, or one part of it, works with, without servers: each request is answered by the table of the scenario, and a
 * request that is not in the table is an error. Tests see the order of the requests, what is logged, and what is saved.
 */
export class Stage implements Disposable {
  readonly deadline: Deadline;
  readonly context: StepContext;
  readonly tenant: Tenant;
  readonly record: EnsureRecord = newEnsureRecord(CLIENT_ID);
  /** The sentences that were saved for the post step. */
  readonly unfinished: string[] = [];
  readonly outputs: string[] = [];
  /** What each warning is about, which GitHub shows above it. */
  readonly topics: (WarningTopic | undefined)[] = [];
  readonly #events: { readonly kind: 'request' | 'line'; readonly text: string }[] = [];
  readonly #saved: (readonly string[])[] = [];
  readonly #marks: string[] = [];

  constructor(answers: Answers = {}, { timeout = 60_000, saves = Infinity, hidden, cancelAt }: StageOptions = {}) {
    const service = <Service>(name: string): Service => this.#service(name, answers) as Service;
    const save = <Saved>(list: Saved[], saved: Saved) => {
      if (list.length >= saves) {
        throw new Error('ENOSPC: no space left on device');
      }
      list.push(saved);
    };
    const print = (line: string) => {
      this.#events.push({ kind: 'line', text: line });
      if (line === cancelAt) {
        this.deadline.cancel();
      }
    };
    const redact = (text: string) => (hidden === undefined ? text : text.replaceAll(hidden, '***'));
    this.deadline = new Deadline(timeout);
    this.tenant = { clients: service('clients'), secrets: service('secrets') };
    const services = {
      secrets: service<GitHub['secrets']>('github.secrets'),
      variables: service<GitHub['variables']>('github.variables'),
      selectedRepositories: service<GitHub['selectedRepositories']>('github.selectedRepositories'),
      environments: service<GitHub['environments']>('github.environments'),
      repositories: service<GitHub['repositories']>('github.repositories'),
      pullRequests: service<GitHub['pullRequests']>('github.pullRequests'),
    };
    const hasGitHub = Object.keys(answers).some(request => request.startsWith('github.'));
    this.context = {
      tokens: service('tokens'),
      openTenant: () => this.tenant,
      deadline: this.deadline,
      now: () => ({ vantage: NOW, github: NOW }),
      log: {
        info: print,
        infoAtOnce: print,
        warning: (line, topic) => {
          this.topics.push(topic);
          print(`Warning: ${line}`);
        },
        debug: () => undefined,
        group: (title, printLines) => {
          print(`Group: ${title}`);
          printLines();
          print('End of the group.');
        },
        redact,
        redactValue: redact,
        maskSecret: () => undefined,
        retireSecret: () => undefined,
      },
      github: hasGitHub ? gitHubFrom(services) : undefined,
      logTo: (open, part) => part(open(this.context.log)),
      savePending: () => undefined,
      savePendingMarks: marks => save(this.#saved, marks),
      saveUnfinished: sentence => save(this.unfinished, sentence),
      outputSecret: secret => this.outputs.push(secret.reveal()),
      outputAccessToken: ({ token }) => this.outputs.push(token.reveal()),
    };
  }

  /** Each request, with those of its arguments that are texts or numbers. */
  get requests(): readonly string[] {
    return this.#textsOf('request');
  }

  /** The log, with names for marks, because they are random: `MARK-1` is the first one. */
  get log(): readonly string[] {
    return this.#textsOf('line');
  }

  /** The requests and the log, in the order in which they happened. */
  get events(): readonly string[] {
    return this.#textsOf('request', 'line');
  }

  /** The marks that were saved for the post step, by their names. */
  get saved(): readonly (readonly string[])[] {
    return this.#saved.map(marks => marks.map(mark => this.named(mark)));
  }

  /** The text with names for marks. */
  named(text: string): string {
    return text.replace(/\[vantage-client [^\]]*\]/gu, mark => {
      if (!this.#marks.includes(mark)) {
        this.#marks.push(mark);
      }
      return `MARK-${this.#marks.indexOf(mark) + 1}`;
    });
  }

  [Symbol.dispose](): void {
    this.deadline.close();
  }

  #textsOf(...kinds: readonly string[]): readonly string[] {
    return this.#events.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => this.named(text));
  }

  #service(name: string, answers: Answers): unknown {
    const call = async (method: string, given: readonly unknown[]) => {
      const shown = given.filter(one => typeof one === 'string' || typeof one === 'number');
      const request = [method, ...shown].join(' ');
      this.#events.push({ kind: 'request', text: request });
      // The answer comes later, as from a server, so other requests start before it.
      await new Promise(done => setImmediate(done));
      const answer = answers[request] ?? answers[method];
      if (!answer) {
        throw new Error(`the scenario has no answer to ${request}`);
      }
      return answer(...(given as never[]));
    };
    return new Proxy(
      {},
      {
        get:
          (_, method) =>
          (...given: unknown[]) =>
            call(`${name}.${String(method)}`, given),
      },
    );
  }
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Failure) {
      return error;
    }
    throw new Error(`no failure, but ${messageOf(error)}`);
  }
  throw new Error('nothing failed');
}

/** What a promise rejects with, or undefined if it does not. */
export function failureOf(work: Promise<unknown>): Promise<Failure | undefined> {
  return work.then(
    () => undefined,
    (error: Failure) => error,
  );
}

/** A refusal by a server. */
export function refusal(code: Failure['code'] = 'forbidden', parts: Partial<FailureParts> = {}): Failure {
  return new Failure(code, { operation: 'asking', request: 'POST /somewhere', reason: 'it answered 403', ...parts });
}

/** A read that this Vantage does not offer. */
export const UNREADABLE = unreadable('it answered 404');

/** A complete list, or one that may be incomplete. */
export function listOf<Item>(found: readonly Item[], whole = true): ReadList<Item> {
  return { kind: 'found', found, whole };
}

/** Vantage created a secret, and reports this of it. */
export function created(reported: object = { id: '7', startTime: NOW.toISOString(), expiration: END.toISOString() }) {
  return { kind: 'created', value: new Secret('canary-of-the-secret'), reported };
}

/** Vantage may have created a secret, and did not say so. */
export function lost(more: object = {}) {
  const known = { kind: 'ambiguous', reason: 'it answered 500', request: 'POST /secrets' };
  return { ...known, permanent: false, retryAfter: 0, ...more };
}

/** Answers with an error. */
export function failing(error: Error): () => never {
  return () => {
    throw error;
  };
}

/** What a run observed without targets. By default, Vantage does not show the client. */
export function observedOf({ tenant }: Stage, given: Partial<Observed> = {}): Observed {
  return {
    client: UNREADABLE,
    secrets: undefined,
    targets: [],
    currentSecretAccepted: undefined,
    targetsFailure: undefined,
    emptyTargets: [],
    tenant,
    ...given,
  };
}

/** A run on a stage. By default, of a request without targets. */
export function ensureRun(stage: Stage, given: Partial<EnsureRun> = {}): EnsureRun {
  const { context, record } = stage;
  return { request: ensureRequest(), observed: observedOf(stage), context, record, ...given };
}

/** A request that writes to these targets. Without targets: to the output. */
export function ensureRequest(
  targets: readonly Target[] = [],
  given: {
    readonly client?: Partial<EnsureRequest['client']>;
    readonly secret?: Partial<EnsureRequest['secret']>;
  } = {},
): EnsureRequest {
  const { github } = DELIVERY;
  return {
    ...COMMON_REQUEST,
    client: { clientId: CLIENT_ID, declared: {}, initial: {}, ifExists: 'adopt', ...given.client },
    secret: { rotate: 'always', rotateBefore: { days: 30 }, verify: true, revokeAtJobEnd: false, ...given.secret },
    delivery:
      targets.length > 0 && github ? { outputSecret: false, github: { ...github, targets } } : { outputSecret: true },
  };
}
