import {columns, wrapped} from '../../../protocol/program/help-lines.ts';
import {
  aliasesOf,
  type CommandGroup,
  type CommandName,
  commandGroups,
  commandOf,
  commandsOf,
  commandWords,
  groupWords,
  type Topic,
} from './catalogue.ts';
import {type Command, reaching, sections} from './command.ts';
import {flagOf, type OptionName, optionNames, optionOf} from './option-catalogue.ts';
import {files, mainExamples, otherSystems, pages, statuses, variables} from './surroundings.ts';

/** The help of one command, of a group, or of all of them. Ends with a line feed. */
export function helpText(topic: Topic): string {
  return `${linesOf(topic).join('\n')}\n`;
}

function linesOf(topic: Topic): string[] {
  switch (topic) {
    case undefined:
      return overview();
    case 'options':
      return allOptions();
    case 'queue':
      return groupHelp(topic);
    default:
      return commandHelp(topic);
  }
}

function overview(): string[] {
  const names: CommandName[] = ['open', ...commandWords];
  return [
    "Browse another machine's files in a terminal, and trust every byte that arrives.",
    '',
    'Usage',
    '  jangada [ADDRESS] [OPTION]...',
    '  jangada COMMAND [ARGUMENT]... [OPTION]...',
    ...sections.flatMap(section => [
      '',
      section,
      ...columns([
        ...names.filter(name => commandOf(name).section === section).map(usageAndSummary),
        ...(section === 'More' ? helpRows : []),
      ]),
    ]),
    '',
    'Options of most commands',
    ...optionLines(['server', 'to', 'limit', 'json', 'quiet', 'help', 'version']),
    '',
    'Examples',
    ...columns(mainExamples),
    '',
    'Variables',
    ...columns(variables),
    '',
    'Files',
    ...columns(files),
    ...wrapped(otherSystems).map(line => `  ${line}`),
    '',
    'Exit status',
    ...columns(statuses),
    '',
    `More: man jangada, and ${pages}`,
  ];
}

const helpRows = [
  ['jangada help COMMAND', 'the help of one command, with its options'],
  ['jangada help options', 'all options, and the commands that take them'],
] as const;

function usageAndSummary(name: CommandName): [string, string] {
  return [commandOf(name).usage, commandOf(name).summary];
}

function groupHelp(group: CommandGroup): string[] {
  return [
    `jangada ${group} COMMAND`,
    '',
    `${capitalised(commandGroups[group])}.`,
    '',
    ...columns([
      ...commandsOf(group).map(usageAndSummary),
      [`jangada help ${group} COMMAND`, 'the help of one command, with its options'],
    ]),
  ];
}

function commandHelp(name: CommandName): string[] {
  const command = commandOf(name);
  const aliases = aliasesOf(name).map(word => `jangada ${word}`);
  const own = ownOptions(name);
  const ofServer = command.options.filter(option => !own.includes(option));
  return [
    command.usage,
    '',
    `${capitalised(command.summary)}.`,
    ...command.details.flatMap(paragraph => ['', ...wrapped(paragraph)]),
    ...(aliases.length === 0 ? [] : ['', `Also: ${aliases.join(', ')}`]),
    '',
    'Options',
    ...optionLines([...own, 'help'], command.summaries),
    ...(ofServer.length === 0 ? [] : ['', 'Options for reaching the server']),
    ...optionLines(ofServer, command.summaries),
    '',
    command.examples.length > 1 ? 'Examples' : 'Example',
    ...command.examples.map(example => `  ${example}`),
  ];
}

/** The options of a command, but for those with which all reach the server; those too where there are no others. */
function ownOptions(name: CommandName): OptionName[] {
  const {options} = commandOf(name);
  const common: ReadonlySet<string> = new Set(options.includes('fingerprint') ? reaching : []);
  return options.filter(option => !common.has(option));
}

/** Every option, with the commands that take it. */
function allOptions(): string[] {
  return [
    ...wrapped(
      'Options may stand anywhere. Write a value after its option: --limit 2M or --limit=2M. Words after -- are not options.',
    ),
    ...optionNames.flatMap(name => [
      '',
      ...optionLines([name]),
      ...wrapped(`for ${takersOf(name)}`).map(line => `          ${line}`),
    ]),
  ];
}

/** The commands that take an option, in words. */
export function takersOf(name: OptionName): string {
  if (name === 'help' || name === 'version') {
    return name === 'help' ? 'all' : 'the program';
  }

  const takers: CommandName[] = commandWords.filter(word => commandOf(word).options.includes(name));
  // A group of which all take it is one word.
  const whole = groupWords.filter(group => commandsOf(group).every(word => takers.includes(word)));
  const words = [
    ...(commandOf('open').options.includes(name) ? ['the full screen'] : []),
    ...takers.filter(word => !whole.some(group => word.startsWith(`${group} `))),
    ...whole,
  ];
  return words.join(', ');
}

function optionLines(names: readonly OptionName[], summaries: Command['summaries'] = {}): string[] {
  return columns(
    names.map(name => [writtenOption(name), summaries[name] ?? optionOf(name).summary]),
  );
}

/** `-s, --server ADDRESS`, with room for the letter. */
function writtenOption(name: OptionName): string {
  const {short, value} = optionOf(name);
  const letter = short === undefined ? '    ' : `-${short}, `;
  return `${letter}${flagOf(name)}${value === undefined ? '' : ` ${value}`}`;
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
