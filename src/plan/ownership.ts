import { MARK_OPENING } from '../request/secret.ts';
import type { ReadList } from '../vantage/admin-api.ts';
import type { ListedSecret } from '../vantage/schema.ts';
import { readMark } from './mark.ts';

/**
 * Why the secrets of a client do not prove that the client is this repository's, or undefined where they do: all of them
 * are known, at least one bears the repository's mark, and none bears another one's.
 */
export function doubtOfOwnership(secrets: ReadList<ListedSecret>, repository: string): string | undefined {
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
  const marked = descriptions.filter(description => description?.includes(MARK_OPENING));
  const owners = marked.map(description => readMark(description)?.repository);
  if (owners.length === 0) {
    return 'none of its secrets bears an ownership mark';
  }
  const stranger = owners.find(owner => owner?.toLowerCase() !== repository.toLowerCase());
  if (stranger !== undefined) {
    return `its secrets were minted for ${stranger}`;
  }
  return owners.includes(undefined) ? 'a secret of it bears an ownership mark that cannot be read' : undefined;
}
