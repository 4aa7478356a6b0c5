import { lifetimeSeconds, matchesForeignHosts } from '../model/client.ts';
import type { FINDING_CLASSES } from '../model/request.ts';
import { type ReadableClient, textsOf } from '../model/vantage.ts';

/** The kinds of findings of an audit, and the class of each for `fail-on`. */
export const FINDING_KINDS = {
  'no-valid-secret': 'expiring',
  expired: 'expiring',
  expiring: 'expiring',
  'no-end': 'risky',
  'foreign-hosts': 'risky',
  'no-pkce': 'risky',
  ropc: 'risky',
  'long-lifetime': 'risky',
  unreadable: 'other',
} as const satisfies Record<string, FindingClass>;

export type FindingKind = keyof typeof FINDING_KINDS;

type FindingClass = (typeof FINDING_CLASSES)[number] | 'other';

export interface Finding {
  readonly kind: FindingKind;
  readonly class: FindingClass;
  readonly secretId?: string;
  /** The problem as text, as part of a sentence. */
  readonly text: string;
}

export function finding(kind: FindingKind, text: string, secretId?: string): Finding {
  return { kind, class: FINDING_KINDS[kind], ...(secretId === undefined ? {} : { secretId }), text };
}

/** The start of a long id, which is enough to distinguish it from the others of its client. */
export function shortId(id: string): string {
  return id.length > 12 ? `${id.slice(0, 8)}…` : id;
}

/** In seconds. */
const DAY = 24 * 60 * 60;

/** The documented defaults, in seconds. */
const DEFAULT_LIFETIMES = { accessTokenLifetime: DAY, refreshTokenLifetime: 30 * DAY };

const NO_PKCE = finding('no-pkce', 'the authorization code flow works without PKCE (allowNoPkce)');
const ROPC = finding('ropc', 'users can give it their passwords (resource owner password credentials)');

/** Findings about risky settings of a client, as far as its settings are known. */
export function findInSettings(client: ReadableClient): readonly Finding[] {
  const { redirectUris, allowNoPkce, allowRopc, allowedGrantTypes } = client;
  const foreign = [...new Set(textsOf(redirectUris))].filter(matchesForeignHosts);
  return [
    ...foreign.map(uri => finding('foreign-hosts', `redirect URI ${uri} also matches hosts that start with it`)),
    ...(allowNoPkce === true ? [NO_PKCE] : []),
    ...(allowRopc === true || textsOf(allowedGrantTypes).includes('password') ? [ROPC] : []),
    ...findInLifetimes(client),
  ];
}

function findInLifetimes(client: ReadableClient): readonly Finding[] {
  const days = (seconds: number) => `${Number((seconds / DAY).toFixed(1))} d`;
  return Object.entries(DEFAULT_LIFETIMES).flatMap(([field, usual]) => {
    // Without offline access, there are no refresh tokens.
    const isUsed = field === 'accessTokenLifetime' || client.allowOfflineAccess === true;
    const seconds = lifetimeSeconds(client[field]) ?? 0;
    const text = `${field} is ${days(seconds)}; the default of Vantage is ${days(usual)}`;
    return isUsed && seconds > usual ? [finding('long-lifetime', text)] : [];
  });
}
