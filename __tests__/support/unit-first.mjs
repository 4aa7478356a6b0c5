import { sep } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** The tests of pure code first: they notice most mutants in a tenth of the time that those with servers take. */
export default class UnitFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => (path.includes(`${sep}unit${sep}`) ? 0 : 1);
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
}
