import {displayName} from '../display-text.ts';
import {JangadaError} from '../errors.ts';

/**
 * The words of `text`, a program with its arguments: split at white space outside quotes.
 *
 * @param what the option or variable with this value, for the message.
 * @throws JangadaError `usage` for no words, and for a quote that is not closed.
 */
export function splitWords(text: string, what: string): [string, ...string[]] {
  const pieces = text.matchAll(/(\s+)|"([^"]*)"|'([^']*)'|([^\s"']+)|(["'])/g);
  const words: string[] = [];
  let isWithin = false;
  for (const [, space, double, single, plain, quote] of pieces) {
    if (quote !== undefined) {
      throw new JangadaError(
        'usage',
        `Invalid value '${displayName(text)}' for ${what}: a quote is not closed`,
      );
    }

    if (space === undefined) {
      const piece = double ?? single ?? plain ?? '';
      words.push(isWithin ? `${words.pop() ?? ''}${piece}` : piece);
    }

    isWithin = space === undefined;
  }

  const [program, ...rest] = words;
  if (program === undefined || program === '') {
    throw new JangadaError(
      'usage',
      `Invalid value '${displayName(text)}' for ${what}: it has to begin with a program`,
    );
  }

  return [program, ...rest];
}
