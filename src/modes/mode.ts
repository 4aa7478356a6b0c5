import type { InputReader } from '../inputs/reader.ts';
import type { StepRecord } from '../inputs/saved-step.ts';
import type { ApiVersion } from '../model/client.ts';
import type { Failure } from '../model/failure.ts';
import type { CommonRequest, GitHubAccess, SignIn, WorkflowContext } from '../model/request.ts';
import type { Markdown } from '../report/markdown.ts';
import type { ReportedRun } from '../report/outputs.ts';
import type { Summarize } from '../report/summary.ts';
import type { StepContext } from './step-context.ts';

/** Reads the inputs that only this mode uses. @returns what starts the run, or undefined if an input was rejected. */
export type Mode = (reading: InputReading) => StartRun | undefined | Promise<StartRun | undefined>;

type StartRun = (common: CommonRequest) => ModeRun | Promise<ModeRun>;

/** What a mode reads its inputs from. */
export interface InputReading {
  readonly input: InputReader;
  readonly workflow: WorkflowContext;
  /** Durations count from here. */
  readonly now: Date;
  readonly apiVersion: ApiVersion;
  /** Absent if it was rejected. */
  readonly signIn: SignIn | undefined;
  /** Adds a line about an input that works but is dangerous. */
  readonly warn: (line: string) => void;
}

/** A run of one mode: what the workflow asked for, how to do it, and what to report of it. */
export interface ModeRun extends ReportedRun {
  readonly request: CommonRequest;
  /** The GitHub that the run uses, if any. */
  readonly github: GitHubAccess | undefined;
  /** What the end of the job must know to revoke a secret of this run. Absent if the mode creates none. */
  readonly savedStep?: (environment: NodeJS.ProcessEnv) => StepRecord;
  /** Does the work and notes it in the record. Loads the code of the mode. @throws Failure */
  readonly execute: (context: StepContext) => Promise<void>;
  readonly loadSummary: () => Promise<Summarize>;
}

/** What the job summary of a run is made of. The failure is that of the run. */
export interface Page<Request, Record> {
  readonly request: Request;
  readonly record: Record;
  readonly markdown: Markdown;
  readonly failure: Failure | undefined;
}

/** The fields of a request that one mode adds. */
export type FieldsOf<Request extends CommonRequest> = Omit<Request, keyof CommonRequest>;

/** Joins what a mode reads with how its run starts. */
export function defineMode<Fields extends object>(
  read: (reading: InputReading) => Fields | undefined,
  start: (request: CommonRequest & Fields) => ModeRun | Promise<ModeRun>,
): Mode {
  return reading => {
    const fields = read(reading);
    return fields && (common => start(Object.freeze({ ...common, ...fields })));
  };
}
