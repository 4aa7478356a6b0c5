import { DEFAULTS } from './defaults.ts';

export type InputName = keyof typeof DEFAULTS;

/** The inputs of the action. `action.yml` describes them. */
export const INPUTS = Object.keys(DEFAULTS) as InputName[];

/** The inputs whose value is masked, and which no error quotes. */
export const SECRET_INPUTS: readonly InputName[] = [
  'access-token',
  'auth-client-secret',
  'password',
  'current-secret',
  'github-token',
];
