import { type Deadline, pause } from '../../http/deadline.ts';
import { messageOf } from '../../model/failure.ts';
import { itemLine, type SharedItem } from '../../model/prepared-target.ts';
import { admitAgain, type Doorkeeper } from './readers.ts';

/**
 * How long a list is left alone before it is looked at again, in milliseconds: longer than a run takes from reading the
 * list to the end of its PUT.
 */
const SETTLES_AFTER = 2000;

/** So many looks, as a list that is never whole is no matter of runs that cross each other. */
const MOST_LOOKS = 10;

/** A secret, and the ids of all that were seen to be able to read it. */
interface Kept {
  readonly secret: SharedItem;
  readonly readers: Set<number>;
}

/**
 * Keeps the readers of an organization's secrets while several runs write them.
 *
 * The PUT of one run replaces the list by the one that this run read before, and so takes away whom another run has
 * added in between; the first cannot know of it. So each run looks after those that it knows of: it waits, adds those
 * that are missing by the route that touches no other, and does so until a look finds nobody missing. Whoever was added
 * last is then there for longer than any PUT takes whose list was read before: no such PUT is left that could take it away.
 */
export class ReadersKeeper {
  readonly #door: Doorkeeper;
  readonly #deadline: Deadline;
  readonly #kept: Kept[] = [];

  constructor(door: Doorkeeper, deadline: Deadline) {
    this.#door = door;
    this.#deadline = deadline;
  }

  /** Has the secret stay readable for those that can read it now. */
  watch(secret: SharedItem, readers: readonly number[]): void {
    if (readers.length > 0) {
      this.#kept.push({ secret, readers: new Set(readers) });
    }
  }

  /** Looks at the lists until they are whole. What fails is among the attempts. */
  async settle(): Promise<void> {
    let open: readonly Kept[] = this.#kept;
    for (let looks = 0; open.length > 0; looks += 1) {
      if (looks === MOST_LOOKS || !(await this.#wait())) {
        this.#warn(open, 'there was no time to find out');
        return;
      }
      open = await this.#lookAt(open);
    }
  }

  async #wait(): Promise<boolean> {
    const { work } = this.#deadline;
    return work.remaining() > SETTLES_AFTER && (await pause(SETTLES_AFTER, work));
  }

  /** @returns those from whose lists somebody was missing. */
  async #lookAt(open: readonly Kept[]): Promise<readonly Kept[]> {
    const incomplete: Kept[] = [];
    for (const kept of open) {
      if (await this.#restore(kept)) {
        incomplete.push(kept);
      }
    }
    return incomplete;
  }

  /** @returns whether somebody was missing, and is added again. */
  async #restore(kept: Kept): Promise<boolean> {
    const { secret, readers } = kept;
    const found = await this.#list(kept);
    const missing = [...readers].filter(id => found && !found.includes(id));
    const restored: number[] = [];
    for (const id of missing) {
      if (await admitAgain(secret, id, this.#door)) {
        restored.push(id);
      } else {
        readers.delete(id);
      }
    }
    for (const id of found ?? []) {
      readers.add(id);
    }
    if (restored.length > 0) {
      const names = `${restored.length === 1 ? 'repository' : 'repositories'} ${restored.join(', ')}`;
      this.#door.log.info(`Another run took ${names} from those that may read ${itemLine(secret)}: added again.`);
    }
    return restored.length > 0;
  }

  async #list(kept: Kept): Promise<readonly number[] | undefined> {
    const { attempts, github } = this.#door;
    try {
      return await github.readers.list(kept.secret, attempts.budget);
    } catch (error) {
      this.#warn([kept], messageOf(error));
      return undefined;
    }
  }

  #warn(open: readonly Kept[], why: string): void {
    const lines = open.map(({ secret }) => itemLine(secret)).join(', ');
    this.#door.log.warning(
      `Another run may have taken repositories from those that may read ${lines}: ${why}. See whether the list is as you want it.`,
    );
  }
}
