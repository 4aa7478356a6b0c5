import { MARK_OPENING } from '../request/secret.ts';
import type { WorkflowRun } from '../request/workflow-run.ts';
import type { ReadList } from '../vantage/admin-api.ts';
import type { ListedSecret } from '../vantage/schema.ts';
import { isOwnMark, readMark } from './mark.ts';

/**
 * Why the secrets of a client do not prove that the client is this repository's, or undefined where they do: all of them
 * are known, at least one bears the repository's mark, and none bears another one's.
 */
export function doubtOfOwnership(secrets: ReadList<ListedSecret>, workflow: WorkflowRun): string | undefined {
  if (secrets.kind === 'unreadable') {
    return `its secrets cannot be listed, so nothing proves whose it is: ${secrets.why}`;
  }
  if (!secrets.whole) {
    return 'its list of secrets may be cut, so nothing proves whose it is';
  }
  const descriptions = secrets.found.map(({ description }) => description);
  if (descriptions.includes(undefined)) {
    return 'the descriptions of its secrets are not told, so nothing proves whose it is';
  }
  const marks = descriptions.filter(description => description?.includes(MARK_OPENING)).map(readMark);
  if (marks.length === 0) {
    return 'none of its secrets bears an ownership mark';
  }
  if (marks.includes(undefined)) {
    return 'a secret of it bears an ownership mark that cannot be read';
  }
  if (workflow.repositoryId === undefined) {
    return 'the runner does not tell the id of this repository (GITHUB_REPOSITORY_ID), so nothing proves whose it is';
  }
  const stranger = marks.find(mark => mark && !isOwnMark(mark, workflow));
  return stranger && `its secrets were created for ${stranger.repository} (${stranger.owner})`;
}
