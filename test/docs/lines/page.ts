/** The code on a page of docs/: its lines, its blocks in a language, and the command lines within sentences. */
import {readFileSync} from 'node:fs';

export type Page = {
  /** Lines to type and printed lines, in the order of the page, from indented blocks and fenced blocks without a language. */
  lines: string[];
  /** Blocks in a language, each with the name of its language. */
  blocks: {language: string; text: string}[];
  /** Command lines of our programs and of npm within sentences, each only once. */
  spans: string[];
  /** The rows of each table, as the text of each cell. */
  tables: string[][][];
};

/** @param name the file in docs/, without `.md`. */
export function readPage(name: string): Page {
  const text = readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8');
  const fences = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  const prose = text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/^ {4}.*$/gm, '');
  // A fenced block without a language counts as an indented block.
  const indented = text.replaceAll(/^```(\w*)\n(.*?)^```$/gms, (_, language, inside: string) =>
    language === '' ? inside.replaceAll(/^(?=.)/gm, '    ') : '',
  );
  return {
    // Remove the remark beside a line. A printed line may itself have two spaces, so there a remark begins after three.
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
