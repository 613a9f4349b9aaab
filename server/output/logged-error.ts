import {type DisplayText, displayName} from '../../protocol/display-text.ts';

/** `error` for the log: its stack and its cause, with unsafe characters escaped. */
export function loggedError(error: unknown): {error: DisplayText; cause?: DisplayText} {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined
    ? {error: textOf(error)}
    : {error: textOf(error), cause: textOf(cause)};
}

function textOf(error: unknown): DisplayText {
  return displayName(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
