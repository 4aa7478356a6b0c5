/** The server process of github-process.ts: an embedded GitHub that answers its parent's questions over IPC. */
import { type GitHubOptions, startGitHub } from '../emulator/github/index.ts';
import type { Facts, Question } from './github-process.ts';
import { answerParent, optionsOfParent, processorTime } from './server-process.ts';

const github = await startGitHub(optionsOfParent<GitHubOptions>());
const token = github.issueToken({ kind: 'classic', scopes: ['repo', 'admin:org'] });

const answers = {
  facts: (): Facts => ({ apiUrl: github.apiUrl, token }),
  requests: (): number[] => github.requests.splice(0).map(({ receivedAt }) => receivedAt),
  processorTime,
} satisfies Record<Question, () => unknown>;

answerParent(answers, github.close);
