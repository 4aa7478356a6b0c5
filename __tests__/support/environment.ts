import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';
import { controlTimeOf } from './fast-time.ts';

const { createContext } = vm;
const require = createRequire(import.meta.url);
const ROOT = path.resolve(import.meta.dirname, '..', '..');

/** Node, where tests can make time pass faster, and where modules that take long to load are loaded once. */
export default class extends TestEnvironment {
  #restoreTime: (() => void) | undefined;

  constructor(...options: ConstructorParameters<typeof TestEnvironment>) {
    // Jest puts a proxy before the global object, which makes each use of a global, such as `Math`, many times as slow.
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(...options);
    } finally {
      vm.createContext = createContext;
    }
    Object.assign(this.global, { loadOnce: (file: string) => require(path.join(ROOT, file)) });
  }

  override async setup(): Promise<void> {
    await super.setup();
    this.#restoreTime = controlTimeOf(this.global);
  }

  override async teardown(): Promise<void> {
    this.#restoreTime?.();
    await super.teardown();
  }
}
