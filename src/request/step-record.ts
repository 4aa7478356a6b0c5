import { parseJson } from '../http/body.ts';
import { digestSettings, type SettingDigests } from './connection-settings.ts';
import type { InputName } from './inputs.ts';
import type { Inputs } from './reader.ts';
import type { EnsureRequest } from './request.ts';

/** The inputs that say where the client is. */
const WHEREABOUTS = ['base-url', 'region', 'tenant-id', 'api-version', 'client-id'] as const satisfies InputName[];

/** What the step tells its post step beside the marks: where its client is, and how it reached it. Never a secret. */
export interface StepRecord {
  readonly inputs: Readonly<{ [Name in (typeof WHEREABOUTS)[number]]?: string }>;
  readonly settings: SettingDigests;
}

/** The record of a step that is about to begin. */
export function recordStep({ vantage, client }: EnsureRequest, env: NodeJS.ProcessEnv): StepRecord {
  const { baseUrl, tenantId, apiVersion } = vantage;
  return {
    inputs: { 'base-url': baseUrl, 'tenant-id': tenantId, 'api-version': apiVersion, 'client-id': client.clientId },
    settings: digestSettings(env),
  };
}

/** Reads a record back, or gives undefined where the text is none. */
export function parseStepRecord(text: string): StepRecord | undefined {
  const record = parseJson(text);
  return isRecord(record) && isTexts(record.inputs) && isTexts(record.settings)
    ? { inputs: record.inputs, settings: record.settings }
    : undefined;
}

/**
 * The inputs of the post step. GitHub evaluates them again for it, and a later step may have changed what they come to:
 * so where the client is comes from the step, and its credentials go to no other host.
 */
export function inputsOfStep({ inputs: recorded }: StepRecord, inputs: Inputs): Inputs {
  const isWhereabouts = (name: InputName): name is keyof typeof recorded =>
    (WHEREABOUTS as readonly InputName[]).includes(name);
  return {
    readInput: name => (isWhereabouts(name) ? (recorded[name] ?? '') : inputs.readInput(name)),
    redact: text => inputs.redact(text),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isTexts(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every(text => typeof text === 'string');
}
