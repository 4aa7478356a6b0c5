import { statSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';

/** Files of tests by how soon they notice a mutant: of pure code, in random worlds, with servers. */
const LAST = [/unit[\\/](?!properties|linear)/u, /unit[\\/]/u, /(?:)/u];

/** The fast tests first, and among those the small ones, as no further one is run for a mutant once one has failed. */
export default class FastFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => LAST.findIndex(pattern => pattern.test(path));
    const size = ({ path }) => statSync(path).size;
    return tests.toSorted((one, other) => rank(one) - rank(other) || size(one) - size(other));
  }
}
