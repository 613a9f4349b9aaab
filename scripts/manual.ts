/** Makes the manual pages of both programs, in the macros of man(7), from the tables of their help. */
import {wordOf} from '../server/arguments/flags.ts';
import * as server from '../server/arguments/option-words.ts';
import {
  aliasesOf,
  type CommandName,
  commandOf,
  commandWords,
} from '../source/commands/arguments/catalogue.ts';
import {sections} from '../source/commands/arguments/command.ts';
import {capitalised, takersOf} from '../source/commands/arguments/help.ts';
import {flagOf, optionNames, optionOf} from '../source/commands/arguments/option-catalogue.ts';
import * as client from '../source/commands/arguments/surroundings.ts';

type Rows = ReadonlyArray<readonly [name: string, meaning: string]>;

export function clientManual(version: string): string {
  const names: CommandName[] = ['open', ...commandWords];
  return page('jangada', version, "browse another machine's files, and fetch them verified", [
    ...synopsis(['jangada [ADDRESS] [OPTION]...', 'jangada COMMAND [ARGUMENT]... [OPTION]...']),
    ...heading('DESCRIPTION'),
    text(
      'Lists and downloads the files of another machine, on a full screen or with commands. The other machine runs jangada-server(1), or accepts ssh. A file gets its final name only when every block is verified. Until then it is NAME.jangada-part, and the next run resumes from that file. On the full screen the key ? shows all keys.',
    ),
    ...heading('COMMANDS'),
    ...sections.flatMap(section => [
      `.SS ${text(section)}`,
      ...names.filter(name => commandOf(name).section === section).flatMap(commandLines),
    ]),
    ...heading('OPTIONS'),
    ...optionNames.flatMap(name => {
      const {short, summary, value} = optionOf(name);
      const flags = short === undefined ? [flagOf(name)] : [`-${short}`, flagOf(name)];
      return option(flags, value, `${capitalised(summary)}. For ${takersOf(name)}.`);
    }),
    ...rows('ENVIRONMENT', client.variables),
    ...rows('FILES', client.files),
    ...paragraph(client.otherSystems),
    ...rows('EXIT STATUS', client.statuses),
    ...rows('EXAMPLES', client.mainExamples),
    ...seeAlso(['jangada-server(1)', 'ssh(1)', 'sha256sum(1)']),
  ]);
}

export function serverManual(version: string): string {
  return page('jangada-server', version, 'serve a folder, read-only', [
    ...synopsis(server.usages),
    ...heading('DESCRIPTION'),
    text(server.summary),
    ...server.notes.flatMap(paragraph),
    ...heading('OPTIONS'),
    ...server.sections.flatMap(section => [
      `.SS ${text(section)}`,
      ...server.optionNames
        .filter(name => server.optionWords[name].section === section)
        .flatMap(name => {
          const {short, summary, value} = server.optionWords[name];
          const flag = `--${wordOf(name)}`;
          return option(short === undefined ? [flag] : [`-${short}`, flag], value, summary);
        }),
    ]),
    ...rows('ENVIRONMENT', server.variables),
    ...rows('FILES', server.files),
    ...rows('EXIT STATUS', server.statuses),
    ...rows('EXAMPLES', server.examples),
    ...seeAlso(['jangada(1)']),
  ]);
}

function page(name: string, version: string, what: string, lines: readonly string[]): string {
  const title = name.toUpperCase().replaceAll('-', '\\-');
  return `${[
    `.\\" Made by scripts/manual.ts.`,
    // No date, so that the same tables give the same page.
    `.TH ${title} 1 "" "jangada ${version}" "User Commands"`,
    // No hyphenation of names and options, and no stretched lines.
    '.nh',
    '.ad l',
    ...heading('NAME'),
    `${text(name)} \\- ${text(what)}`,
    ...lines,
  ].join('\n')}\n`;
}

function synopsis(usages: readonly string[]): string[] {
  return [...heading('SYNOPSIS'), '.nf', ...usages.map(usage => text(usage)), '.fi'];
}

function commandLines(name: CommandName): string[] {
  const {details, examples, summary, usage} = commandOf(name);
  const aliases = aliasesOf(name).map(word => `jangada ${word}`);
  return [
    '.TP',
    `.B ${text(usage)}`,
    `${text(capitalised(summary))}.`,
    ...details.flatMap(detail => ['.IP', text(detail)]),
    ...(aliases.length === 0 ? [] : ['.IP', `Also: ${text(aliases.join(', '))}.`]),
    '.IP',
    '.nf',
    ...examples.map(example => text(example)),
    '.fi',
  ];
}

function option(flags: readonly string[], value: string | undefined, summary: string): string[] {
  const written = flags.map(flag => `\\fB${text(flag)}\\fR`).join(', ');
  return [
    '.TP',
    `${written}${value === undefined ? '' : ` \\fI${text(value)}\\fR`}`,
    text(summary),
  ];
}

function rows(title: string, all: Rows): string[] {
  return [
    ...heading(title),
    ...all.flatMap(([name, meaning]) => ['.TP', `.B ${text(name)}`, text(meaning)]),
  ];
}

function seeAlso(names: readonly string[]): string[] {
  const pages = names.map(name =>
    name.replace(/^(.*)\((\d)\)$/, (_, page, part) => `.BR ${text(page)} (${part})`),
  );
  return [
    ...heading('SEE ALSO'),
    ...pages.map((line, at) => (at < pages.length - 1 ? `${line},` : line)),
    ...paragraph(client.pages),
  ];
}

const heading = (title: string): string[] => [`.SH ${title}`];
const paragraph = (words: string): string[] => ['.PP', text(words)];

/** Escape text for roff. */
function text(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replace(
      /[^\0-\x7f]/gu,
      sign => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^\./, '\\&.');
}
