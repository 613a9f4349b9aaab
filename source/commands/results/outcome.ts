/** How a run ends: its exit status, and its fields in the last event of `--json`. */
import {type ErrorCode, JangadaError} from '../../../protocol/errors.ts';
import {type ExitStatus, exitStatus, statusOf} from './exit-status.ts';

export type Outcome = {
  readonly name: 'success' | 'failure' | 'difference' | 'interruption';
  /** The reason; `several` if there are different reasons; undefined if all is done. */
  readonly code?: ErrorCode | 'several';
  readonly status: ExitStatus;
  /** The message of the error that ended the run. */
  readonly message?: string;
};

export const allDone: Outcome = {name: 'success', status: exitStatus.done};

/** The outcome of a run that ended for one reason. */
export function outcomeOf(code: ErrorCode, message?: string): Outcome {
  const status = statusOf(code);
  return {name: nameOf(status), code, status, ...(message === undefined ? {} : {message})};
}

/** The outcome of a run that `error` ended. */
export function outcomeOfError(error: unknown): Outcome {
  return error instanceof JangadaError
    ? outcomeOf(error.code, error.message)
    : outcomeOf('internal', error instanceof Error ? error.message : String(error));
}

/** The outcome of several jobs, from the codes of those that failed. */
export function commonOutcome(codes: Iterable<ErrorCode>): Outcome {
  const different = new Set(codes);
  const [code] = different;
  if (code === undefined) {
    return allDone;
  }

  if (different.size === 1 && code !== 'aborted') {
    return outcomeOf(code);
  }

  // One file that was stopped does not mean that the run was interrupted.
  const statuses = new Set(
    [...different].map(one => statusOf(one === 'aborted' ? 'internal' : one)),
  );
  const [first = exitStatus.failed] = statuses;
  const status = statuses.size === 1 ? first : exitStatus.failed;
  return {name: nameOf(status), code: different.size === 1 ? code : 'several', status};
}

function nameOf(status: ExitStatus): Outcome['name'] {
  switch (status) {
    case exitStatus.done:
      return 'success';
    case exitStatus.differs:
      return 'difference';
    case exitStatus.interrupted:
      return 'interruption';
    default:
      return 'failure';
  }
}
