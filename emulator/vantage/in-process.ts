import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Answer } from '../http/answer.ts';

/** A request for a listener of `node:http`. */
export interface InProcessRequest {
  method: string;
  url: string;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

/**
 * Lets a listener of `node:http` answer a request without a connection, so that the response can be delayed or changed.
 */
export function ask(listener: RequestListener, { method, url, headers, body }: InProcessRequest): Promise<Answer> {
  return new Promise(resolve => {
    const request = new IncomingMessage(new Socket());
    // The body is decoded and complete here, however it arrived, so only its length frames it.
    const { 'transfer-encoding': _, ...others } = headers;
    const length = String(Buffer.byteLength(body));
    Object.assign(request, { method, url, headers: { ...others, 'content-length': length } });
    request.push(body);
    request.push(null);
    listener(request, new CapturedResponse(request, resolve));
  });
}

/** A response that returns its content when it is complete. Its listener must end it with the whole body. */
class CapturedResponse extends ServerResponse {
  readonly #capture: (answer: Answer) => void;

  constructor(request: IncomingMessage, capture: (answer: Answer) => void) {
    super(request);
    this.#capture = capture;
  }

  override end(body?: unknown): this {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.getHeaders()))
      if (name !== 'content-length') headers[name] = String(value);
    const text = Buffer.isBuffer(body) || typeof body === 'string' ? body.toString() : '';
    this.#capture({ status: this.statusCode, headers, body: text });
    return this;
  }
}
