import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';

/**
 * `error` as one line for people, safe to show. JANGADA_DEBUG adds the stack, for a search for
 * faults in the program.
 */
export function describeError(error: unknown, environment: NodeJS.ProcessEnv): string {
  const line = displayName(sentence(error));
  return environment.JANGADA_DEBUG && error instanceof Error ? `${line}\n${stackOf(error)}` : line;
}

function sentence(error: unknown): string {
  if (error instanceof JangadaError) {
    return error.message;
  }

  const message = error instanceof Error ? error.message : String(error);
  return `This should not have happened: ${message}. JANGADA_DEBUG=1 shows where`;
}

/** Line by line, so that only line feeds of our own reach the terminal. */
function stackOf(error: Error): string {
  const lines: DisplayText[] = (error.stack ?? '').split('\n').map(displayName);
  return lines.join('\n');
}
