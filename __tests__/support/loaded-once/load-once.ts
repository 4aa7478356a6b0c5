/** The environment of the tests (`../environment.ts`) defines it. */
type Global = typeof globalThis & { readonly loadOnce: (file: string) => unknown };

/**
 * Loads a module outside of the global object of this test file, once for all test files of this process. It must not
 * depend on the time, which tests change only inside.
 *
 * @param file from the root of the project.
 */
export const loadOnce = <Module>(file: string): Module => (globalThis as Global).loadOnce(file) as Module;
