import { targetLine } from '../../src/model/target.ts';
import type { Clocks } from '../../src/model/time.ts';
import type { Plan } from '../../src/plan/plan.ts';

/** All that a plan does, with its times as milliseconds from the plan on by Vantage's clock: what tells two plans apart. */
export function essenceOf({ client, mint, prune, variables, shared }: Plan, now: Clocks): string {
  const fromNow = (time: Date | undefined) => time && time.getTime() - now.vantage.getTime();
  const due = mint && {
    due: mint.due.due,
    isDead: mint.due.due && mint.due.isDead,
    ...{ dueAt: fromNow(mint.due.due ? mint.due.restDueAt : mint.due.dueAt) },
    targets: mint.due.due ? mint.due.targets.map(({ target }) => targetLine(target)) : [],
    ...{ clock: mint.clock, untold: mint.untold, end: fromNow(mint.end) },
    ...{ startTime: fromNow(mint.life.startTime), expiration: fromNow(mint.life.expiration) },
  };
  return JSON.stringify({
    client: client.step,
    due,
    shared,
    prune: prune.map(({ id }) => id),
    variables: variables.map(({ value, tells, ...write }) => {
      return { ...write, tells, value: tells === 'expiration' ? fromNow(new Date(value)) : value };
    }),
  });
}
