/** The values of options, checked. Each throws a JangadaError `usage` that names the option. */
import {statSync} from 'node:fs';
import {isToken} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {absolutePath} from '../../../protocol/program/local-path.ts';
import {parseRate} from '../../../protocol/program/parse-rate.ts';
import {readPrivateFile} from '../../../protocol/program/private-file.ts';
import {splitWords} from '../../../protocol/program/split-words.ts';
import {parseTokens, type Token} from '../../../protocol/program/tokens.ts';
import type {CompressionMode} from '../../client/connection/compression/compression-choice.ts';
import type {SshOptions} from '../../client/connection/ways/ssh/ssh.ts';
import type {Settings} from '../../config/settings.ts';
import {conflictAnswers, type OnConflict} from '../../transfers/terms/conflict-policy.ts';
import {
  type ExpectedContent,
  expectedForms,
  readExpectedContent,
} from '../../transfers/terms/expected-content.ts';
import {localError} from '../../transfers/terms/local-error.ts';
import {type Priority, priorities} from '../../transfers/terms/priority.ts';
import {type CommandName, commandOf} from './catalogue.ts';
import {compressionModes, hashNames, type SortKey, sortKeys} from './option-catalogue.ts';
import {readServers, type Servers} from './server-addresses.ts';

/** Options with every default filled in. */
export type Options = Servers & {
  ssh: SshOptions;
  /** The token of the server, if an option or a variable gives it. */
  token: string | undefined;
  /** Absolute; empty for a command that has no local folder. */
  to: string;
  /** Connections for one file. They are also the total, unless there are more files at once. */
  connections: number;
  /** Files at once. */
  files: number;
  /** Bytes a second. */
  limit: number | undefined;
  /** Whether blocks may travel compressed. */
  compress: CompressionMode;
  retries: number;
  onConflict: OnConflict;
  dirs: boolean;
  priority: Priority;
  algorithm: (typeof hashNames)[number];
  root: boolean;
  expect: ExpectedContent | undefined;
  /** Local files, absolute. */
  compare: string | undefined;
  from: string | undefined;
  seed: string | undefined;
  checksums: string | undefined;
  checksumsFrom: string | undefined;
  sort: SortKey;
  reverse: boolean;
  repair: boolean;
  deletePartial: boolean;
  /** Whether the full screen uses the mouse. */
  mouse: boolean;
  json: boolean;
  quiet: boolean;
  /** The values written on the command line, without defaults. */
  written: RawOptions;
  /** The written values, and those of the configuration for options that were not written. */
  asked: RawOptions;
};

/** Values as written, by option name; `true` for an option without a value. */
export type RawOptions = Readonly<Record<string, string | true | undefined>>;

/** Settings of the configuration that replace options. */
export type OptionSettings = Pick<Settings, 'limits' | 'compress' | 'onConflict'>;

/**
 * @throws JangadaError `usage` for the first value that is wrong; `local_io` for a local folder that cannot be read.
 */
export function readOptions(
  command: CommandName,
  raw: RawOptions,
  environment: NodeJS.ProcessEnv,
  settings: OptionSettings = {},
): Options {
  const asked = {...standingOptions(command, settings), ...raw};
  const connections = wholeNumber('--connections', text(asked.connections), 4, 1, 16);
  return {
    ...readServers(text(raw.server), serverVariable(command, environment), {
      // Commands that connect to servers take `--retries`.
      isAsked: commandOf(command).options.includes('retries'),
    }),
    ssh: sshOptions(raw, environment),
    token: token(text(raw.tokenFile), environment.JANGADA_TOKEN),
    to: commandOf(command).options.includes('to') ? folder('--to', text(raw.to) ?? '.') : '',
    connections,
    files: wholeNumber('--files', text(asked.files), connections, 1, 16),
    limit: rateOf('--limit', text(asked.limit) ?? 'none'),
    compress: oneOf('--compress', text(asked.compress) ?? 'auto', compressionModes),
    retries: wholeNumber('--retries', text(raw.retries), 10, 0, 1000),
    onConflict: onConflict(command, text(asked.onConflict)),
    dirs: raw.dirs === true,
    priority: oneOf('--priority', text(raw.priority) ?? 'normal', priorities),
    algorithm: oneOf('--algorithm', text(raw.algorithm) ?? 'sha256', hashNames),
    root: raw.root === true,
    expect: expectedContent('--expect', text(raw.expect)),
    compare: file('--compare', text(raw.compare)),
    from: file('--from', text(raw.from)),
    seed: file('--seed', text(raw.seed)),
    checksums: file('--checksums', text(raw.checksums)),
    checksumsFrom: file('--checksums-from', text(raw.checksumsFrom)),
    sort: oneOf('--sort', text(raw.sort) ?? 'name', sortKeys),
    reverse: raw.reverse === true,
    repair: raw.repair === true,
    deletePartial: raw.deletePartial === true,
    mouse: raw.noMouse !== true,
    json: raw.json === true,
    quiet: raw.quiet === true,
    written: raw,
    asked,
  };
}

/** JANGADA_SERVER, for commands that use it. Most commands of the queue are about the servers that the queue names. */
function serverVariable(
  command: CommandName,
  {JANGADA_SERVER}: NodeJS.ProcessEnv,
): string | undefined {
  const takesIt =
    command === 'queue add' ||
    (!command.startsWith('queue ') && commandOf(command).options.some(name => name === 'server'));
  return takesIt ? JANGADA_SERVER : undefined;
}

/** The options that the configuration sets for `command`, in the form in which a user would write them. */
function standingOptions(
  command: CommandName,
  {limits: {connections, files, speed} = {}, compress, onConflict}: OptionSettings,
): RawOptions {
  // The queue cannot ask a user when it fetches a file.
  const isAsked = command === 'queue add' && onConflict === 'ask';
  const all = {
    ...{connections, files, limit: speed, compress},
    onConflict: isAsked ? undefined : onConflict,
  };
  const {options} = commandOf(command);
  return Object.fromEntries(
    Object.entries(all)
      .filter(([name, value]) => value !== undefined && options.some(option => option === name))
      .map(([name, value]) => [name, String(value)]),
  );
}

function text(value: string | true | undefined): string | undefined {
  return value === true ? undefined : value;
}

/** The absolute path of the folder `value`, which may not exist yet. */
function folder(option: string, value: string): string {
  if (value === '-') {
    throw wrong(
      option,
      value,
      'jangada saves files in a folder, never to standard output (write ./- for a folder named -)',
    );
  }

  const absolute = absolutePath(value, option);
  let isFolder: boolean;
  try {
    isFolder = statSync(absolute, {throwIfNoEntry: false})?.isDirectory() ?? true;
  } catch (error) {
    throw localError(error, absolute);
  }

  if (!isFolder) {
    throw wrong(option, value, 'it is a file. Use a folder: files keep their names');
  }

  return absolute;
}

/** The absolute path of the file `value`. */
function file(option: string, value: string | undefined): string | undefined {
  if (value === '-') {
    throw wrong(option, value, 'use the path of a file (write ./- for a file named -)');
  }

  return value === undefined ? undefined : absolutePath(value, option);
}

/** The options as written; the command can be split into words. */
function sshOptions(raw: RawOptions, {JANGADA_SSH}: NodeJS.ProcessEnv): SshOptions {
  const [command, name] =
    raw.ssh === undefined ? [JANGADA_SSH || undefined, 'JANGADA_SSH'] : [text(raw.ssh), '--ssh'];
  if (command !== undefined) {
    splitWords(command, name);
  }

  return {command, remoteCommand: text(raw.remoteCommand)};
}

/** The first token in the file that --token-file names, or the one in the environment. */
function token(option: string | undefined, variable: string | undefined): string | undefined {
  if (option !== undefined) {
    const name = absolutePath(option, '--token-file');
    const [first] = tokensIn(name, option);
    if (first === undefined) {
      throw wrong('--token-file', option, 'the file has no token, or does not exist');
    }

    return first.token;
  }

  if (variable !== undefined && variable !== '' && !isToken(variable)) {
    throw new JangadaError('usage', 'JANGADA_TOKEN: a token is 1 to 512 visible ASCII characters');
  }

  return variable || undefined;
}

/** @throws JangadaError `usage` for a line that is not of a token file; `local_io` for a file that cannot be read. */
function tokensIn(file: string, option: string): Token[] {
  const text = readPrivateFile(file) ?? '';
  try {
    return parseTokens(text);
  } catch (error) {
    throw isJangadaError(error, 'bad_request')
      ? wrong('--token-file', option, error.message)
      : error;
  }
}

function wholeNumber(
  option: string,
  value: string | undefined,
  otherwise: number,
  least: number,
  most: number,
): number {
  if (value === undefined) {
    return otherwise;
  }

  const number = Number(value);
  if (!/^\d{1,9}$/.test(value) || number < least || number > most) {
    throw wrong(option, value, `use a whole number from ${least} to ${most}`);
  }

  return number;
}

/** The queue cannot ask a user when it fetches a file. */
function onConflict(command: CommandName, value: string | undefined): OnConflict {
  if (command !== 'queue add') {
    return oneOf('--on-conflict', value ?? 'ask', conflictAnswers);
  }

  const answers = conflictAnswers.filter(answer => answer !== 'ask');
  if (value === 'ask') {
    const advice = `the queue cannot ask questions. Write one of ${answers.join(', ')}`;
    throw wrong('--on-conflict', value, advice);
  }

  return oneOf('--on-conflict', value ?? 'resume', answers);
}

function oneOf<Value extends string>(
  option: string,
  value: string,
  values: readonly Value[],
): Value {
  const found = values.find(known => known === value);
  if (found === undefined) {
    throw wrong(option, value, `use one of ${values.join(', ')}`);
  }

  return found;
}

/**
 * Bytes a second: `500k`, `10M`, `1.5G` or a plain number; undefined for `none`. k, M and G are powers of 1,000, as in
 * the sizes and speeds that jangada shows.
 */
export function rateOf(option: string, value: string): number | undefined {
  const rate = parseRate(value);
  if (rate === undefined && value !== 'none') {
    throw wrong(option, value, 'use a number of bytes a second such as 500k or 10M, or none');
  }

  return rate;
}

function expectedContent(option: string, value: string | undefined): ExpectedContent | undefined {
  const expected = value === undefined ? undefined : readExpectedContent(value);
  if (value !== undefined && expected === undefined) {
    throw wrong(option, value, `use ${expectedForms}`);
  }

  return expected;
}

function wrong(option: string, value: string, advice: string): JangadaError {
  return new JangadaError(
    'usage',
    `Invalid value '${displayName(value)}' for ${option}: ${advice}`,
  );
}
