import { expect } from '@jest/globals';
import type { GitHub } from '../../emulator/github/index.ts';
import type { SeenStep } from './step.ts';
import { mayHold, targetsOf } from './targets.ts';
import { accepts } from './vantage.ts';

/**
 * The `written` output names the targets that hold the new secret, and the token endpoint accepts every secret of Vantage
 * that a target holds. Clears the faults of Vantage if there is such a secret.
 */
export async function expectHonestDelivery(seen: SeenStep, github: GitHub): Promise<void> {
  const { step, inputs, vantage, created } = seen;
  const targets = targetsOf(inputs).map(({ line, scope, name }) => ({
    line,
    value: github.secret(scope, name)?.value ?? '',
  }));
  const unsure = mayHold(seen);
  const holding = targets.filter(({ value }) => created.includes(value)).map(({ line }) => line);
  expect({
    written: step.written,
    unreported: holding.filter(line => ![...step.written, ...unsure].includes(line)),
  }).toEqual({ written: holding.filter(line => !unsure.includes(line)), unreported: [] });

  for (const { line, value } of targets.filter(target => vantage.createdSecrets.includes(target.value))) {
    expect({ line, accepted: await accepts(vantage, value, inputs['client-id'] ?? '') }).toEqual({
      line,
      accepted: true,
    });
  }
}
