import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import sodium from 'libsodium-wrappers';
import { canSeal, seal } from '../../src/github/seal.ts';
import { Secret } from '../../src/model/secret.ts';

beforeAll(() => sodium.ready);

const keyOf = (bytes: Uint8Array) => ({ id: '1', value: Buffer.from(bytes).toString('base64') });

test('libsodium opens what is sealed, whatever the secret and the key', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'binary', maxLength: 200 }), text => {
      const { publicKey, privateKey } = sodium.crypto_box_keypair();
      const box = Buffer.from(seal(new Secret(text), keyOf(publicKey)), 'base64');
      expect(box).toHaveLength(sodium.crypto_box_SEALBYTES + Buffer.byteLength(text));
      expect(Buffer.from(sodium.crypto_box_seal_open(box, publicKey, privateKey)).toString()).toBe(text);
    }),
  );
});

test('each box is of a key pair of its own', () => {
  const { publicKey } = sodium.crypto_box_keypair();
  const boxes = Array.from({ length: 20 }, () => seal(new Secret('the same'), keyOf(publicKey)).slice(0, 40));
  expect(new Set(boxes).size).toBe(boxes.length);
});

// Anyone could open a box for such a key.
test.each(['00', '01', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b8'])(
  'a public key of a small order is refused, as by libsodium: %s…',
  start => {
    const key = Buffer.alloc(32);
    key.write(start, 'hex');
    expect(() => sodium.crypto_box_seal('secret', key)).toThrow();
    expect(() => seal(new Secret('secret'), keyOf(key))).toThrow(/failed during derivation/u);
    expect(canSeal(keyOf(key).value)).toBe(false);
  },
);

test.each([
  [0, false],
  [31, false],
  [32, true],
  [33, false],
])('a public key of %i bytes can seal: %s', (length, expected) => {
  expect(canSeal(keyOf(Buffer.alloc(length, 9)).value)).toBe(expected);
});
