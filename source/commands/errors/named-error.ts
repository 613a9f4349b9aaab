import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';

/** `error` with the name of its file in front, unless the message has the name already. */
export function named(error: unknown, name: string): unknown {
  if (!(error instanceof JangadaError) || !aboutOneFile.has(error.code)) {
    return error;
  }

  const shown = displayName(name);
  return error.message.includes(shown)
    ? error
    : new JangadaError(error.code, `${shown}: ${error.message}`, {cause: error});
}

const aboutOneFile: ReadonlySet<string> = new Set([
  'not_found',
  'not_a_file',
  'not_a_folder',
  'forbidden',
  'changed',
  'bad_request',
  'too_large',
  'unexpected',
  'internal',
]);
