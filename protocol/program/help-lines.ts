/** Lines of the help of both programs. It is ASCII, so a character is a column. */

/** Columns of a paragraph, and of a row with what it means. */
const paragraphColumns = 90;
const rowColumns = 100;

/** Rows of two columns, indented; what does not fit goes on below itself. */
export function columns(rows: ReadonlyArray<readonly [string, string]>): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.flatMap(([left, right]) =>
    wrapped(right, rowColumns - width - 4).map(
      (line, index) => `  ${(index === 0 ? left : '').padEnd(width)}  ${line}`,
    ),
  );
}

/** A paragraph in lines. */
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
