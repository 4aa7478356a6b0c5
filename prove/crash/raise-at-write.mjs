// Loaded into the action before its own code. It records each write to a file of the runner. At a given write, it sends
// a signal to the process right after the write: no other process could react before the next line of code.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { PROVE_TRACE: trace, PROVE_RAISE: raise = '' } = process.env;
const [raiseAt, signal] = raise.split(' ');
const files = new Map(
  ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'].map(variable => [process.env[variable], variable]),
);
const counts = new Map();
const { appendFileSync } = fs;

for (const name of ['NODE_OPTIONS', 'PROVE_TRACE', 'PROVE_RAISE']) {
  delete process.env[name];
}

fs.appendFileSync = (file, ...rest) => {
  appendFileSync(file, ...rest);
  written(file);
};
syncBuiltinESMExports();

function written(file) {
  const variable = files.get(file);
  if (variable === undefined) {
    return;
  }
  const count = (counts.get(variable) ?? 0) + 1;
  counts.set(variable, count);
  const event = `runner.${variable}#${count}.written`;
  appendFileSync(trace, `${event} ${Date.now()}\n`);
  if (event === raiseAt) {
    process.kill(process.pid, signal);
  }
}
