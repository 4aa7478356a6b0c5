import type { ActionRun } from '../../emulator/runner.ts';
import type { PlannedRun } from './calendar.ts';
import { isHopeless } from './ideal.ts';
import { type Holder, holdersOf, type Variant, WEEKS, type Workflow } from './scenario.ts';
import type { World } from './world.ts';

/** A holder whose secret did not work at some time. */
export interface Death {
  readonly key: string;
  /** When it was first observed. */
  readonly since: string;
  readonly what: string;
  looks: number;
}

/** Checks everything that stores a secret, as its users would, and how each run ends. */
export class Watch {
  readonly deaths = new Map<string, Death>();
  /** How often each holder got another secret. */
  readonly deliveries = new Map<string, number>();
  /** When each secret was last held, in milliseconds since 1970, from the runner's clock. */
  readonly heldAt = new Map<string, number>();
  readonly ends = new Map<PlannedRun, { readonly isRed: boolean; readonly said: string }>();
  pruned = 0;
  readonly #world: World;
  readonly #variant: Variant;
  readonly #held = new Map<string, string>();
  readonly #begun = new Set<Workflow>();

  constructor(world: World, variant: Variant) {
    this.#world = world;
    this.#variant = variant;
  }

  /** Records how a run ended. */
  note(run: PlannedRun, { conclusion, outputs, annotations }: ActionRun): void {
    this.#begun.add(run.workflow);
    this.pruned += (JSON.parse(outputs.pruned || '[]') as unknown[]).length;
    this.ends.set(run, { isRed: conclusion === 'failure', said: annotations.at(-1)?.message ?? '' });
  }

  /** Signs in with the secret of every holder whose workflow still runs, right before or after a run. */
  async look({ week, at }: PlannedRun, when: 'before' | 'after'): Promise<void> {
    const { workflows } = this.#variant.scenario;
    const seen = new Set<string>();
    for (const workflow of workflows.filter(({ until = WEEKS }) => week < until)) {
      for (const holder of holdersOf(workflow)) {
        if (!seen.has(holder.key)) {
          seen.add(holder.key);
          await this.#lookAt(holder, workflow, { week, at, when });
        }
      }
    }
  }

  async #lookAt(
    holder: Holder,
    workflow: Workflow,
    { week, at, when }: { readonly week: number; readonly at: number; readonly when: string },
  ): Promise<void> {
    const { key, isVault } = holder;
    const value = this.#world.valueOf(holder, workflow);
    if (value !== undefined) {
      this.heldAt.set(value, at);
      if (this.#held.get(key) !== value) {
        this.#held.set(key, value);
        this.deliveries.set(key, (this.deliveries.get(key) ?? 0) + 1);
      }
    }
    const isExpected = !isVault && this.#begun.has(workflow);
    if (isHopeless(this.#variant.scenario, holder, week) || (value === undefined && !isExpected)) {
      return;
    }
    if (value === undefined || !(await this.#world.accepts(workflow, value))) {
      const what = value === undefined ? 'holds nothing' : 'holds a secret that Vantage refuses';
      const death = this.deaths.get(key) ?? { key, since: `week ${week}, ${when} a run`, what, looks: 0 };
      death.looks += 1;
      this.deaths.set(key, death);
    }
  }
}
