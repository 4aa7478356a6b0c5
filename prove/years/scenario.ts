import type { RouteFault, Seed } from '../../emulator/github/index.ts';
import type { Tier } from '../tier.ts';
import type { Inputs } from '../worlds/story.ts';

export const WEEKS = 52;
export const DAY = 86_400_000;
export const HOUR = 3_600_000;

/** What all workflows ask for, in days: a secret that lives so long, the next one so long before its end. */
export const LIFE = 90;
export const ROTATE_BEFORE = 30;
export const PRUNE_AFTER = 14;

/** Workflows that run once a week, and what happens between their runs: all of it data. */
export interface Scenario {
  readonly name: string;
  readonly github: Seed;
  readonly workflows: readonly Workflow[];
  readonly happenings?: readonly Happening[];
  /** What GitHub does to requests, all year long. */
  readonly faults?: readonly RouteFault[];
  /** A target that nobody can write from some week on. */
  readonly hopeless?: { readonly line: string; readonly from: number };
  /** Clients that are gone in the end, where Vantage lets them be deleted. */
  readonly gone?: readonly string[];
  /** How many more secrets than the ideal there may be, and why. */
  readonly spare: { readonly secrets: number; readonly why: string };
}

/** A step that runs once a week. */
export interface Workflow {
  readonly name: string;
  /** GitHub's number of its repository. */
  readonly repositoryId: number;
  readonly inputs: Inputs;
  /** What the runner sets of it, beside its repository. */
  readonly environment?: Inputs;
  /** The weeks in which it runs, counted from 0: from one on, and until the other has come. Default: all. */
  readonly from?: number;
  readonly until?: number;
  /**
   * It takes the secret as an output, and its next step stores it in a vault, from which it is handed back. That step
   * fails at random.
   */
  readonly usesVault?: true;
}

/** What somebody does right before the runs of a week. */
export type Happening = { readonly week: number } & (
  | { readonly renames: number; readonly to: string }
  | { readonly archives: number }
  | { readonly closes: number; readonly of: number }
);

/** How far the servers' clocks are ahead of the runner's, in milliseconds. */
export interface Clocks {
  readonly name: string;
  readonly vantage: number;
  readonly github: number;
}

/** A scenario on a tier, with clocks that agree or do not. */
export interface Variant {
  readonly scenario: Scenario;
  readonly tier: Tier;
  readonly clocks: Clocks;
}

/** What `--only` compares with. */
export function variantId({ scenario, tier, clocks }: Variant): string {
  return `${scenario.name}, tier ${tier}, clocks: ${clocks.name}`;
}

/** What holds a secret: the same for every workflow that means it, whatever a repository is called at the time. */
export function holdersOf({ inputs, repositoryId, usesVault, name }: Workflow): readonly Holder[] {
  if (inputs.mode === 'sweep') {
    return [];
  }
  if (usesVault) {
    return [{ key: `vault of ${name}`, isVault: true }];
  }
  const lines = (inputs['write-to'] ?? '').split('\n').filter(Boolean);
  return lines.map(line => ({
    key: /\//u.test(line) || line.startsWith('organization') ? line : `${line} of ${repositoryId}`,
    line,
    isVault: false,
  }));
}

export type Holder =
  | { readonly key: string; readonly isVault: true }
  | { readonly key: string; readonly isVault: false; readonly line: string };
