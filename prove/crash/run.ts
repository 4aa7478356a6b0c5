import type { HeldItem } from '../../emulator/github/index.ts';
import type { ActionRun } from '../../emulator/runner.ts';
import type { Event } from './events.ts';
import type { Point } from './points.ts';

/** A request of a run to either server. */
export interface SentRequest {
  readonly service: 'vantage' | 'github';
  readonly method: string;
  readonly path: string;
  readonly route: string;
  /** Whether it changed anything. */
  readonly applied: boolean;
}

/** A step of the action that has ended, and what was observed of it. */
export interface Run extends ActionRun {
  readonly title: string;
  readonly requests: readonly SentRequest[];
  readonly events: readonly Event[];
  /** Milliseconds from the signal to the end of the process. Undefined if no signal was sent. */
  readonly endedAfterMs: number | undefined;
}

/** Which step of the action to run. */
export interface RunOptions {
  /** The title of the step. */
  readonly title: string;
  /** The script: `index.js` is the step, `post.js` its post step. */
  readonly entry: string;
  readonly runId: string;
  readonly inputs?: Readonly<Record<string, string>>;
  /** What the step before saved for the post step. */
  readonly state?: Readonly<Record<string, string>>;
  /** Where and how to break it. */
  readonly broken?: Pick<Point, 'event' | 'break'>;
  /** Whether to record writes to the files of the runner as events. */
  readonly seesWrites?: boolean;
  /** Whether to execute it in this process. Default: in a process of its own. */
  readonly here?: boolean;
}

/** What one target of the scenario holds. */
export interface Holding {
  readonly line: string;
  readonly secret: HeldItem | undefined;
  /** The values of the variables next to it. */
  readonly clientId: string | undefined;
  readonly expiration: string | undefined;
}
