/** JSON of the other side: never nested so deep that reading it overflows the stack. */

const maxNesting = 8;

/** As many brackets as it takes to be nested too deep, whether they close again or not. */
const manyBrackets = new RegExp(`(?:[[{][^[{]*){${maxNesting + 1}}`);

/**
 * As `JSON.parse`, which recurses: no message is deep, so depth is looked at before.
 *
 * @throws SyntaxError for text that is no JSON, or nested deeper than 8.
 */
export function parseJson(text: string): unknown {
  if (!manyBrackets.test(text)) {
    return JSON.parse(text);
  }

  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x22) {
      at = endOfString(text, at);
    } else if (character === 0x5b || character === 0x7b) {
      depth++;
      if (depth > maxNesting) {
        throw new SyntaxError('nested too deep');
      }
    } else if (character === 0x5d || character === 0x7d) {
      depth--;
    }
  }

  return JSON.parse(text);
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x5c) {
      at++;
    } else if (character === 0x22) {
      return at;
    }
  }

  return text.length;
}
