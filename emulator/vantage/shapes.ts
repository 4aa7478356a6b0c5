/** The admin API's version, as its paths write it. */
export type ApiVersion = 'v1' | 'v2';

/**
 * What the documentation leaves open. Each member is one such question and its type the answers that are plausible; a
 * client of Vantage has to live with all of them.
 */
export interface Shapes {
  /** Status of a create that worked, of a client or a secret. */
  created: 200 | 201;
  /** How "a description of the created client" looks: bare, not there, or under the key `client`. */
  createdBody: 'client' | 'empty' | 'wrapped';
  /** What creating a client under a taken id gets: a conflict, a validation error, a detail that says so, or plain text. */
  taken: 409 | 400 | 422 | 'text';
  /** Lists come with their count, in the envelope without it, or bare. */
  list: 'envelope' | 'envelope-without-count' | 'array';
  /** What the list of clients tells of each: all, or its id and its name alone. */
  listedClients: 'whole' | 'summary';
  /** The most items of one page; a larger `Limit` is cut to it. Where paging is ignored, all that a list ever gives. */
  pageSize: number;
  /** Whether `Offset` and `Limit` are heeded. A server that ignores them answers the same first page for ever. */
  paging: 'honoured' | 'ignored';
  /** How lifetimes are shown: a number of seconds, .NET's `d.hh:mm:ss`, that with its seven digits, or ISO 8601. */
  listedLifetimes: 'seconds' | 'timespan' | 'ticks' | 'iso';
  /** How a setting that is off by default, and is off, is shown. */
  listedFlags: 'boolean' | 'null-for-false';
  /** How grant types and scopes are shown: as a list, or in one text, separated by spaces. */
  listedLists: 'array' | 'text';
  /** How origins are kept: as they were given, or in lower case. */
  origins: 'as-given' | 'lower-cased';
  /** What a secret's description is in lists: told, left out, or null whatever it is. */
  descriptions: 'told' | 'hidden' | 'null';
  /** How secrets are named: by a GUID, or by a number that is beyond those that a double holds exactly. */
  secretIds: 'guid' | 'number';
  /**
   * Whether a client that is read holds its secrets, as IdentityServer's own model of a client does. Where it does, a PUT
   * replaces them: those that its body leaves out are gone, and a value is what the body says it is.
   */
  clientSecrets: 'apart' | 'embedded';
  /** How times are shown: `.380Z`, .NET's seven digits, seven digits and `+00:00`, or seven digits without a zone. */
  timestamps: 'milliseconds' | 'ticks' | 'offset' | 'zoneless';
  /** What a mint answers: all that is known, or `value`, `startTime` and `expiration` alone. */
  secretBody: 'full' | 'documented-only';
  /** The most days for which a secret is granted, however long it is asked for. */
  mostDays: number;
  /** The media type that problem details are served as. */
  problemType: 'application/problem+json' | 'application/json' | 'text/json' | 'text/plain';
  /** The media types that a body may be sent as; others get 415. */
  contentTypes: 'json' | 'json-patch' | 'both';
  /** A PUT that worked: 200 with the client, or 204. */
  putAnswer: 200 | 204;
  /** Status of a DELETE that worked. */
  deleted: 204 | 200;
  /** Members that the version does not know: passed over, as .NET does by default, or refused. */
  unknownMembers: 'ignored' | 'refused';
  /** Whether v2 knows `allowRopc`, which only the page of v1 names. */
  allowRopc: 'both' | 'v1-only';
  /** Settings that can never work: refused at once, or stored and the client then unknown to the token endpoint. */
  illegalSettings: 'refused' | 'stored';
  /** Whether a client made here may ask for `global.wildcard`. */
  proofScope: 'granted' | 'invalid_scope';
  /** Status of `invalid_client`: IdentityServer's 400, or OAuth's 401. */
  invalidClient: 400 | 401;
  /** Whether an access token by client credentials may administer the tenant, or only one of a user. */
  clientAdministrator: 'allowed' | 'forbidden';
}

/** The plainest of the plausible answers. */
export const DEFAULT_SHAPES: Shapes = {
  created: 201,
  createdBody: 'client',
  taken: 409,
  list: 'envelope',
  listedClients: 'whole',
  pageSize: 1000,
  paging: 'honoured',
  listedLifetimes: 'seconds',
  listedFlags: 'boolean',
  listedLists: 'array',
  origins: 'as-given',
  descriptions: 'told',
  secretIds: 'guid',
  clientSecrets: 'apart',
  timestamps: 'milliseconds',
  secretBody: 'full',
  mostDays: Number.POSITIVE_INFINITY,
  problemType: 'application/problem+json',
  contentTypes: 'json',
  putAnswer: 200,
  deleted: 204,
  unknownMembers: 'ignored',
  allowRopc: 'both',
  illegalSettings: 'refused',
  proofScope: 'granted',
  invalidClient: 400,
  clientAdministrator: 'allowed',
};
