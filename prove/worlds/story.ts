import type { RouteFault as GitHubFault } from '../../emulator/github/index.ts';
import type { ClientSettings, Shapes, Fault as VantageFault } from '../../emulator/vantage/index.ts';
import type { Event } from '../crash/events.ts';
import type { Tier } from '../tier.ts';

/** A world, and what happens in it, as data. */
export interface Story {
  /** The text that `--only` searches in. The first word is its group. */
  readonly id: string;
  readonly tier: Tier;
  readonly shape?: Partial<Shapes>;
  /** How far the clocks are ahead of the runner's, in milliseconds. */
  readonly clocks?: { readonly vantage: number; readonly github: number };
  readonly clients?: readonly ClientStory[];
  readonly holdings?: readonly Holding[];
  /** Environments that exist, in addition to those with items. */
  readonly environments?: readonly string[];
  readonly pullRequests?: readonly { readonly number: number; readonly state: 'open' | 'closed' }[];
  /** Inputs of every run, in addition to those of all runs of all worlds. */
  readonly inputs?: Inputs;
  readonly acts: readonly Act[];
  /** The clients that a run may delete. None, unless the world is about deletions. */
  readonly mayGo?: readonly string[];
  /** Whether a run may update the settings of an existing client. */
  readonly mayUpdate?: boolean;
  /** The maximum number of secrets that all runs together may create, if the world is about it. */
  readonly makes?: number;
  /** The number of secrets in the end, if the world is about it. */
  readonly leaves?: number;
  /** Whether there is a second GitHub, whose repositories have the same names and IDs. It is empty at first. */
  readonly hasOtherGitHub?: true;
}

export type Inputs = Readonly<Record<string, string>>;

/** A client at the start. */
export interface ClientStory {
  readonly clientId: string;
  readonly settings?: Partial<ClientSettings>;
  readonly secrets?: readonly SecretStory[];
}

/** A secret at the start. */
export interface SecretStory {
  /** Its name in the world. */
  readonly name: string;
  /**
   * Its owner, and the lines of `write-to` that it was created for (none: an output). The owner is the workflow's
   * repository, the other one (lines from its own view), or unknown.
   */
  readonly by:
    | { readonly own: readonly string[] }
    | { readonly repository: 'octo-org/website'; readonly for?: readonly string[] }
    | 'hand';
  /** In days, from the clock that dates it. */
  readonly madeAgo: number;
  /** In days. */
  readonly left: number;
  /** Default: an ID as Vantage assigns it. */
  readonly id?: string;
}

/** What a place of GitHub holds at the start. */
export interface Holding {
  /** A line of `write-to`. */
  readonly line: string;
  /** The name of a secret of the world. */
  readonly secret?: string;
  /** In days. Default: the age of the secret. */
  readonly writtenAgo?: number;
  readonly variables?: Readonly<Record<string, string>>;
}

/** The step of a run. Default: the step of the world's own workflow. */
export interface Actor {
  /** The ID of its repository. */
  readonly repositoryId?: number;
  readonly on?: 'the other GitHub';
  /** The file of the workflow, and the IDs of the job and of the step in it. */
  readonly workflow?: string;
  readonly job?: string;
  readonly step?: string;
  readonly matrix?: Readonly<Record<string, unknown>>;
}

/**
 * Stores the secret that a step returned as an output, and passes it as `current-secret`. If the next step `fails`, it
 * keeps the previous one.
 */
export interface Vault {
  readonly name: string;
  readonly fails?: true;
}

/** A run of the step, a post step, or a change by somebody else between two of them. */
export type Act = RunAct | EndAct | { readonly others: Deed };

export interface RunAct {
  /** Its title. */
  readonly run: string;
  readonly by?: Actor;
  readonly inputs?: Inputs;
  /** Signs in with a token of this client, not as the administrator. */
  readonly withTokenOf?: 'the administrator';
  /** The stored secret that the workflow passes in: that of the target of this line. */
  readonly currentFrom?: string;
  readonly vault?: Vault;
  readonly vantage?: readonly VantageFault[];
  readonly github?: readonly GitHubFault[];
  /** What happens at one moment of it. */
  readonly at?: { readonly event: Event; readonly comes: 'SIGKILL' | Deed };
  readonly expects?: Expected;
}

/** The post step of the run before. */
export interface EndAct {
  readonly endOf: string;
  /** The content of the state. Default: what the run before saved. */
  readonly state?: Inputs;
  readonly inputs?: Inputs;
  /** Whether the secret of that run must be deleted. */
  readonly revokes?: boolean;
}

/** A change by somebody else. */
export type Deed =
  | { readonly deletesClient: string }
  /** The line whose target holds it. */
  | { readonly deletesSecretOf: string; readonly client: string }
  | { readonly makesSecretFor: string }
  | { readonly removes: 'secret' | 'variable'; readonly line: string; readonly name: string }
  | { readonly writes: 'variable'; readonly line: string; readonly name: string; readonly value: string }
  | { readonly makesEnvironment: string }
  /** A repository, by its ID, gets another name, another owner, or both. */
  | { readonly renames: number; readonly to: { readonly owner?: string; readonly repo?: string } }
  /** A repository is deleted, and another one of the same name is created. */
  | { readonly recreates: number; readonly as: number }
  /** Another repository opens and closes a pull request. */
  | { readonly closes: number; readonly of: number }
  /** A number of days pass. */
  | { readonly passes: number };

/** What a world expects of one run, in addition to what must hold for all. */
export interface Expected {
  /** Whether it succeeds. */
  readonly green?: boolean;
  /** Its `error-code`. */
  readonly code?: string;
  /** Every target, and the output if there is one, holds a secret that this run created. */
  readonly delivers?: boolean;
  /** It sends no request that could change anything. */
  readonly changesNothing?: boolean;
  /** These clients do not exist afterwards. */
  readonly deletes?: readonly string[];
  /** These secrets of the world do not exist afterwards. */
  readonly prunes?: readonly string[];
  /** An annotation contains this text. */
  readonly says?: RegExp;
  /** The number of clients in its results, unless a warning says that the list may be incomplete. */
  readonly seesOrSays?: number;
}

export function isRun(act: Act): act is RunAct {
  return 'run' in act;
}

export function groupOf({ id }: Story): string {
  return id.split(' ')[0] ?? '';
}
