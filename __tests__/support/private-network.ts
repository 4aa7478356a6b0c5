import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Vantage, VantageOptions } from '../../emulator/vantage/index.ts';
import { BEHIND_PROXY } from './proxy.ts';
import { createPrivateTls, type PrivateTls } from './tls.ts';
import { World } from './world.ts';

/** A network with a certificate authority of its own. */
export class PrivateNetwork implements AsyncDisposable {
  readonly tls: PrivateTls;
  /** The environment of a step that trusts the certificates of the network. */
  readonly trusting: { readonly NODE_EXTRA_CA_CERTS: string };
  /** For files of the tests. Removed with the network. */
  readonly directory: string;

  private constructor(directory: string, tls: PrivateTls) {
    this.directory = directory;
    this.tls = tls;
    this.trusting = { NODE_EXTRA_CA_CERTS: tls.caFile };
  }

  static async create(): Promise<PrivateNetwork> {
    const directory = await mkdtemp(path.join(tmpdir(), 'private-network-'));
    return new PrivateNetwork(directory, await createPrivateTls(directory));
  }

  /** Opens a Vantage with a certificate of the network. */
  openWorld(options: VantageOptions = {}): Promise<World> {
    return World.open({ vantage: { ...options, tls: this.tls } });
  }

  /** Opens the same under a name that only a proxy can resolve. */
  openWorldBehindProxy(): Promise<World> {
    return World.open({ vantage: { tls: this.tls, host: BEHIND_PROXY } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

/** Where a proxy must connect to for a Vantage: `host:port`. */
export function targetOf({ baseUrl }: Pick<Vantage, 'baseUrl'>): string {
  return new URL(baseUrl).host;
}
