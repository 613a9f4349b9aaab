import type {ErrorCode} from '../../../protocol/errors.ts';

/** Exit statuses that a user's scripts may rely on. */
export const exitStatus = {
  done: 0,
  failed: 1,
  usage: 2,
  noConnection: 3,
  refused: 4,
  /** The content differs from what it was compared with, or from what was expected. */
  differs: 5,
  interrupted: 130,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** The exit status of a job that ended with an error of this code. */
export function statusOf(code: ErrorCode): ExitStatus {
  switch (code) {
    case 'usage':
      return exitStatus.usage;
    case 'unreachable':
    case 'connection_lost':
      return exitStatus.noConnection;
    case 'unauthorized':
    case 'untrusted':
      return exitStatus.refused;
    case 'differs':
    case 'unexpected':
      return exitStatus.differs;
    case 'aborted':
      return exitStatus.interrupted;
    default:
      return exitStatus.failed;
  }
}
