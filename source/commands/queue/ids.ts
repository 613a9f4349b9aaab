import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';

/** The ids in `inputs`, each once. @throws JangadaError `usage` for a word that is not an id. */
export function parseIds(inputs: readonly string[]): number[] {
  return [...new Set(inputs.map(parseId))];
}

/** @throws JangadaError `usage`. */
export function parseId(text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw new JangadaError(
      'usage',
      `Invalid transfer ID '${displayName(text)}'. Use a number that jangada queue list shows`,
    );
  }

  return Number(text);
}

/** @throws JangadaError `usage` for a word that is not a whole number. */
export function parsePlaces(text: string): number {
  if (!/^[+-]?\d{1,9}$/.test(text)) {
    throw new JangadaError(
      'usage',
      `Invalid number of places '${displayName(text)}'. Use 2 for two places back, -2 for two towards the front`,
    );
  }

  return Number(text);
}
