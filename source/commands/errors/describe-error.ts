import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';

/** `error` as one line that is safe to show. JANGADA_DEBUG adds the stack, to find faults in the program. */
export function describeError(error: unknown, environment: NodeJS.ProcessEnv): string {
  const line = displayName(sentence(error));
  return environment.JANGADA_DEBUG && error instanceof Error ? `${line}\n${stackOf(error)}` : line;
}

function sentence(error: unknown): string {
  if (error instanceof JangadaError) {
    return error.message;
  }

  const message = error instanceof Error ? error.message : String(error);
  return `Internal error: ${message}. JANGADA_DEBUG=1 shows where`;
}

/** Line by line, so that every line feed that reaches the terminal is one of our own. */
function stackOf(error: Error): string {
  const lines: DisplayText[] = (error.stack ?? '').split('\n').map(displayName);
  return lines.join('\n');
}
