/** `jangada-server token add | list | remove`: edits the token file; servers may use the file meanwhile. */
import {parseArgs} from 'node:util';
import {displayName} from '../protocol/display-text.ts';
import {JangadaError} from '../protocol/errors.ts';
import {absolutePath} from '../protocol/program/local-path.ts';
import {readPrivateFile} from '../protocol/program/private-file.ts';
import {parseTokens, type Token, tokenName} from '../protocol/program/tokens.ts';
import {stateFolder} from '../protocol/program/user-folders.ts';
import {parseRemotePath, rootPath} from '../protocol/remote-path.ts';
import {nonEmpty} from './arguments/values.ts';
import {addToken, ownTokensFile, removeToken} from './doors/tokens/own-tokens.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Run the command in `words`, which are the words after `token`. @returns the text for standard output.
 *
 * @throws JangadaError `usage`, and the errors of reading and writing the token file.
 */
export function tokenCommand(words: readonly string[], environment: Environment): string {
  const {positionals, values} = parse(words);
  const [verb, name, more] = positionals;
  const {expires} = values;
  const folder = nonEmpty('folder', values.folder);
  const tokenFile = nonEmpty('token-file', values['token-file']);
  const file =
    tokenFile === undefined
      ? ownTokensFile(stateFolder(environment))
      : absolutePath(tokenFile, '--token-file');
  if (more !== undefined || (verb === 'list' && name !== undefined)) {
    throw usage(`Unexpected argument '${displayName(more ?? name ?? '')}'`);
  }

  if (verb !== 'add' && (expires ?? folder) !== undefined) {
    throw usage('--folder and --expires are for token add');
  }

  switch (verb) {
    case 'add':
      return `${addToken(file, {name: checkedName(name), folder: folderOf(folder), expiresMs: timeOf(expires)}).token}\n`;
    case 'list':
      return listing(parseTokens(readPrivateFile(file) ?? ''));
    case 'remove':
      removeToken(file, checkedName(name));
      return '';
    default:
      throw usage(
        'Write token add NAME [--folder PATH] [--expires DATE], token list, or token remove NAME',
      );
  }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        folder: {type: 'string'},
        expires: {type: 'string'},
        'token-file': {type: 'string'},
      },
    });
  } catch (error) {
    throw usage(displayName(error instanceof Error ? error.message : String(error)));
  }
}

function checkedName(name: string | undefined): string {
  if (name === undefined || !tokenName.test(name)) {
    throw usage('A token has a name of up to 64 letters, digits, dots, dashes and underscores');
  }

  return name;
}

function folderOf(text: string | undefined): Token['folder'] {
  try {
    return text === undefined ? rootPath : parseRemotePath(text.replace(/^\/+|\/+$/g, ''));
  } catch (error) {
    throw usage(
      `--folder must be a folder below the served folder: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

/** A day without a time means the end of that day. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }

  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const ms = Date.parse(isDay ? `${text}T23:59:59.999` : text);
  if (!Number.isFinite(ms)) {
    throw usage(`Invalid value '${displayName(text)}' for --expires: use a day such as 2027-01-31`);
  }

  if (ms <= Date.now()) {
    throw usage(`Invalid value '${displayName(text)}' for --expires: it is in the past`);
  }

  return ms;
}

/** A line for each token: its name, folder and expiry. The tokens themselves stay secret. */
function listing(tokens: readonly Token[]): string {
  return tokens
    .map(({expiresMs, folder, name}) => {
      const isOver = expiresMs !== undefined && expiresMs <= Date.now();
      const end = expiresMs === undefined ? 'never expires' : new Date(expiresMs).toISOString();
      return `${name ?? '(no name)'}\t/${displayName(folder)}\t${isOver ? `expired ${end}` : end}\n`;
    })
    .join('');
}

function usage(message: string): JangadaError {
  return new JangadaError('usage', message);
}
