import type { GitHub } from '../../emulator/github/index.ts';
import type { Vantage } from '../../emulator/vantage/index.ts';
import { OWN, spotOf } from './places.ts';
import type { Deed } from './story.ts';

/** The rules of an environment that somebody made by hand. */
const PROTECTED = { waitTimer: 30, preventSelfReview: true };

/** Does what somebody else does, past the action. */
export function carryOut(deed: Deed, { vantage, github }: { vantage: Vantage; github: GitHub }): void {
  if ('deletesClient' in deed) {
    vantage.removeClient(deed.deletesClient);
  } else if ('deletesSecretOf' in deed) {
    const { place, name } = spotOf(deed.deletesSecretOf);
    vantage.removeSecret(deed.client, github.secret(place, name)?.value ?? '');
  } else if ('makesSecretFor' in deed) {
    vantage.addSecret(deed.makesSecretFor, { description: 'made by hand in the meantime' });
  } else if ('removes' in deed) {
    const { place } = spotOf(deed.line);
    // What a run should have written and has not is reported of that run.
    if (github[deed.removes](place, deed.name)) {
      github.remove(place, deed.removes, deed.name);
    }
  } else if ('writes' in deed) {
    github.put(spotOf(deed.line).place, deed.writes, deed.name, deed.value);
  } else {
    github.addEnvironment(OWN.owner, OWN.repo, deed.makesEnvironment, PROTECTED);
  }
}
