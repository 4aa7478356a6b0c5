import type { StoredPullRequest } from './seed.ts';
import type { Store } from './store.ts';

/** The pull requests of one repository, as people open and close them. Throws if GitHub would not allow it. */
export interface PullRequests {
  /** Opens one, and returns its number: the given one, or the next one. */
  open(number?: number): number;
  /** Closes an open one without merging it. */
  close(number: number): void;
  merge(number: number): void;
  /** Reopens a closed one. A merged one stays closed. */
  reopen(number: number): void;
}

/** The pull requests of an existing repository. */
export function pullRequestsOf(store: Store, owner: string, repo: string): PullRequests {
  const all = store.repository(owner, repo).pullRequests;
  const change = (number: number, from: StoredPullRequest['state'], to: Partial<StoredPullRequest>) => {
    const found = all.find(one => one.number === number);
    if (!found) throw new Error(`There is no pull request ${number} in ${owner}/${repo}`);
    if (found.state !== from || found.merged)
      throw new Error(`Pull request ${number} is ${found.merged ? 'merged' : found.state}, not ${from}`);
    Object.assign(found, to);
  };
  return {
    open: (number = Math.max(0, ...all.map(one => one.number)) + 1) => {
      if (all.some(one => one.number === number)) throw new Error(`Pull request ${number} is there already`);
      all.push({ number, state: 'open', merged: false });
      return number;
    },
    close: number => change(number, 'open', { state: 'closed' }),
    merge: number => change(number, 'open', { state: 'closed', merged: true }),
    reopen: number => change(number, 'closed', { state: 'open' }),
  };
}
