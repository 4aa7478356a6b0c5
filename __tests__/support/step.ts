import { expect } from '@jest/globals';
import type {
  GitHub,
  RecordedRequest as GitHubRequest,
  RouteName as GitHubRoute,
} from '../../emulator/github/index.ts';
import type { ActionRun } from '../../emulator/runner.ts';
import type {
  RouteName,
  StoredClient,
  StoredSecret,
  Vantage,
  RecordedRequest as VantageRequest,
} from '../../emulator/vantage/index.ts';
import type { Outcome } from '../../src/report/outputs.ts';
import type { StepRun } from './run-step.ts';

/** What an error says about a request that may have taken effect although its response was lost. */
export const DOUBT = 'It may have taken effect.';

/**
 * How a step ends if no request is answered: with the last attempt, or by its timeout if that aborts the last attempt.
 */
export const UNANSWERED: readonly string[] = ['vantage-unavailable', 'timeout'];

export type Inputs = Readonly<Record<string, string>>;

/** A client in the `results` output. */
export interface Result {
  readonly clientId: string;
  readonly outcome: Outcome;
  readonly errorCode: string;
  readonly cleared?: readonly string[];
  readonly pullRequest?: number;
  readonly step?: 'delete' | 'keep';
  readonly fate?: 'kept' | 'to be deleted' | 'deleted' | 'gone' | 'failed';
  readonly why?: string;
}

/** A step that has ended, and the requests of it. */
export interface Step extends StepRun {
  /** What Vantage and GitHub received from it, in order. */
  readonly vantage: readonly VantageRequest[];
  readonly github: readonly GitHubRequest[];
  readonly results: readonly Result[];
  /** The lines of the `written` output. */
  readonly written: readonly string[];
  /** Milliseconds from its first request (or from its start) to its end, without the time that Node takes to start. */
  readonly workMs: number;
}

/** What the servers store that a step can change. */
export interface State {
  /** Including the client that the steps sign in with. */
  readonly clients: readonly StoredClient[];
  /** What GitHub stores at the targets of the step, and its environments. */
  readonly github: unknown;
}

/** A step, and what the servers stored before and after it: what the checks of a step look at. */
export interface SeenStep {
  readonly step: Step;
  /** All of its inputs, including those that every step needs. */
  readonly inputs: Inputs;
  readonly env: Inputs;
  readonly vantage: Vantage;
  /** Undefined in a world without a GitHub. */
  readonly github: GitHub | undefined;
  readonly before: State;
  readonly after: State;
  /** The secrets that Vantage created during the step. */
  readonly created: readonly string[];
}

/** The requests of one route of Vantage. */
export function requestsOf(step: Step, route: RouteName): readonly VantageRequest[] {
  return step.vantage.filter(request => request.route === route);
}

/** The requests of one route of GitHub. */
export function githubRequests(step: Step, route: GitHubRoute): readonly GitHubRequest[] {
  return step.github.filter(request => request.route === route);
}

/** The route of each request to Vantage in order, except the reads, which are sent at the same time. */
export function routesOf(step: Step): readonly RouteName[] {
  return step.vantage.map(({ route }) => route).filter(route => route !== 'readClient' && route !== 'readSecrets');
}

/** The requests to either server that could change something. */
export function writesOf(step: Step): readonly (VantageRequest | GitHubRequest)[] {
  return [...step.vantage, ...step.github].filter(({ method, route }) => method !== 'GET' && route !== 'token');
}

/** The requests to GitHub that could change something. */
export function githubWrites(step: Step): readonly GitHubRequest[] {
  return step.github.filter(({ method }) => method !== 'GET');
}

/** The requests to create a secret that Vantage received. */
export function creationsOf(step: Step): readonly VantageRequest[] {
  return requestsOf(step, 'createSecret');
}

/** The clients that a step deleted, in the order in which Vantage deleted them. */
export function deletedClients(step: Step): readonly string[] {
  return requestsOf(step, 'deleteClient')
    .filter(({ applied }) => applied)
    .map(({ path }) => decodeURIComponent(/\/clients\/([^/?]+)/u.exec(path)?.[1] ?? ''));
}

/** The body of a request, parsed. */
export function bodyOf(request: Pick<GitHubRequest, 'body'> | undefined): Record<string, unknown> {
  return JSON.parse(request?.body || '{}');
}

/** The ownership mark in each request to create a secret, in order. */
export function marksOf(step: Step): readonly string[] {
  return creationsOf(step).map(({ body }) => markOf((JSON.parse(body) as StoredSecret).description));
}

/** The ownership mark at the end of a description. */
export function markOf(description: string | null): string {
  const mark =
    /\[vantage-client octo-org\/octo-repo id=github\.com\/1001 to=[\da-f]{8}(?:,[\da-f]{8})* run=1658821493\.1 [\da-f]+\]$/u.exec(
      description ?? '',
    );
  return mark?.[0] ?? 'no mark';
}

/** The warnings that a user sees on the page of the run. */
export function warningsOf(step: ActionRun): readonly string[] {
  return step.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message);
}

/** The one line that says why a step failed, or '' if it succeeded. */
export function errorOf(step: ActionRun): string {
  return step.annotations.find(({ level }) => level === 'error')?.message ?? '';
}

/** The step succeeded and delivered a secret that Vantage stores. */
export function expectDelivered(step: Step, secrets: readonly StoredSecret[]): void {
  expect({ code: step.outputs['error-code'], error: errorOf(step) }).toEqual({ code: '', error: '' });
  expect(secrets.map(({ value }) => value)).toContain(step.outputs['client-secret']);
}
