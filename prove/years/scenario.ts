import type { RouteFault, Seed } from '../../emulator/github/index.ts';
import type { Tier } from '../tier.ts';
import type { Inputs } from '../worlds/story.ts';

export const WEEKS = 52;
export const DAY = 86_400_000;
export const HOUR = 3_600_000;

/** What all workflows request, in days: the life of a secret, and how long before its expiration to rotate it. */
export const LIFE = 90;
export const ROTATE_BEFORE = 30;
export const PRUNE_AFTER = 14;

/** Workflows that run once a week, and what happens between their runs, as data. */
export interface Scenario {
  readonly name: string;
  readonly github: Seed;
  readonly workflows: readonly Workflow[];
  readonly happenings?: readonly Happening[];
  /** What GitHub does to requests during the whole year. */
  readonly faults?: readonly RouteFault[];
  /** A target that nobody can write from some week on. */
  readonly hopeless?: { readonly line: string; readonly from: number };
  /** Clients that do not exist in the end, if Vantage allows their deletion. */
  readonly gone?: readonly string[];
  /** How many more secrets than the ideal are allowed, and why. */
  readonly spare: { readonly secrets: number; readonly why: string };
}

/** A step that runs once a week. */
export interface Workflow {
  readonly name: string;
  /** The ID of its repository. */
  readonly repositoryId: number;
  readonly inputs: Inputs;
  /** What the runner sets for it, in addition to its repository. */
  readonly environment?: Inputs;
  /** The first week in which it runs, and the one after its last, counted from 0. Default: all. */
  readonly from?: number;
  readonly until?: number;
  /**
   * The secret is an output of the step. The next step stores it in a vault, and the workflow passes it to the next
   * run. That step fails at random.
   */
  readonly usesVault?: true;
}

/** What somebody does right before the runs of a week. */
export type Happening = { readonly week: number } & (
  | { readonly renames: number; readonly to: string }
  | { readonly archives: number }
  | { readonly closes: number; readonly of: number }
);

/** How far the clocks of the servers are ahead of the runner's, in milliseconds. */
export interface Clocks {
  readonly name: string;
  readonly vantage: number;
  readonly github: number;
}

/** A scenario on a tier, with clocks that agree or disagree. */
export interface Variant {
  readonly scenario: Scenario;
  readonly tier: Tier;
  readonly clocks: Clocks;
}

/** The text that `--only` searches in. */
export function variantId({ scenario, tier, clocks }: Variant): string {
  return `${scenario.name}, tier ${tier}, clocks: ${clocks.name}`;
}

/** A place that holds a secret: the same for all workflows that use it, whatever the name of a repository is then. */
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
