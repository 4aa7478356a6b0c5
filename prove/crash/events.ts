import type { Moment } from '../../emulator/http/server.ts';

/**
 * One thing that can be seen of a run from outside, by a name that is the same in every run of its scenario:
 * `vantage.mintSecret#1.arrived`, `github.PUT:/repos/…#1.head`, `runner.GITHUB_STATE#2.written`. The number counts what
 * has the same name, so that it does not matter in which order parallel requests come.
 */
export type Event = string;

/** A request as both emulators record it. */
export interface WatchedRequest {
  readonly method: string;
  readonly path: string;
  readonly route: string;
}

/** Ids in Vantage's paths differ from run to run, so its requests go by their routes; those of GitHub by their paths. */
export function requestName(service: 'vantage' | 'github', { method, path, route }: WatchedRequest): string {
  return service === 'vantage' ? `vantage.${route}` : `github.${method}:${path}`;
}

/** Whether an event is a request that has arrived, so that the network may fail it. */
export function isRequest(event: Event): boolean {
  return event.endsWith('.arrived');
}

/** Whether an event is a write to a file of the runner. */
export function isWrite(event: Event): boolean {
  return event.endsWith('.written');
}

/** What happens at an event. */
export interface Trigger {
  readonly at: Event;
  readonly act: (request: WatchedRequest) => Promise<void>;
  /** Who waits for the act: that request alone, or all that comes after it as well. */
  readonly holds: 'one' | 'all';
}

/** Names the moments of requests, and lets one of them be acted on before anything else happens. */
export class Watcher {
  /** The moments so far, and, as `onMoment` merges them, what else there was. */
  readonly events: Event[] = [];
  readonly #trigger: Trigger | undefined;
  readonly #onMoment: () => void;
  readonly #counts = new Map<string, number>();
  readonly #numbers = new WeakMap<WatchedRequest, number>();
  readonly #open = new Set<WatchedRequest>();
  #whenIdle: (() => void)[] = [];
  #held: Promise<void> = Promise.resolve();

  /** @param onMoment called before an event is noted. */
  constructor(trigger: Trigger | undefined, onMoment: () => void) {
    this.#trigger = trigger;
    this.#onMoment = onMoment;
  }

  /** Takes note of a moment, and holds it back where something is to happen first. */
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

  /** Resolves once nothing more will come of any request that has arrived. */
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
