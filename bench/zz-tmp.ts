import { runFleet } from './fleet-process.ts';
import { VantageProcess } from './vantage-process.ts';
import { GitHubProcess } from './github-process.ts';
import { signInInputs } from './step.ts';
import { readFileSync } from 'node:fs';
const count = Number(process.argv[2] ?? 100);
const latencyMs = Number(process.argv[3] ?? 0);
const kind = process.argv[4] ?? 'never';
const concurrency = process.argv[5] ?? '16';
const rounds = Number(process.argv[6] ?? 2);
const repos = Array.from({length: Math.ceil(count/100)}, (_, i) => ({ owner: 'octo-org', repo: `repo-${i}`, private: true, secrets: kind === 'never' ? [] : Array.from({length:100},(_,j)=>({name:`SECRET_${j}`})) }));
const [vantage, github] = await Promise.all([VantageProcess.start({ latencyMs, clients: kind === 'never' ? [] : Array.from({length: count}, (_, i) => ({ clientId: `client-${i}`, clientName: `Client ${i}`, secrets: [{}] })) }), GitHubProcess.start({ latencyMs, seed: { repositories: repos } })]);
const defaults = JSON.parse(readFileSync('/tmp/fb-defaults.json','utf8'));
const inputs = { ...defaults, ...(await signInInputs(vantage, 'client credentials')), 'base-url': vantage.facts.baseUrl, 'tenant-id': vantage.facts.tenantId, concurrency, timeout: '1h', 'github-api-url': github.facts.apiUrl, 'github-token': github.facts.token, ...(process.argv[7] ? JSON.parse(process.argv[7]) : {}) };
const manifest = (extra: string) => `defaults:\n  secret: { rotate: ${kind} }\nclients:\n` + Array.from({length: count}, (_, i) => `  - clientId: client-${i}\n    clientName: Client ${i}\n${kind === 'never' ? '' : `    writeTo: [ repository octo-org/repo-${Math.floor(i/100)} ]\n    secretName: SECRET_${i%100}\n`}`).join('');
for (let round = 1; round <= rounds; round++) {
  await vantage.requests(); await github.requests();
  const run = await runFleet(manifest(''), inputs);
  const [v, g] = [(await vantage.requests()).length, (await github.requests()).length];
  console.log(JSON.stringify({round, count, ms: Math.round(run.ms), cpu: Math.round(run.processorMs), perClient: +(run.processorMs/count).toFixed(2), MiB: +(run.peakMemory/1024).toFixed(1), v, g, ideal: Math.round((v)*latencyMs/Number(concurrency)), written: run.written, exit: run.exitCode}));
  console.log(run.lastLines.map(l=>l.slice(0,400)).join('\n'));
}
vantage.stop(); github.stop();
