/** Formats the help of both programs. The help is ASCII, so one character is one column. */

/** The width of a paragraph, and of a row with its description. */
const paragraphColumns = 90;
const rowColumns = 100;

/** Indented rows of two columns; long text in the second column is wrapped within it. */
export function columns(rows: ReadonlyArray<readonly [string, string]>): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.flatMap(([left, right]) =>
    wrapped(right, rowColumns - width - 4).map(
      (line, index) => `  ${(index === 0 ? left : '').padEnd(width)}  ${line}`,
    ),
  );
}

/** Wrap a paragraph into lines. */
export function wrapped(paragraph: string, most = paragraphColumns): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > most) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }

  return [...lines, line];
}
