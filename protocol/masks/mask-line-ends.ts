/**
 * `*` and `**` of the glob library stop at line ends, which a name may hold. The library is given
 * stand-ins for them: unpaired surrogates that no name has, since those for bytes begin at U+DC80.
 */
const lineEnds = ['\n', '\r', '\u2028', '\u2029'];
const firstStandIn = 0xdc00;

/** `text` (a name, a path or a mask) with a stand-in for each line end. */
export function hideLineEnds(text: string): string {
  return text.replace(/[\n\r\u2028\u2029]/g, character =>
    String.fromCharCode(firstStandIn + lineEnds.indexOf(character)),
  );
}

/** `text` with its line ends in place of their stand-ins. */
export function showLineEnds(text: string): string {
  // The flag keeps the expression from matching one half of a surrogate pair.
  return text.replace(
    /[\udc00-\udc03]/gu,
    character => lineEnds[character.charCodeAt(0) - firstStandIn] ?? character,
  );
}
