/** One line of a list of checksums, as `sha256sum` prints and `sha256sum -c` reads it. */

export type ChecksumLine = {
  /** In hex, lower case. */
  readonly sha256: string;
  /** Bytes that are not UTF-8 are escaped as in protocol/remote-path.ts. */
  readonly name: string;
};

/** `HEX  NAME`; with a backslash in front if a character of NAME had to be escaped. Ends with a line feed. */
export function formatChecksumLine({sha256, name}: ChecksumLine): string {
  const escaped = name.replace(/[\\\n\r]/g, character => escapes.get(character) ?? character);
  return `${escaped === name ? '' : '\\'}${sha256}  ${escaped}\n`;
}

/**
 * Parse a line without its line feed: `HEX  NAME`, `HEX *NAME`, or the form of `sha256sum --tag`.
 *
 * @returns `nothing` for a comment and an empty line, `bad` for a line that a list of checksums cannot have.
 */
export function parseChecksumLine(text: string): ChecksumLine | 'nothing' | 'bad' {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text;
  if (line === '' || line.startsWith('#')) {
    return 'nothing';
  }

  const found = (plain.exec(line) ?? tagged.exec(line))?.groups;
  const {escaped = '', hex = '', name: written = ''} = found ?? {};
  const name = escaped === '' ? written : unescaped(written);
  // Other programs end a name at a NUL.
  return found === undefined || name === undefined || name.includes('\0')
    ? 'bad'
    : {sha256: hex.toLowerCase(), name};
}

/** A key that all names of one file share: `./a` has the key of `a`. */
export function checksumKey(name: string): string {
  return name.replace(/^(?:\.\/+)+/, '');
}

const escapes = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
]);

const characters = new Map([...escapes].map(([character, escaped]) => [escaped, character]));

const plain = /^[ \t]*(?<escaped>\\?)(?<hex>[0-9a-f]{64})[ \t][ *](?<name>.+)$/is;
const tagged = /^[ \t]*(?<escaped>\\?)SHA256 \((?<name>.+)\) = (?<hex>[0-9a-fA-F]{64})$/s;

function unescaped(name: string): string | undefined {
  let isKnown = true;
  const characterOf = (sequence: string) => {
    const character = characters.get(sequence);
    isKnown &&= character !== undefined;
    return character ?? '';
  };
  const text = name.replace(/\\.?/gs, characterOf);
  return isKnown ? text : undefined;
}
