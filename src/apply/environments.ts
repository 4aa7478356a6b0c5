import type { PreparedTarget } from '../github/preflight.ts';
import { placeLine } from '../request/targets.ts';
import type { EnsureLedger } from './ledger.ts';
import type { Workbench } from './workbench.ts';

/**
 * Creates the environments that were found missing, and gets their keys.
 *
 * @throws Failure where one cannot be created; nothing was minted yet.
 */
export async function createEnvironments(
  prepared: readonly PreparedTarget[],
  { github, log }: Workbench,
  ledger: EnsureLedger,
): Promise<readonly PreparedTarget[]> {
  const sites = new Map(prepared.map(({ site }) => [site, site]));
  for (const site of sites.keys()) {
    if (github && site.key === undefined && site.place.kind === 'environment') {
      if (await github.environments.createIfMissing(site.place)) {
        ledger.changed = true;
        ledger.beside = [...ledger.beside, placeLine(site.place)];
        log.info(`Created ${placeLine(site.place)}.`);
      } else {
        log.info(`Somebody created ${placeLine(site.place)} in the meantime; it is left as it is.`);
      }
      sites.set(site, { ...site, key: await github.secrets.publicKey(site.place) });
    }
  }
  return prepared.map(one => ({ ...one, site: sites.get(one.site) ?? one.site }));
}
