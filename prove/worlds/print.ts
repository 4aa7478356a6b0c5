import { INVARIANTS, type Invariant } from './oracle.ts';
import type { Trial } from './play.ts';
import { groupOf } from './story.ts';

/** The width of the first column, in characters. */
const WIDTH = 104;

/** The number of worlds that were played and that held, by group, and the number of violations of each invariant. */
export function renderWorldCounts(trials: readonly Trial[]): string {
  const groups = [...new Set(trials.map(({ story }) => groupOf(story)))];
  const row = (name: string, some: readonly Trial[]) =>
    line(`  ${name}`, some.length, some.filter(({ violations }) => violations.length === 0).length);
  return [
    line('By group', 'tried', 'held'),
    ...groups.map(name =>
      row(
        name,
        trials.filter(({ story }) => groupOf(story) === name),
      ),
    ),
    row('all', trials),
    '',
    line('By what must hold', 'tried', 'held'),
    ...(Object.keys(INVARIANTS) as Invariant[]).map(name => {
      const broken = trials.filter(({ violations }) => violations.some(({ invariant }) => invariant === name));
      return line(`  ${name}: ${INVARIANTS[name]}`, trials.length, trials.length - broken.length);
    }),
  ].join('\n');
}

/** What did not hold in a world, and how to reproduce it. */
export function renderWorldViolations({ story, violations }: Trial, seed: string): string {
  return [
    story.id,
    ...violations.map(({ invariant, what }) => `  ${invariant}: ${what}`),
    `  npm run prove -- --part worlds --seed '${seed}' --only '${story.id}' --logs`,
  ].join('\n');
}

function line(name: string, tried: unknown, held: unknown): string {
  return `${name.padEnd(WIDTH)} ${String(tried).padStart(6)} ${String(held).padStart(6)}`;
}
