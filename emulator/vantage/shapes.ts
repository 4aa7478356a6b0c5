/** The version of the admin API, as in its paths. */
export type ApiVersion = 'v1' | 'v2';

/**
 * What the documentation leaves open. Each member is a question, and its type has the plausible answers. A client of
 * Vantage must work with all of them.
 */
export interface Shapes {
  /** The status of a successful creation, of a client or a secret. */
  created: 200 | 201;
  /** The form of "a description of the created client": bare, absent, or under the key `client`. */
  createdBody: 'client' | 'empty' | 'wrapped';
  /**
   * How the creation of a client with an ID that is taken is refused: a conflict, a validation error, a detail that
   * says so, or plain text.
   */
  taken: 409 | 400 | 422 | 'text';
  /** Lists are in an envelope with their count, in an envelope without it, or bare. */
  list: 'envelope' | 'envelope-without-count' | 'array';
  /** What the list of clients contains of each: everything, or only its ID and its name. */
  listedClients: 'whole' | 'summary';
  /**
   * The maximum number of items of a page. A larger `Limit` is reduced to it. If paging is ignored, everything that a
   * list ever returns.
   */
  pageSize: number;
  /** Whether `Offset` and `Limit` are used. A server that ignores them always returns the first page. */
  paging: 'honoured' | 'ignored';
  /** How lifetimes are reported: a number of seconds, .NET's `d.hh:mm:ss`, the same with seven digits, or ISO 8601. */
  listedLifetimes: 'seconds' | 'timespan' | 'ticks' | 'iso';
  /** How a setting is reported that is off, which is its default. */
  listedFlags: 'boolean' | 'null-for-false';
  /** How grant types and scopes are reported: as a list, or in one text, separated by spaces. */
  listedLists: 'array' | 'text';
  /** How origins are stored: unchanged, or in lowercase. */
  origins: 'as-given' | 'lower-cased';
  /** The description of a secret in lists: reported, left out, or always null. */
  descriptions: 'told' | 'hidden' | 'null';
  /** The IDs of secrets: GUIDs, or numbers that a double cannot represent exactly. */
  secretIds: 'guid' | 'number';
  /**
   * Whether the read of a client contains its secrets, as in IdentityServer's own model of a client. If so, a PUT
   * replaces them: secrets that its body omits are deleted, and the values in its body are stored.
   */
  clientSecrets: 'apart' | 'embedded';
  /**
   * How times are reported: `.380Z`, .NET's seven digits, seven digits and `+00:00`, or seven digits without a zone.
   */
  timestamps: 'milliseconds' | 'ticks' | 'offset' | 'zoneless';
  /**
   * The response to the creation of a secret: everything that is known, or only `value`, `startTime` and `expiration`.
   */
  secretBody: 'full' | 'documented-only';
  /** The maximum life of a secret in days, whatever is requested. */
  mostDays: number;
  /** The media type of problem details. */
  problemType: 'application/problem+json' | 'application/json' | 'text/json' | 'text/plain';
  /** The media types that a body can have. Others get 415. */
  contentTypes: 'json' | 'json-patch' | 'both';
  /** A successful PUT: 200 with the client, or 204. */
  putAnswer: 200 | 204;
  /** The status of a successful DELETE. */
  deleted: 204 | 200;
  /** Members that the version does not know: ignored, as by default in .NET, or refused. */
  unknownMembers: 'ignored' | 'refused';
  /** Whether v2 knows `allowRopc`, which is only documented for v1. */
  allowRopc: 'both' | 'v1-only';
  /** Settings that can never work: refused at once, or stored, but the client is then unknown to the token endpoint. */
  illegalSettings: 'refused' | 'stored';
  /** Whether a client that was created here may request `global.wildcard`. */
  proofScope: 'granted' | 'invalid_scope';
  /** The status of `invalid_client`: IdentityServer's 400, or OAuth's 401. */
  invalidClient: 400 | 401;
  /** Whether an access token by client credentials can administer the tenant, or only one of a user. */
  clientAdministrator: 'allowed' | 'forbidden';
}

/** The simplest plausible answers. */
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
