import Sequencer from '@jest/test-sequencer';

/** The files that take longest. One that starts last would keep one worker busy while the others have nothing to do. */
const SLOW = [
  'prove/prove',
  'plan/properties',
  'prove/interleavings',
  'prove/fleet',
  'connection',
  'proxy',
  'signals',
  'examples',
  'act',
  'docs/docs',
  'http/linear-time',
].map(name => `/__tests__/${name}.test.ts`);

/** The slow files first. A fresh clone has no times of an earlier run, by which Jest would sort. */
export default class extends Sequencer {
  sort(tests) {
    const isSlow = ({ path }) => SLOW.some(file => path.endsWith(file));
    const sorted = super.sort(tests);
    return [...sorted.filter(isSlow), ...sorted.filter(test => !isSlow(test))];
  }
}
