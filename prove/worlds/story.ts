import type { RouteFault as GitHubFault } from '../../emulator/github/index.ts';
import type { ClientSettings, Shapes, Fault as VantageFault } from '../../emulator/vantage/index.ts';
import type { Event } from '../crash/events.ts';
import type { Tier } from '../tier.ts';

/** A world, and what happens in it: all of it data. */
export interface Story {
  /** What `--only` compares with. The first word is its group. */
  readonly id: string;
  readonly tier: Tier;
  readonly shape?: Partial<Shapes>;
  /** How far the clocks are ahead of the runner's, in milliseconds. */
  readonly clocks?: { readonly vantage: number; readonly github: number };
  readonly clients?: readonly ClientStory[];
  readonly holdings?: readonly Holding[];
  /** Environments that there are, beside those that hold something. */
  readonly environments?: readonly string[];
  readonly pullRequests?: readonly { readonly number: number; readonly state: 'open' | 'closed' }[];
  /** What every run is given, beside what all runs of all worlds are. */
  readonly inputs?: Inputs;
  readonly acts: readonly Act[];
  /** The clients that a run may delete. None, unless the world is about that. */
  readonly mayGo?: readonly string[];
  /** Whether a run may write the settings of a client that is there. */
  readonly mayUpdate?: boolean;
  /** How many secrets all runs together may make, where the world is about that. */
  readonly makes?: number;
  /** How many secrets there are in the end, where the world is about that. */
  readonly leaves?: number;
  /** There is a second GitHub, whose repositories have the same names and numbers. It begins empty. */
  readonly hasOtherGitHub?: true;
}

export type Inputs = Readonly<Record<string, string>>;

/** A client to begin with. */
export interface ClientStory {
  readonly clientId: string;
  readonly settings?: Partial<ClientSettings>;
  readonly secrets?: readonly SecretStory[];
}

/** A secret to begin with. */
export interface SecretStory {
  /** What the world calls it. */
  readonly name: string;
  /**
   * Whose it is, and for which lines of `write-to`, none being an output: of the workflow's repository; of the other one,
   * in its own words; or nobody knows.
   */
  readonly by:
    | { readonly own: readonly string[] }
    | { readonly repository: 'octo-org/website'; readonly for?: readonly string[] }
    | 'hand';
  /** Days, by the clock of the server that tells the time. */
  readonly madeAgo: number;
  /** Days. */
  readonly left: number;
  /** Default: one of Vantage's. */
  readonly id?: string;
}

/** What a place of GitHub holds to begin with. */
export interface Holding {
  /** A line of `write-to`. */
  readonly line: string;
  /** The name of a secret of the world. */
  readonly secret?: string;
  /** Days. Default: when the secret was made. */
  readonly writtenAgo?: number;
  readonly variables?: Readonly<Record<string, string>>;
}

/** The step that a run is of. Default: that of the world's own workflow. */
export interface Actor {
  /** GitHub's number of its repository. */
  readonly repositoryId?: number;
  readonly on?: 'the other GitHub';
  /** The file of the workflow, and the ids of the job and of the step in it. */
  readonly workflow?: string;
  readonly job?: string;
  readonly step?: string;
  readonly matrix?: Readonly<Record<string, unknown>>;
}

/**
 * What stores the secret that a step gave out, and hands it back as `current-secret`. Where the next step `fails`, it
 * keeps what it had.
 */
export interface Vault {
  readonly name: string;
  readonly fails?: true;
}

/** A run of the step, an end of a job, or what others do between two of them. */
export type Act = RunAct | EndAct | { readonly others: Deed };

export interface RunAct {
  /** What to call it. */
  readonly run: string;
  readonly by?: Actor;
  readonly inputs?: Inputs;
  /** Signs in with a token of this client and not as the administrator's. */
  readonly withTokenOf?: 'the administrator';
  /** The stored secret, as the workflow hands it back. The line whose target holds it. */
  readonly currentFrom?: string;
  readonly vault?: Vault;
  readonly vantage?: readonly VantageFault[];
  readonly github?: readonly GitHubFault[];
  /** What happens at one moment of it. */
  readonly at?: { readonly event: Event; readonly comes: 'SIGKILL' | Deed };
  readonly expects?: Expected;
}

/** The end of the job of the run before. */
export interface EndAct {
  readonly endOf: string;
  /** What stands in the state. Default: what the run before it saved. */
  readonly state?: Inputs;
  readonly inputs?: Inputs;
  /** The secret of that run is to be gone. */
  readonly revokes?: boolean;
}

/** What somebody else does. */
export type Deed =
  | { readonly deletesClient: string }
  /** By the line whose target holds it. */
  | { readonly deletesSecretOf: string; readonly client: string }
  | { readonly makesSecretFor: string }
  | { readonly removes: 'secret' | 'variable'; readonly line: string; readonly name: string }
  | { readonly writes: 'variable'; readonly line: string; readonly name: string; readonly value: string }
  | { readonly makesEnvironment: string }
  /** A repository by its number gets another name, another owner, or both. */
  | { readonly renames: number; readonly to: { readonly owner?: string; readonly repo?: string } }
  /** A repository is deleted, and another one made of the same name. */
  | { readonly recreates: number; readonly as: number }
  /** A pull request that another repository opens and closes. */
  | { readonly closes: number; readonly of: number }
  /** Nobody does anything for so many days. */
  | { readonly passes: number };

/** What is expected of one run, beyond what is expected of all. */
export interface Expected {
  /** Whether it succeeds. */
  readonly green?: boolean;
  /** Its `error-code`. */
  readonly code?: string;
  /** Every target, and the output where it is one, holds a secret that this run made. */
  readonly delivers?: boolean;
  /** It sends nothing that could change anything. */
  readonly changesNothing?: boolean;
  /** These clients are gone afterwards. */
  readonly deletes?: readonly string[];
  /** These secrets of the world are gone afterwards. */
  readonly prunes?: readonly string[];
  /** An annotation says this. */
  readonly says?: RegExp;
  /** So many clients are in its results, or a warning says that they may not be all. */
  readonly seesOrSays?: number;
}

export function isRun(act: Act): act is RunAct {
  return 'run' in act;
}

export function groupOf({ id }: Story): string {
  return id.split(' ')[0] ?? '';
}
