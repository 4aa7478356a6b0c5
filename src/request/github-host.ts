/**
 * The host of the GitHub that an API URL belongs to, as its users know it, in lower case: github.com and GHE.com have
 * their APIs on a host of their own (`api.github.com`, `api.SUBDOMAIN.ghe.com`), an Enterprise Server has it below a path.
 *
 * @param apiUrl a URL that parses.
 * @returns with its port, unless it is the one of the scheme.
 */
export function githubHost(apiUrl: string): string {
  const { host } = new URL(apiUrl);
  return /^api\.(?:github\.com|[^.]+\.ghe\.com)$/u.test(host) ? host.slice('api.'.length) : host;
}
