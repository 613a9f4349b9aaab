/**
 * The matcher's `*` and `**` stop at line ends, which a name may hold. So it is shown stand-ins
 * for them: unpaired surrogates that no name has, since those for bytes begin at U+DC80.
 */
const lineEnds = ['\n', '\r', '\u2028', '\u2029'];
const firstStandIn = 0xdc00;

/** `text` (a name, a path or a mask) as the matcher gets it. */
export function hideLineEnds(text: string): string {
  return text.replace(/[\n\r\u2028\u2029]/g, character =>
    String.fromCharCode(firstStandIn + lineEnds.indexOf(character)),
  );
}

/** What the matcher gives back, as it was. */
export function showLineEnds(text: string): string {
  // Unpaired ones alone: the flag sees to it.
  return text.replace(
    /[\udc00-\udc03]/gu,
    character => lineEnds[character.charCodeAt(0) - firstStandIn] ?? character,
  );
}
