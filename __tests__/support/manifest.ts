import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FleetRequest } from '../../src/model/request.ts';
import { readInputs } from './inputs.ts';

/** A checkout with a manifest, `clients.yml`. */
export class Checkout implements Disposable {
  readonly path = mkdtempSync(path.join(tmpdir(), 'checkout-'));

  constructor(manifest?: string | Uint8Array) {
    if (manifest !== undefined) {
      writeFileSync(path.join(this.path, 'clients.yml'), manifest);
    }
  }

  /** Reads a step with the manifest and these inputs. */
  async read(inputs: Readonly<Record<string, string>> = {}): Promise<FleetRequest> {
    return (await readInputs({ manifest: 'clients.yml', ...inputs }, { workspace: this.path })).request as FleetRequest;
  }

  /** Why the step is refused. */
  async refusal(inputs: Readonly<Record<string, string>> = {}): Promise<string> {
    const message = await this.read(inputs).then(
      () => 'accepted',
      (error: Error) => error.message,
    );
    return message.replace(/^reading the inputs failed: /u, '');
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Reads a manifest. */
export async function fleetOf(manifest: string | Uint8Array, inputs: Readonly<Record<string, string>> = {}) {
  using checkout = new Checkout(manifest);
  return await checkout.read(inputs);
}

/** Why a manifest is refused. */
export async function refusalOf(manifest: string | Uint8Array, inputs: Readonly<Record<string, string>> = {}) {
  using checkout = new Checkout(manifest);
  return await checkout.refusal(inputs);
}
