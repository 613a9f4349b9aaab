/** The configuration of this user: where it is, what it says, and what is wrong in it. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {displayName} from '../../protocol/display-text.ts';
import {isJangadaError} from '../../protocol/errors.ts';
import {configFolder} from '../../protocol/program/user-folders.ts';
import {isSystemError, localError} from '../transfers/terms/local-error.ts';
import type {ValuePath} from './jsonc.ts';
import type {Settings} from './settings.ts';

export type Config = {
  /** Absolute path; undefined where no folder can be named. */
  readonly file: string | undefined;
  readonly exists: boolean;
  readonly settings: Settings;
  /** The line in which a setting stands. */
  readonly lineOf: (path: ValuePath) => number;
  readonly mistakes: readonly ConfigMistake[];
};

/** Something that is wrong, in words that are safe to show; without a line it is the file itself. */
export type ConfigMistake = {readonly line?: number; readonly message: string};

/** No configuration: everything is as by default. */
export const noConfig: Config = {
  file: undefined,
  exists: false,
  settings: {},
  lineOf: () => 1,
  mistakes: [],
};

/** Read the configuration. Never throws: what cannot be read is a mistake. */
export async function loadConfig(environment: NodeJS.ProcessEnv): Promise<Config> {
  let file: string | undefined;
  let text: string;
  try {
    file = join(configFolder(environment), 'config.json');
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) {
      return {...noConfig, file};
    }

    const {message} = isJangadaError(error) ? error : localError(error, file ?? 'config.json');
    const mistakes = [{message: displayName(message)}];
    return {...noConfig, file, exists: file !== undefined, mistakes};
  }

  // Without a file, nothing has to be checked: the programs start sooner.
  const {readSettings} = await import('./read-settings.ts');
  return {file, exists: true, ...readSettings(text)};
}

/** `config` with `keys` in place of its own, which were found to have `mistakes`. */
export function withKeys(
  config: Config,
  keys: NonNullable<Settings['keys']>,
  mistakes: ReadonlyArray<{readonly action: string; readonly message: string}>,
): Config {
  const placed = mistakes.map(({action, message}) => ({
    line: config.lineOf(['keys', action]),
    message: displayName(message),
  }));
  const all = [...config.mistakes, ...placed].sort(
    (one, other) => (one.line ?? 0) - (other.line ?? 0),
  );
  return {...config, settings: {...config.settings, keys}, mistakes: all};
}

/** A mistake as a line of its own: `/home/a/.config/jangada/config.json, line 3: …`. */
export function mistakeLine({file}: Pick<Config, 'file'>, {line, message}: ConfigMistake): string {
  return line === undefined || file === undefined
    ? message
    : `${displayName(file)}, line ${line}: ${message}`;
}
