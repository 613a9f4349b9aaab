import {columns, wrapped} from '../../protocol/program/help-lines.ts';
import {type Flag, wordOf} from './flags.ts';
import * as words from './option-words.ts';

/** The help of the program, without a line feed at its end. */
export function helpText(): string {
  const {examples, files, notes, sections, statuses, summary, usages, variables} = words;
  const [first, ...others] = usages;
  return [
    `Usage: ${first}`,
    ...others.map(usage => `       ${usage}`),
    '',
    ...wrapped(summary),
    ...sections.flatMap(section => [
      '',
      section,
      ...columns(
        optionsIn(section).map(name => [writtenOption(name), words.optionWords[name].summary]),
      ),
    ]),
    ...notes.flatMap(note => ['', ...wrapped(note)]),
    '',
    'Examples',
    ...columns(examples),
    '',
    'Variables',
    ...columns(variables),
    '',
    'Files',
    ...columns(files),
    '',
    'Exit status',
    ...columns(statuses),
    '',
    'More: man jangada-server, and https://github.com/jangada/jangada#readme',
  ].join('\n');
}

/** The options of a part of the help, in the order of their table. */
function optionsIn(section: (typeof words.sections)[number]): Flag[] {
  return words.optionNames.filter(name => words.optionWords[name].section === section);
}

/** `-h, --help`, `--port PORT`, with room for the letter. */
function writtenOption(name: Flag): string {
  const {short, value} = words.optionWords[name];
  const letter = short === undefined ? '    ' : `-${short}, `;
  return `${letter}--${wordOf(name)}${value === undefined ? '' : ` ${value}`}`;
}
