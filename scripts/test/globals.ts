/** What tests import from `@jest/globals`, in a process in which Node loads them. A test that uses anything else fails. */
import { registerHooks } from 'node:module';
import { ModernFakeTimers } from '@jest/fake-timers';
import type { Config } from '@jest/types';
import type * as Circus from 'jest-circus';
import { ModuleMocker } from 'jest-mock';

export { jestExpect as expect } from '@jest/expect';

type Definitions = Pick<typeof Circus, 'afterAll' | 'afterEach' | 'beforeAll' | 'beforeEach' | 'describe' | 'test'>;

let definitions: Definitions | undefined;

/** Passes what files define from now on to another framework, which is the same for all modules that they share. */
export function defineIn(framework: Definitions): void {
  definitions = framework;
}

/** A function whose calls and properties are those of the current framework. */
function ofFramework<Name extends keyof Definitions>(name: Name): Definitions[Name] {
  const current = () => {
    if (!definitions) throw new Error(`there is no framework for ${name}()`);
    return definitions[name];
  };
  return new Proxy(() => undefined, {
    apply: (_, self, given) => Reflect.apply(current(), self, given),
    get: (_, key) => Reflect.get(current(), key),
  }) as unknown as Definitions[Name];
}

export const afterAll = ofFramework('afterAll');
export const afterEach = ofFramework('afterEach');
export const beforeAll = ofFramework('beforeAll');
export const beforeEach = ofFramework('beforeEach');
export const describe = ofFramework('describe');
export const test = ofFramework('test');

// Jest passes the whole configuration of a project. The timers only read this part of it.
const config = { fakeTimers: {}, rootDir: process.cwd() } as Config.ProjectConfig;
const timers = new ModernFakeTimers({ config, global: globalThis });
const mocker = new ModuleMocker(globalThis);

export const jest = {
  useFakeTimers: (options?: Config.FakeTimersConfig) => timers.useFakeTimers(options),
  useRealTimers: () => timers.useRealTimers(),
  advanceTimersByTimeAsync: (milliseconds: number) => timers.advanceTimersByTimeAsync(milliseconds),
  setSystemTime: (now: number) => timers.setSystemTime(now),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: () => mocker.restoreAllMocks(),
};

/** Makes all modules that this process loads from now on get this module as `@jest/globals`. */
export function replaceJestGlobals(): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@jest/globals' ? { url: import.meta.url, shortCircuit: true } : next(specifier, context),
  });
}
