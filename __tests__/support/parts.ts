import { type GitHub, Lookups } from '../../src/github/github.ts';
import { WritePace } from '../../src/github/write-pace.ts';
import { Deadline } from '../../src/http/deadline.ts';
import { Failure, type FailureParts, messageOf } from '../../src/model/failure.ts';
import type { EnsureRequest } from '../../src/model/request.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Target } from '../../src/model/target.ts';
import { type EnsureRecord, newEnsureRecord } from '../../src/modes/ensure/record.ts';
import type { StepContext } from '../../src/modes/step-context.ts';
import type { Tenant } from '../../src/vantage/tenant.ts';
import { DELIVERY, RUN, WORKFLOW } from './workflow.ts';

/** The client of the runs. */
const CLIENT_ID = 'invoices';

/** What both servers' clocks show. */
export const NOW = new Date('2027-01-31T09:00:00.000Z');

/** What the servers answer, by request: `secrets.list` of Vantage, `github.secrets.write` of GitHub. */
export type Answers = Readonly<Record<string, (...given: never[]) => unknown>>;

export interface StageOptions {
  /** In milliseconds. */
  readonly timeout?: number;
  /** How often a sentence or marks can be saved before the file cannot be written any more. */
  readonly saves?: number;
  /** A text that is secret, so that the log hides it. */
  readonly hidden?: string;
}

/**
 * What one part of a run works with, without servers: each request is answered by the table of the scenario, and a request
 * that is not in the table is an error. Tests see the order of the requests, what is logged, and what is saved.
 */
export class Stage implements Disposable {
  readonly deadline: Deadline;
  readonly context: StepContext;
  readonly tenant: Tenant;
  readonly record: EnsureRecord = newEnsureRecord(CLIENT_ID);
  /** Each request, with those of its arguments that are texts or numbers. */
  readonly requests: string[] = [];
  /** The sentences that were saved for the post step. */
  readonly unfinished: string[] = [];
  readonly outputs: string[] = [];
  readonly #lines: string[] = [];
  readonly #saved: (readonly string[])[] = [];
  readonly #marks: string[] = [];

  constructor(answers: Answers = {}, { timeout = 60_000, saves = Infinity, hidden }: StageOptions = {}) {
    const service = <Service>(name: string): Service => this.#service(name, answers) as Service;
    const save = <Saved>(list: Saved[], saved: Saved) => {
      if (list.length >= saves) {
        throw new Error('ENOSPC: no space left on device');
      }
      list.push(saved);
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
        info: line => this.#lines.push(line),
        infoAtOnce: line => this.#lines.push(line),
        warning: line => this.#lines.push(`Warning: ${line}`),
        debug: () => undefined,
        group: (title: string, print: () => void) => {
          this.#lines.push(`Group: ${title}`);
          print();
          this.#lines.push('End of the group.');
        },
        redact,
        redactValue: redact,
        maskSecret: () => undefined,
        retireSecret: () => undefined,
      },
      github: hasGitHub ? { ...services, lookups: new Lookups(services), pace: WritePace.open() } : undefined,
      logTo: (open, part) => part(open(this.context.log)),
      savePending: () => undefined,
      savePendingMarks: marks => save(this.#saved, marks),
      saveUnfinished: sentence => save(this.unfinished, sentence),
      outputSecret: secret => this.outputs.push(secret.reveal()),
      outputAccessToken: ({ token }) => this.outputs.push(token.reveal()),
    };
  }

  /** The log, with names for marks, because they are random: `MARK-1` is the first one. */
  get log(): readonly string[] {
    return this.#lines.map(line => this.named(line));
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

  #service(name: string, answers: Answers): unknown {
    const call = async (request: string, given: readonly unknown[]) => {
      const shown = given.filter(one => typeof one === 'string' || typeof one === 'number');
      this.requests.push([request, ...shown].join(' '));
      const answer = answers[request];
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

/** A refusal by a server. */
export function refusal(code: Failure['code'] = 'forbidden', parts: Partial<FailureParts> = {}): Failure {
  return new Failure(code, { operation: 'asking', request: 'POST /somewhere', reason: 'it answered 403', ...parts });
}

/** Answers with an error. */
export function failing(error: Error): () => never {
  return () => {
    throw error;
  };
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
    vantage: { baseUrl: 'https://vantage.example', tenantId: 'acme', apiVersion: 'v2' },
    signIn: { kind: 'access-token', accessToken: new Secret('canary-of-the-token') },
    client: { clientId: CLIENT_ID, declared: {}, initial: {}, ifExists: 'adopt', ...given.client },
    secret: { rotate: 'always', rotateBefore: { days: 30 }, verify: true, revokeAtJobEnd: false, ...given.secret },
    delivery:
      targets.length > 0 && github ? { outputSecret: false, github: { ...github, targets } } : { outputSecret: true },
    run: RUN,
    workflow: WORKFLOW,
    warnings: [],
  };
}
