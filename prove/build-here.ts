import { Console } from 'node:console';
import { EventEmitter } from 'node:events';
import fs, { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Writable } from 'node:stream';
import timers from 'node:timers/promises';
import { compileFunction } from 'node:vm';
import {
  type ActionRun,
  type ActionRunOptions,
  type Executed,
  type PreparedStep,
  runAction,
} from '../emulator/runner.ts';

/** What Node gives to each file of a build, and what a build takes from the process. */
const GIVEN = ['exports', 'require', 'module', '__filename', '__dirname', 'process', 'console', 'Date'] as const;

type Code = (...given: readonly unknown[]) => void;
type Require = (name: string) => unknown;

/** The files of builds that were read, compiled once for all steps. */
const compiled = new Map<string, Code>();
const requireNode = createRequire(import.meta.url);

/** What a step in this process can have of its own. */
export interface Own {
  /** How far its clock is ahead, in milliseconds. Default: 0. */
  readonly clockAhead?: number;
  /** How long it waits, as a part of the time that it wants to wait. Default: 1. */
  readonly waits?: number;
}

/**
 * Executes the step of a build in this process, which takes a fraction of the time of a process of its own. It runs the
 * files of the build as they are, from their first line, and with a `process` of its own: environment, output, exit
 * code and exit. So steps do not see each other, and many can run at once. Only Node's own modules are shared.
 *
 * A signal needs a process that it can reach, so a step that is to get one cannot run here.
 */
function executeHere(step: PreparedStep, { clockAhead = 0, waits = 1 }: Own = {}): Promise<Executed> {
  const { entry, env, log, options } = step;
  return new Promise(resolve => {
    let isOver = false;
    const stdout = outputOf(line => log.take(line));
    const stderr = outputOf(line => log.take(line));
    const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
      if (!isOver) {
        isOver = true;
        clearTimeout(timer);
        resolve({ exitCode, signal, stdout: stdout.close(), stderr: stderr.close() });
      }
    };
    const { timeoutMs = 120_000 } = options;
    const timer = setTimeout(() => {
      log.fail(`The step has not ended after ${timeoutMs} ms and was abandoned.`);
      end(null, 'SIGKILL');
    }, timeoutMs);
    const own = processOf({ entry, env, stdout: stdout.stream, stderr: stderr.stream }, code => end(code, null));
    loader(path.dirname(entry), own, { clockAhead, waits })(`./${path.basename(entry)}`);
  });
}

/** Runs the step of a build like `runAction`, but in this process. */
export function runHere(options: ActionRunOptions, own?: Own): Promise<ActionRun> {
  return runAction(options, step => executeHere(step, own));
}

interface Streams {
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Like this process, except for what belongs to the step. */
function processOf({ entry, env, stdout, stderr }: Streams, onExit: (code: number) => void): NodeJS.Process {
  const events = new EventEmitter();
  const own = {
    env: { ...env },
    argv: [process.execPath, entry],
    exitCode: undefined,
    exit: (code?: number) => onExit(code ?? Number(one.exitCode ?? 0)),
    stdout,
    stderr,
    getBuiltinModule: (name: string) => (isProcess(name) ? one : process.getBuiltinModule(name)),
    on: (...listener: Parameters<EventEmitter['on']>) => {
      events.on(...listener);
      return one;
    },
    once: (...listener: Parameters<EventEmitter['once']>) => {
      events.once(...listener);
      return one;
    },
  };
  const one: NodeJS.Process = Object.create(process, Object.getOwnPropertyDescriptors(own));
  return one;
}

function isProcess(name: string): boolean {
  return name === 'process' || name === 'node:process';
}

/** Loads the files of a build anew for one step. */
function loader(folder: string, own: NodeJS.Process, { clockAhead, waits }: Required<Own>): Require {
  const modules = new Map<string, { exports: unknown }>();
  const console = new Console(own.stdout, own.stderr);
  const date = clockAhead === 0 ? Date : dateAhead(clockAhead);
  const given = new Map<string, unknown>([
    ['process', own],
    ['fs', fileSystemOf(own)],
    ['timers/promises', timersOf(waits)],
  ]);
  const require: Require = name => {
    if (!name.startsWith('./')) {
      return given.get(name.replace('node:', '')) ?? requireNode(name);
    }
    const known = modules.get(name);
    if (known) {
      return known.exports;
    }
    const module = { exports: {} };
    modules.set(name, module);
    const file = path.join(folder, name);
    codeOf(file).call(module.exports, module.exports, require, module, file, folder, own, console, date);
    return module.exports;
  };
  return require;
}

/** A step can also print through the file descriptors of its output. */
function fileSystemOf({ stdout, stderr }: NodeJS.Process): typeof fs {
  const streams = new Map<number, NodeJS.WritableStream>([
    [1, stdout],
    [2, stderr],
  ]);
  const writeSync = (file: number, data: string | Uint8Array, ...rest: never[]): number => {
    const stream = streams.get(file);
    stream?.write(data);
    return stream ? Buffer.byteLength(data) : fs.writeSync(file, data as Uint8Array, ...rest);
  };
  return { ...fs, writeSync: writeSync as typeof fs.writeSync };
}

function timersOf(waits: number): typeof timers {
  const sleep: typeof timers.setTimeout = (delay = 1, value, options) =>
    timers.setTimeout(delay * waits, value, options);
  return { ...timers, setTimeout: sleep };
}

function codeOf(file: string): Code {
  const known = compiled.get(file);
  if (known) {
    return known;
  }
  const code = compileFunction(readFileSync(file, 'utf8'), [...GIVEN], { filename: file }) as Code;
  compiled.set(file, code);
  return code;
}

/** Like `Date`, but "now" is later. */
function dateAhead(ahead: number): DateConstructor {
  return new Proxy(Date, {
    construct: (from, given, as) => Reflect.construct(from, given.length > 0 ? given : [Date.now() + ahead], as),
    get: (from, key) => (key === 'now' ? () => Date.now() + ahead : Reflect.get(from, key)),
  });
}

/** A stream whose lines are passed on, and its text until it is closed. */
function outputOf(onLine: (line: string) => void) {
  let [text, rest, isClosed] = ['', '', false];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string | Uint8Array, _encoding, written) => {
      if (!isClosed) {
        const printed = typeof chunk === 'string' ? chunk.toWellFormed() : Buffer.from(chunk).toString();
        text += printed;
        const lines = (rest + printed).split(/\r?\n/u);
        rest = lines.pop() ?? '';
        lines.forEach(onLine);
      }
      written();
    },
  });
  const close = () => {
    isClosed = true;
    if (rest !== '') {
      onLine(rest);
    }
    return text;
  };
  return { stream, close };
}
