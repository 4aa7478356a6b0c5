/** The most bytes that the body of an answer may have: no answer about one thing comes near it. */
const LARGEST_ANSWER = 1024 * 1024;

/** The body of an answer is longer than whoever asked can use. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';

  constructor(largest: number) {
    super(`the body of its answer is over the limit of ${largest / 1024} KiB`);
  }
}

/**
 * Reads a body to its end, as UTF-8.
 *
 * @throws BodyTooLarge as soon as it is over the limit. What leaves the loop early ends the connection as well.
 */
export async function readText(body: AsyncIterable<Uint8Array>, largest = LARGEST_ANSWER): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > largest) {
      throw new BodyTooLarge(largest);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}
