import { describe, expect, test } from '@jest/globals';
import { InputReader } from '../../src/inputs/reader.ts';
import { readWorkflowRun, whySecretsAreEmpty } from '../../src/inputs/workflow-run.ts';
import type { WorkflowContext } from '../../src/model/request.ts';
import { RUNNER } from '../support/workflow.ts';

const context = (changes: Partial<WorkflowContext> = {}): WorkflowContext => ({
  ...RUNNER,
  repositoryId: 42,
  runAttempt: 2,
  ...changes,
});

describe('the run', () => {
  test('is that of the runner', () => {
    expect(readWorkflowRun(context(), { matrix: '{"os":"linux"}' })).toEqual({
      host: 'github.com',
      repository: 'octo-org/octo-repo',
      repositoryId: 42,
      runId: '1658821493',
      runAttempt: '2',
      step: '[".github/workflows/deploy.yml","deploy","__octo-org_vantage-client-action",[["os","linux"]],""]',
    });
  });

  test.each([undefined, Number.NaN, 0, -1])('has no repository ID if that is %s', repositoryId => {
    expect(readWorkflowRun(context({ repositoryId }))).not.toHaveProperty('repositoryId');
  });

  test.each([
    ['https://github.com', 'github.com'],
    ['https://GitHub.acme.example/', 'github.acme.example'],
    ['https://github.acme.example:8443', 'github.acme.example:8443'],
    ['http://127.0.0.1:3000', '127.0.0.1:3000'],
  ])('is of the GitHub at %s: %s', (serverUrl, host) => {
    expect(readWorkflowRun(context({ serverUrl })).host).toBe(host);
  });

  test.each(['', 'github.com', 'about:blank'])('is rejected if its GitHub is at %j', serverUrl => {
    expect(() => readWorkflowRun(context({ serverUrl }))).toThrow('GITHUB_SERVER_URL is not a URL');
  });

  test.each([
    [
      'the full path of a file in a folder',
      { workflowRef: 'o/r/.github/workflows/a/b.yml@refs/x' },
      '.github/workflows/a/b.yml',
    ],
    [
      'a file whose branch has an @',
      { workflowRef: 'o/r/.github/workflows/a.yml@refs/heads/a@b' },
      '.github/workflows/a.yml',
    ],
    ['no file, on a runner that passes none', { workflowRef: '' }, ''],
  ])('names its step by %s', (_, changes, file) => {
    expect(JSON.parse(readWorkflowRun(context(changes)).step)[0]).toBe(file);
  });

  test.each(['', 'null', 'no JSON'])('has no matrix job if the matrix is %j', matrix => {
    expect(readWorkflowRun(context(), { matrix }).step).toBe(readWorkflowRun(context()).step);
  });

  test.each<Partial<WorkflowContext>>([
    { repository: '' },
    { repository: 'octo-org/' },
    { repository: '/octo-repo' },
    { repository: 'octo-org/octo-repo to=0' },
    { repository: 'a\nocto-org/octo-repo' },
    { runId: Number.NaN },
    { runId: 0 },
    { runAttempt: Number.NaN },
    { runAttempt: 0 },
  ])('is rejected: %j', changes => {
    expect(() => readWorkflowRun(context(changes))).toThrow(
      'GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT is missing or invalid. Run the action in a workflow',
    );
  });
});

describe('a secret is empty', () => {
  const base = 'octo-org/octo-repo';
  const FORK =
    /^This run is for a pull request from the fork mona\/octo-repo, .* Skip the job in them: `if: [^`]+`\.$/u;
  const DEPENDABOT = /^Dependabot started this run, /u;
  const MISSING = /the job cannot read the secret.*does not name with `environment:`.*reusable workflow/u;

  test.each<readonly [string, Partial<WorkflowContext>, RegExp]>([
    ['because the pull request is from a fork', { pullRequest: { head: 'mona/octo-repo', base } }, FORK],
    [
      'because the review is of a pull request from a fork',
      { eventName: 'pull_request_review', pullRequest: { head: 'mona/octo-repo', base } },
      FORK,
    ],
    ['because the fork was deleted', { pullRequest: { head: undefined, base } }, /from a deleted fork, /u],
    [
      'although the run is for the base',
      { eventName: 'pull_request_target', pullRequest: { head: 'm/o', base } },
      MISSING,
    ],
    ['although it is not a fork', { pullRequest: { head: base, base } }, MISSING],
    ['after a push', { eventName: 'push' }, MISSING],
    ['because Dependabot pushed', { eventName: 'push', actor: 'dependabot[bot]' }, DEPENDABOT],
    ['because Dependabot requested it', { actor: 'dependabot[bot]', pullRequest: { head: base, base } }, DEPENDABOT],
    ['although somebody has a similar name', { actor: 'dependabot' }, MISSING],
  ])('%s', (_, changes, why) => {
    expect(whySecretsAreEmpty(context({ eventName: 'pull_request', ...changes }))).toMatch(why);
  });

  const WHY = 'That is why.';
  const refusal = (given: Readonly<Record<string, string>>, reject: (input: InputReader) => unknown): string => {
    const input = new InputReader({ readInput: name => given[name] ?? '', redact: text => text }, WHY);
    reject(input);
    try {
      input.assertAccepted();
      return '';
    } catch (error) {
      return String(error);
    }
  };

  test('which is explained once, at the end of the line', () => {
    const line = refusal({ password: ' \n ' }, input => {
      input.reject('password', 'expected one');
      input.reject('github-token', 'expected one');
    });
    expect(line).toMatch(/`password` is empty: expected one; `github-token` is empty: expected one\. That is why\.$/u);
  });

  test.each<readonly [string, Readonly<Record<string, string>>, (input: InputReader) => unknown]>([
    ['an invalid secret', { password: 'x' }, input => input.reject('password', 'expected another')],
    ['an input that is not a secret', {}, input => input.reject('username', 'expected one')],
    ['an empty secret that the step does not need', {}, input => input.secret('password')],
  ])('which is not explained for %s', (_, given, reject) => {
    expect(refusal(given, reject)).not.toContain(WHY);
  });
});
