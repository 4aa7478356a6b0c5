/**
 * A loop that only sends requests, with what Node brings for it: what the server and Node alone need. In its own process, so
 * that Node compiles its code as it does in a run.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { VantageProcess } from './vantage-process.ts';

interface Loop {
  readonly url: string;
  readonly accessToken: string;
  readonly requests: number;
  readonly concurrency: number;
}

/** The time of the loop in milliseconds, without that of the start. */
export async function timeOfLoop(vantage: VantageProcess, requests: number, concurrency: number): Promise<number> {
  const { baseUrl, tenantId } = vantage.facts;
  const url = `${baseUrl}/api/adminapi2/v2/tenants/${tenantId}/clients/client-0/`;
  const child = fork(fileURLToPath(import.meta.url));
  child.send({ url, accessToken: await vantage.accessToken(), requests, concurrency } satisfies Loop);
  const [ms] = await once(child, 'message');
  return ms as number;
}

async function run({ url, accessToken, requests, concurrency }: Loop): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const headers = { authorization: `Bearer ${accessToken}` };
  const send = () =>
    new Promise<string>((done, failed) => {
      const sent = request(url, { agent, headers }, response => text(response).then(done, failed));
      sent.on('error', failed).end();
    });
  let left = requests;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left > 0) {
        left -= 1;
        await send();
      }
    }),
  );
  const ms = performance.now() - started;
  agent.destroy();
  return ms;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('message', async (loop: Loop) => {
    process.send?.(await run(loop));
    process.disconnect();
  });
}
