import * as z from 'zod';
import { GRANT_TYPES, IF_EXISTS } from '../../src/inputs/client.ts';
import { DEFAULTS } from '../../src/inputs/defaults.ts';
import { CLIENT_KEYS, type Key, PATHS, SECRET_KEYS } from '../../src/inputs/manifest/keys.ts';
import { LONGEST_TEXT, MOST_ITEMS } from '../../src/inputs/manifest/values.ts';
import type { InputName } from '../../src/inputs/names.ts';
import { ROTATE } from '../../src/inputs/secret.ts';
import { DOCUMENTED_SCOPES } from '../../src/model/client.ts';
import { APPS } from '../../src/model/target.ts';
import { readActionYml } from '../generate/action-yml.ts';

/** It changes if a change would break manifests. */
export const MANIFEST_VERSION = 1;

const { inputs } = readActionYml();

const text = z.string().max(LONGEST_TEXT).regex(/[^\s]/);

const name = z.string().regex(/^(?![Gg][Ii][Tt][Hh][Uu][Bb]_)[A-Za-z_][A-Za-z0-9_]*$/);

const DURATION = '(?=[0-9])([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?|P[0-9YMWDTHS.,]+';

const duration = z.string().regex(new RegExp(`^(${DURATION})$`));

const moment = z.string().regex(new RegExp(`^([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+([Zz]|[+-][0-9:]+)|${DURATION})$`));

const listOf = (item: z.ZodType) => z.array(item).min(1).max(MOST_ITEMS).meta({ uniqueItems: true });

const uri = text.regex(/^[A-Za-z][A-Za-z0-9+.-]*:[^#\s*]+$/);

/** What an editor can check before the action does. For the other keys, only the type. */
const TYPES: Readonly<Partial<Record<InputName, z.ZodType>>> = {
  'client-id': z.string().regex(/^[\x21-\x7e]{1,100}$/),
  'allowed-grant-types': listOf(z.union([z.enum(GRANT_TYPES), z.string().regex(/^urn:/)])),
  'allowed-scopes': listOf(z.enum(DOCUMENTED_SCOPES)).min(DOCUMENTED_SCOPES.length),
  'allowed-cors-origins': listOf(text.regex(/^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^/?#*\s]+$/)),
  'redirect-uris': listOf(uri),
  'post-logout-redirect-uris': listOf(uri),
  'if-exists': z.enum(IF_EXISTS),
  'write-to': listOf(text.regex(new RegExp(`^\\s*((${APPS.join('|')})\\s+)?(repository|environment|organization)\\b`))),
  'secret-name': name,
  'client-id-variable': name,
  'expiration-variable': name,
  rotate: z.enum(ROTATE),
  'rotate-before': duration,
  'secret-start-time': moment,
  'secret-expiration': moment,
  'prune-after': duration,
};

const BY_TYPE = {
  text,
  boolean: z.boolean(),
  list: listOf(text),
  lifetime: z.union([
    text,
    z
      .int()
      .min(1)
      .max(2 ** 31 - 1),
  ]),
} as const;

/** The description of the input, with the keys of the manifest instead of other inputs. */
function descriptionOf(input: InputName): string {
  return (inputs[input]?.description ?? '')
    .replaceAll(/`([a-z-]+)(?=[`:])/gu, (match, other) => (PATHS.has(other) ? `\`${PATHS.get(other)}` : match))
    .replace(/ If the secret is an output,[^.]*\./u, '')
    .replace(/, separated by line breaks, spaces, or commas|, one per line/u, '');
}

function defaultOf({ input, type }: Key): { readonly default?: string | boolean } {
  const value = DEFAULTS[input];
  return value === undefined ? {} : { default: type === 'boolean' ? value === 'true' : value };
}

function schemaOf(key: Key): z.ZodType {
  return (TYPES[key.input] ?? BY_TYPE[key.type]).nullable().meta({
    description: descriptionOf(key.input),
    ...defaultOf(key),
  });
}

function membersOf(keys: Readonly<Record<string, Key>>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, schemaOf(value).optional()]));
}

const { clientId, ...settings } = CLIENT_KEYS;

const secret = z
  .strictObject(membersOf(SECRET_KEYS))
  .meta({ id: 'Secret', description: 'The settings of the secrets of a client.' })
  .optional();

const Defaults = z
  .strictObject({ ...membersOf(settings), secret })
  .describe('Settings for each client that does not set them itself. Those in `secret` one by one.');

const Client = z.strictObject({
  clientId: (TYPES[clientId.input] ?? text).describe(descriptionOf(clientId.input)),
  ...membersOf(settings),
  secret,
});

/** The file of the input `manifest`. */
export const Manifest = z.strictObject({ defaults: Defaults.optional(), clients: z.array(Client).min(1) }).meta({
  title: 'The file of the input `manifest`',
  description: 'Many clients of ABBYY Vantage. `null` means that neither the default nor any other value is set.',
});
