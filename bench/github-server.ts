/** The server process of github-process.ts: an embedded GitHub that answers its parent's questions over IPC. */
import { type GitHubOptions, startGitHub } from '../emulator/github/index.ts';
import type { Facts } from './github-process.ts';
import { answerParent, optionsOfParent } from './server-process.ts';

const github = await startGitHub(optionsOfParent<GitHubOptions>());
const token = github.issueToken({ kind: 'classic', scopes: ['repo', 'admin:org'] });

answerParent<Facts>(github, { apiUrl: github.apiUrl, token });
