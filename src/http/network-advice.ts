import { isLoopback } from '../model/url.ts';
import { mayBeProxied } from './proxy.ts';
import { describeCause, isUntrustedCertificate, proxyRefusal, TIMED_OUT } from './transport.ts';

/**
 * What to do about a request that got no response, in whole sentences. `address` names the inputs with the address of the
 * service; `otherwise` is what to do if nothing points to the network of the runner.
 */
export function networkAdvice(cause: Error, url: URL, address: string, otherwise: string): string {
  const text = describeCause(cause);
  if (text.includes('ERR_TLS_CERT_ALTNAME_INVALID')) {
    return `The certificate is for another host: check ${address}, and that no proxy answers in its place.`;
  }
  if (/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/u.test(text)) {
    return `The clock of the runner shows ${new Date().toISOString()}. If that is wrong, set the clock. Otherwise, the certificate of ${url.host} must be renewed.`;
  }
  if (isUntrustedCertificate(cause)) {
    return 'If a private CA issued the certificate, set the NODE_EXTRA_CA_CERTS environment variable of the step to a file with the certificate of that CA.';
  }
  switch (proxyRefusal(cause)) {
    case 407:
      return 'Check the user name and password in HTTPS_PROXY.';
    case 403:
      return `Allow ${url.host} in the proxy that HTTPS_PROXY names, or add the host to NO_PROXY.`;
  }
  if (/ENOTFOUND|EAI_AGAIN/u.test(text)) {
    return `Check ${address}, and HTTPS_PROXY if the runner needs a proxy.`;
  }
  const isTimeout = text.includes(TIMED_OUT);
  const mayBeBlocked = isTimeout || /ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/u.test(text);
  if (!mayBeBlocked || isLoopback(url.hostname)) {
    return otherwise;
  }
  const slow = isTimeout && !mayBeProxied(url) ? 'If the server is only slow, raise `request-timeout`.' : '';
  return [connectionAdvice(url), slow, otherwise && `Otherwise: ${otherwise}`].filter(Boolean).join(' ');
}

/** What to do if nothing accepts a connection: a proxy may not run, or a firewall may block the connection. */
export function connectionAdvice(url: URL): string {
  const { protocol, host, hostname, port } = url;
  if (mayBeProxied(url)) {
    return `Unless NO_PROXY names ${host}, the request uses the proxy in HTTPS_PROXY: check its address, and that it runs.`;
  }
  return `Check that no firewall blocks connections from the runner to ${hostname}, port ${port || (protocol === 'http:' ? 80 : 443)}, and set HTTPS_PROXY if the network needs a proxy.`;
}
