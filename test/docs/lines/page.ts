/** What a page of docs/ has in code: its lines, blocks in a language, and command lines within sentences. */
import {readFileSync} from 'node:fs';

export type Page = {
  /** Lines to type and lines that are printed, in their order: of indented blocks, and of fenced ones in no language. */
  lines: string[];
  /** Blocks in a language, each after its name. */
  blocks: {language: string; text: string}[];
  /** Command lines of these programs, and of npm, that stand within sentences; each once. */
  spans: string[];
  /** Rows of its tables, as the text of each cell. */
  tables: string[][][];
};

/** @param name its file in docs/, without the ending. */
export function readPage(name: string): Page {
  const text = readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8');
  const fences = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  const prose = text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/^ {4}.*$/gm, '');
  // A fenced block in no language counts as an indented one.
  const indented = text.replaceAll(/^```(\w*)\n(.*?)^```$/gms, (_, language, inside: string) =>
    language === '' ? inside.replaceAll(/^(?=.)/gm, '    ') : '',
  );
  return {
    // What is said beside a line; of a line that is printed two blanks are a part.
    lines: indentedLines(indented).map(line =>
      line.replace(line.startsWith('jangada ') ? / {2,}.*$/ : / {3,}.*$/, ''),
    ),
    blocks: fences.flatMap(([, language = '', inside = '']) =>
      language === '' ? [] : [{language, text: inside}],
    ),
    tables: [...text.matchAll(/(?:^\|.*\n)+/gm)].map(([table]) =>
      table
        .trimEnd()
        .split('\n')
        .filter(row => !/^[\s|:-]+$/.test(row))
        .map(row =>
          row
            .slice(1)
            .split(/(?<!\\)\|/)
            .slice(0, -1)
            .map(cell => cell.trim()),
        ),
    ),
    spans: [
      ...new Set(
        [...prose.matchAll(/`([^`]+)`/g)]
          .map(([, span = '']) => span.replaceAll('\n', ' '))
          .filter(span => /(?:^|[\s(])(?:jangada(?:-server)?|npm) \S/.test(span)),
      ),
    ],
  };
}

/** The lines of indented blocks, without the indent. */
export function indentedLines(text: string): string[] {
  return text
    .split('\n')
    .filter(line => /^ {4}/.test(line))
    .map(line => line.trim());
}
