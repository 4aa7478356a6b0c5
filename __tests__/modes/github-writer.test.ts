import { describe, expect, test } from '@jest/globals';
import type { GitHub } from '../../src/github/github.ts';
import { WritePace } from '../../src/github/write-pace.ts';
import { GitHubWriter } from '../../src/modes/github-writer.ts';
import { refusal, Stage } from '../support/stage.ts';

const writerOf = ({ context }: Stage) => {
  const github = { pace: WritePace.open() } as GitHub;
  return new GitHubWriter(github, context.deadline, context.log);
};
const refusing = (failure: Error) => async () => {
  throw failure;
};

describe('a write', () => {
  test('that succeeds is no failure', async () => {
    using stage = new Stage();
    const writer = writerOf(stage);
    let writes = 0;
    const write = async () => {
      writes += 1;
    };
    expect(await writer.attempt('writing one', write)).toBeUndefined();
    expect(await writer.attempt('writing two', write)).toBeUndefined();
    expect(writes).toBe(2);
    expect(writer.failures).toEqual([]);
    expect(() => writer.assertWritten('writing')).not.toThrow();
  });

  test('that fails does not stop the next one, and all failures are reported together', async () => {
    using stage = new Stage();
    const writer = writerOf(stage);
    const [one, other] = [
      refusal('github-permission', { operation: 'one' }),
      refusal('forbidden', { operation: 'two' }),
    ];
    expect(await writer.attempt('writing one', refusing(one))).toBe(one);
    expect(await writer.attempt('writing two', refusing(other))).toBe(other);
    expect(await writer.attempt('writing three', async () => undefined)).toBeUndefined();
    expect(writer.failures).toEqual([one, other]);
    expect(() => writer.assertWritten('writing the variables')).toThrow(
      'writing the variables failed: one failed at POST /somewhere: it answered 403. · two failed at POST /somewhere: it answered 403.',
    );
  });

  test('that fails with another error is an internal error', async () => {
    using stage = new Stage();
    const failure = await writerOf(stage).attempt('writing one', refusing(new Error('EIO')));
    expect(failure).toMatchObject({ code: 'internal-error', parts: { reason: 'EIO' } });
  });

  test('that begins when the time for cleaning up is over was stopped by the time as well', async () => {
    using stage = new Stage({}, { timeout: 30 });
    await new Promise(resolve => setTimeout(resolve, 60));
    const writer = writerOf(stage);
    expect(await writer.attempt('writing one', async () => undefined)).toMatchObject({ code: 'timeout' });
  });

  test('that waits for its turn when the time ends was stopped by the time', async () => {
    using stage = new Stage({}, { timeout: 30 });
    const writer = writerOf(stage);
    await new Promise(resolve => setTimeout(resolve, 60));
    const failure = await writer.attempt('writing one', refusing(new Error('aborted')));
    expect(failure).toMatchObject({
      code: 'timeout',
      message:
        "writing one failed: the step's timeout of 0.03 s ran out. Raise `timeout` if GitHub needs longer, or run the step again.",
    });
    expect(writer.failures).toEqual([failure]);
  });

  test('that is under way when the time ends was stopped by the time', async () => {
    using stage = new Stage({}, { timeout: 30 });
    const late = async () => {
      await new Promise(resolve => setTimeout(resolve, 60));
      throw new Error('aborted');
    };
    expect(await writerOf(stage).attempt('writing one', late)).toMatchObject({
      code: 'timeout',
      message:
        "writing one failed: the step's timeout of 0.03 s ran out. Raise `timeout` if GitHub needs longer, or run the step again.",
    });
  });

  test('that is refused after the time has ended keeps its own failure', async () => {
    using stage = new Stage({}, { timeout: 200 });
    const writer = writerOf(stage);
    const failure = refusal();
    const late = async () => {
      await new Promise(resolve => setTimeout(resolve, 400));
      throw failure;
    };
    expect(await writer.attempt('writing one', late)).toBe(failure);
  });
});
