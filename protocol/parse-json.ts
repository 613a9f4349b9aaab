/** Parses JSON from the other side without a risk of stack overflow. */

const maxNesting = 8;

/** Enough opening brackets to be nested too deeply, whether they close again or not. */
const manyBrackets = new RegExp(`(?:[[{][^[{]*){${maxNesting + 1}}`);

/**
 * Like `JSON.parse`, which recurses, but checks the depth first: no valid message is deep.
 *
 * @throws SyntaxError for text that is not JSON, or nested deeper than 8.
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
