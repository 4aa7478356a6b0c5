import { TestEnvironment } from 'jest-environment-node';
import { controlTimeOf } from './fast-time.ts';

/** Node, where tests can make time pass faster. */
export default class extends TestEnvironment {
  #restoreTime: (() => void) | undefined;

  override async setup(): Promise<void> {
    await super.setup();
    this.#restoreTime = controlTimeOf(this.global);
  }

  override async teardown(): Promise<void> {
    this.#restoreTime?.();
    await super.teardown();
  }
}
