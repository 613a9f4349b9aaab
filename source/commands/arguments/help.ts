import {
  type Command,
  type CommandGroup,
  type CommandName,
  commandGroups,
  commandOf,
  commandsOf,
  commandWords,
} from './catalogue.ts';
import {flagOf, type OptionName, optionNames, optionOf} from './option-catalogue.ts';

/** The help of one command, of a group, or of all of them. Ends with a line feed. */
export function helpText(topic: CommandName | CommandGroup | undefined): string {
  return `${linesOf(topic).join('\n')}\n`;
}

function linesOf(topic: CommandName | CommandGroup | undefined): string[] {
  if (topic === undefined) {
    return overview();
  }

  return topic === 'queue' ? groupHelp(topic) : commandHelp(topic);
}

function overview(): string[] {
  return [
    "Browse another machine's files in a terminal, and trust every byte that arrives.",
    '',
    ...columns(
      [
        [commandOf('open').usage, commandOf('open').summary],
        ...commandWords.map(usageAndSummary),
        ['jangada help COMMAND', 'the help of one command, with its options'],
      ],
      '  ',
    ),
    '',
    'Options',
    ...optionLines(optionNames),
    '',
    'Exit status: 0 all done, 1 something failed, 2 wrong usage, 3 no connection, 4 refused,',
    '5 content differs, 130 interrupted (what has arrived is kept).',
  ];
}

function usageAndSummary(name: CommandName): [string, string] {
  return [commandOf(name).usage, commandOf(name).summary];
}

function groupHelp(group: CommandGroup): string[] {
  return [
    commandGroups[group],
    '',
    ...columns(
      [
        ...commandsOf(group).map(usageAndSummary),
        [`jangada help ${group} COMMAND`, 'the help of one of them, with its options'],
      ],
      '  ',
    ),
  ];
}

function commandHelp(name: CommandName): string[] {
  const command = commandOf(name);
  return [
    `${command.usage}`,
    '',
    `${capitalised(command.summary)}.`,
    ...command.details.flatMap(paragraph => ['', ...wrapped(paragraph)]),
    '',
    'Options',
    ...optionLines([...command.options, 'help'], command.summaries),
    '',
    command.examples.length > 1 ? 'Examples' : 'Example',
    ...command.examples.map(example => `  ${example}`),
  ];
}

function optionLines(names: readonly OptionName[], summaries: Command['summaries'] = {}): string[] {
  return columns(
    names.map(name => {
      const {short, value, summary} = optionOf(name);
      const letters = short === undefined ? '    ' : `-${short}, `;
      return [
        `${letters}${flagOf(name)}${value === undefined ? '' : ` ${value}`}`,
        summaries[name] ?? summary,
      ];
    }),
    '  ',
  );
}

function columns(rows: readonly (readonly [string, string])[], indent: string): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${indent}${left.padEnd(width)}  ${right}`);
}

/** Paragraphs of the help are ASCII, so a character is a column. */
function wrapped(paragraph: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > 90) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }

  return [...lines, line];
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
