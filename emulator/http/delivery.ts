import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import type { Answer } from './answer.ts';
import type { Mishap } from './faults.ts';

/**
 * Sends a response, changed by the mishap if there is one. Sends nothing to a client that has disconnected.
 *
 * @param signal ends every wait when the server closes; the promise is then rejected with an AbortError
 * @param onHead called with the status after the head of a response was sent
 * @param hold if given, the head of a response is sent separately, and its body after this has resolved
 */
export async function deliver(
  response: ServerResponse,
  answer: Answer,
  mishap: Mishap | undefined,
  signal: AbortSignal,
  onHead: (status: number) => void,
  hold?: () => Promise<void>,
): Promise<void> {
  const body = Buffer.from(answer.body);
  const head = (length: number | undefined) => {
    // A 204 has no body, and so no length.
    const framing = length === undefined || answer.status === 204 ? {} : { 'content-length': length };
    response.writeHead(answer.status, { ...answer.headers, ...framing });
    onHead(answer.status);
  };
  if (mishap?.kind === 'delay' && mishap.when !== 'before') await sleep(mishap.ms, undefined, { signal });
  if (response.destroyed) return;

  switch (mishap?.kind) {
    case 'stall':
      return;
    case 'reset':
      reset(response);
      return;
    case 'stall-after-head':
      head(body.length || 1);
      response.flushHeaders();
      return;
    case 'truncate': {
      const most = Math.max(body.length - 1, 0);
      head(body.length || 1);
      response.flushHeaders();
      response.write(body.subarray(0, Math.min(mishap.bytes ?? body.length >> 1, most)), () =>
        response.socket?.destroySoon(),
      );
      return;
    }
    case 'trickle': {
      const { bytes = 1, everyMs } = mishap;
      head(body.length);
      response.flushHeaders();
      for (let sent = 0; sent < body.length && !response.destroyed; sent += bytes) {
        await sleep(everyMs, undefined, { signal });
        response.write(body.subarray(sent, sent + bytes));
      }
      response.end();
      return;
    }
    case 'oversize':
      head(mishap.declared === false ? undefined : body.length);
      response.end(body);
      return;
    default:
      if (mishap?.kind === 'close') response.shouldKeepAlive = false;
      head(body.length);
      if (hold) {
        response.flushHeaders();
        await hold();
      }
      response.end(body);
  }
}

/** Resets a connection. TLS has no reset, so such a connection is closed. */
function reset({ socket }: ServerResponse): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}
