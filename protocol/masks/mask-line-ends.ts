/**
 * `*` and `**` of the glob library stop at line ends, but a name may contain them. So the library gets stand-ins for them:
 * unpaired surrogates that no name contains, because those for bytes begin at U+DC80.
 */
const lineEnds = ['\n', '\r', '\u2028', '\u2029'];
const firstStandIn = 0xdc00;

/** `text` (a name, a path or a mask) with a stand-in for each line end. */
export function hideLineEnds(text: string): string {
  return text.replace(/[\n\r\u2028\u2029]/g, character =>
    String.fromCharCode(firstStandIn + lineEnds.indexOf(character)),
  );
}

/** `text` with line ends instead of their stand-ins. */
export function showLineEnds(text: string): string {
  // The `u` flag keeps the expression from matching half of a surrogate pair.
  return text.replace(
    /[\udc00-\udc03]/gu,
    character => lineEnds[character.charCodeAt(0) - firstStandIn] ?? character,
  );
}
