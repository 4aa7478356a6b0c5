import path from 'node:path';
import { parseArgs } from 'node:util';
import { readSbom } from './release/assets.ts';
import { ReleaseError, startRelease, verifyDistByBuild, writeAssets } from './release/run.ts';

const HELP = `Releases the version in package.json. CONTRIBUTING.md says how to prepare one.

  npm run release -- --dry-run      check everything, and show what would be tagged, attested and published
  npm run release                   do the same, then create the tag and push it: the workflow publishes the release
  npm run release -- --assets DIR --tag TAG
                                    for that workflow: check the tag that is checked out, and write what it publishes

  --remote NAME                     the remote that the release is for (default: origin)
`;

const { values } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    remote: { type: 'string', default: 'origin' },
    assets: { type: 'string' },
    tag: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const context = {
  folder: path.resolve(import.meta.dirname, '..'),
  remote: values.remote,
  verifyDist: verifyDistByBuild,
  readSbom,
  print: (text: string) => console.log(text),
};

try {
  if (values.help || (values.assets === undefined) !== (values.tag === undefined)) {
    process.stdout.write(HELP);
    process.exitCode = values.help ? 0 : 2;
  } else if (values.assets !== undefined && values.tag !== undefined) {
    await writeAssets(context, values.tag, path.resolve(values.assets));
  } else {
    await startRelease(context, values['dry-run']);
  }
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error;
  console.error(`There is no release:\n${error.message}`);
  process.exitCode = 1;
}
