/**
 * The SHA-256 digest of texts or bytes that follow each other, in hex. Loads `node:crypto` on demand, because that takes
 * longer than to read all inputs, and many steps need no digest.
 */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const { hash } = process.getBuiltinModule('node:crypto');
  return hash('sha256', Buffer.concat(parts.map(part => Buffer.from(part))));
}
