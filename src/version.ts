/** The version of the action, as in package.json (a test holds the two together). It goes into the User-Agent. */
export const VERSION = '1.0.0';
