import type { HeldItem } from '../../emulator/github/index.ts';
import type { ActionRun } from '../../emulator/runner.ts';
import type { Event } from './events.ts';
import type { Point } from './points.ts';

/** A request that a run sent, to either side. */
export interface SentRequest {
  readonly service: 'vantage' | 'github';
  readonly method: string;
  readonly path: string;
  readonly route: string;
  /** Whether it changed anything. */
  readonly applied: boolean;
}

/** A process of the action that has ended, and what was seen of it. */
export interface Run extends ActionRun {
  readonly title: string;
  readonly requests: readonly SentRequest[];
  readonly events: readonly Event[];
  /** Milliseconds from the signal to the end of the process, where one was sent. */
  readonly endedAfterMs: number | undefined;
}

/** Which process of the action to run. */
export interface RunOptions {
  /** What to call it. */
  readonly title: string;
  /** The script: `index.js` is the step, `post.js` its end of the job. */
  readonly entry: string;
  readonly runId: string;
  readonly inputs?: Readonly<Record<string, string>>;
  /** What the step before left for the end of the job. */
  readonly state?: Readonly<Record<string, string>>;
  /** Where and how to break it. */
  readonly broken?: Pick<Point, 'event' | 'break'>;
  /** Whether the writes to the runner's files are to be among the events. */
  readonly seesWrites?: boolean;
}

/** What one of the scenario's targets holds. */
export interface Holding {
  readonly line: string;
  readonly secret: HeldItem | undefined;
  /** What the variables beside it say. */
  readonly clientId: string | undefined;
  readonly expiration: string | undefined;
}
