import type { Moment } from '../../emulator/http/server.ts';

/**
 * An event of a run that can be observed from outside. Its name is the same in every run of its scenario:
 * `vantage.createSecret#1.arrived`, `github.PUT:/repos/…#1.head`, `runner.GITHUB_STATE#2.written`. The number counts what
 * earlier events of the same name, so the order of parallel requests does not matter.
 */
export type Event = string;

/** A request as both emulators record it. */
export interface WatchedRequest {
  readonly method: string;
  readonly path: string;
  readonly route: string;
}

/** Requests to Vantage are named by route because IDs in their paths differ between runs, those to GitHub by path. */
export function requestName(service: 'vantage' | 'github', { method, path, route }: WatchedRequest): string {
  return service === 'vantage' ? `vantage.${route}` : `github.${method}:${path}`;
}

/** Whether an event is the arrival of a request, so that the network can fail the request. */
export function isRequest(event: Event): boolean {
  return event.endsWith('.arrived');
}

/** Whether an event is a write to a file of the runner. */
export function isWrite(event: Event): boolean {
  return event.endsWith('.written');
}

/** What to do at an event. */
export interface Trigger {
  readonly at: Event;
  readonly act: (request: WatchedRequest) => Promise<void>;
  /** What waits for the action: this request only, or all later ones as well. */
  readonly holds: 'one' | 'all';
}

/** Names the events of requests, and can run an action at one of them before anything else happens. */
export class Watcher {
  /** The events so far, and the other ones that `onMoment` adds. */
  readonly events: Event[] = [];
  readonly #trigger: Trigger | undefined;
  readonly #onMoment: () => void;
  readonly #counts = new Map<string, number>();
  readonly #numbers = new WeakMap<WatchedRequest, number>();
  readonly #open = new Set<WatchedRequest>();
  #whenIdle: (() => void)[] = [];
  #held: Promise<void> = Promise.resolve();

  /** @param onMoment called before an event is recorded. */
  constructor(trigger: Trigger | undefined, onMoment: () => void) {
    this.#trigger = trigger;
    this.#onMoment = onMoment;
  }

  /** Records an event. Delays it if an action must run first. */
  async see(service: 'vantage' | 'github', moment: Moment, request: WatchedRequest): Promise<void> {
    if (moment === 'over') {
      this.#close(request);
      return;
    }
    const name = requestName(service, request);
    if (moment === 'arrived') {
      this.#open.add(request);
      this.#numbers.set(request, this.#count(name));
    }
    await this.#held;
    this.#onMoment();
    const event = `${name}#${this.#numbers.get(request)}.${moment}`;
    this.events.push(event);
    if (event === this.#trigger?.at) {
      const acted = this.#trigger.act(request);
      if (this.#trigger.holds === 'all') {
        this.#held = acted;
      }
      await acted;
    }
  }

  /** Resolves when no more events of the requests that have arrived will follow. */
  async idle(): Promise<void> {
    if (this.#open.size > 0) {
      await new Promise<void>(resolve => this.#whenIdle.push(resolve));
    }
  }

  #close(request: WatchedRequest): void {
    this.#open.delete(request);
    if (this.#open.size === 0) {
      for (const resolve of this.#whenIdle.splice(0)) {
        resolve();
      }
    }
  }

  #count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }
}
