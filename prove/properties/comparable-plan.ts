import { targetLine } from '../../src/model/target.ts';
import type { Clocks } from '../../src/model/time.ts';
import type { Plan } from '../../src/plan/plan.ts';

/** A plan as text, to compare two plans. Its times are in milliseconds since the plan was made, from Vantage's clock. */
export function comparablePlan({ client, rotation, prune, variables, shared }: Plan, now: Clocks): string {
  const fromNow = (time: Date | undefined) => time && time.getTime() - now.vantage.getTime();
  const due = rotation && {
    due: rotation.due.due,
    isUnusable: rotation.due.due && rotation.due.isUnusable,
    ...{ dueAt: fromNow(rotation.due.due ? rotation.due.restDueAt : rotation.due.dueAt) },
    targets: rotation.due.due ? rotation.due.targets.map(({ target }) => targetLine(target)) : [],
    ...{ clock: rotation.clock, unreported: rotation.unreported, end: fromNow(rotation.end) },
    ...{ startTime: fromNow(rotation.life.startTime), expiration: fromNow(rotation.life.expiration) },
  };
  return JSON.stringify({
    client: client.step,
    due,
    shared,
    prune: prune.map(({ id }) => id),
    variables: variables.map(({ value, content, ...write }) => {
      return { ...write, content, value: content === 'expiration' ? fromNow(new Date(value)) : value };
    }),
  });
}
