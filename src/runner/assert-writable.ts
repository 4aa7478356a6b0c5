import { Failure, type FailureParts } from '../model/failure.ts';
import { appendToFile } from './command-files.ts';

/**
 * Checks that a file of the runner can be written.
 *
 * @throws Failure `internal-error`
 */
export function assertWritable(variable: 'GITHUB_OUTPUT' | 'GITHUB_STATE'): void {
  try {
    // Also fails for a directory.
    appendToFile(variable, '');
  } catch (cause) {
    throw new Failure(
      'internal-error',
      {
        operation: `opening the ${variable === 'GITHUB_OUTPUT' ? 'output' : 'state'} file of the runner`,
        ...(isDenied(cause) ? denied(variable) : noFile(variable)),
      },
      { cause },
    );
  }
}

function isDenied(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'EACCES' || cause.code === 'EPERM');
}

/** The runner creates the files as its own user, and a container may run the step as another. Windows has no user ids. */
function denied(variable: string): Pick<FailureParts, 'reason' | 'advice'> {
  const user = process.getuid ? `user ${process.getuid()}` : 'the user of the step';
  return {
    reason: `${user} has no permission to write the file that ${variable} names`,
    advice:
      'Nothing was sent. A container job with `options: --user` needs access to the files of the runner: set the user id of the runner there (1001 on GitHub-hosted runners), or root.',
  };
}

function noFile(variable: string): Pick<FailureParts, 'reason' | 'advice'> {
  return {
    reason: `${variable} does not name a writable file`,
    advice: 'Nothing was sent. Run the action in a workflow.',
  };
}
