import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generate } from 'selfsigned';
import { BEHIND_PROXY } from './proxy.ts';

/** A private certificate authority, and a certificate of it for a server. All PEM. */
export interface PrivateTls {
  readonly ca: string;
  /** The path of a file with `ca`, for NODE_EXTRA_CA_CERTS. */
  readonly caFile: string;
  /** For the server: `https.createServer({ key, cert })`. */
  readonly key: string;
  readonly cert: string;
}

const KEYS = { keyType: 'ec', algorithm: 'sha256' } as const;

const DAY = 86_400_000;

/**
 * Creates an authority that nobody trusts, and its certificate for `localhost`, 127.0.0.1, ::1 and a host behind a
 * proxy, both valid for a day. They are since a day ago, because time in tests is ahead of that of other processes.
 *
 * @param directory the directory of the file with the authority's certificate
 */
export async function createPrivateTls(directory: string): Promise<PrivateTls> {
  const options = { ...KEYS, notBeforeDate: new Date(Date.now() - DAY), notAfterDate: new Date(Date.now() + DAY) };
  const authority = await generate([{ name: 'commonName', value: 'Test authority' }], {
    ...options,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...options,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 2, value: BEHIND_PROXY },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  const caFile = path.join(directory, 'ca.pem');
  await writeFile(caFile, authority.cert);
  return { ca: authority.cert, caFile, key: server.private, cert: server.cert };
}
