/** The configuration of this user: where it is, its settings, and its mistakes. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {displayName} from '../../protocol/display-text.ts';
import {isJangadaError} from '../../protocol/errors.ts';
import {configFolder} from '../../protocol/program/user-folders.ts';
import {isSystemError, localError} from '../transfers/terms/local-error.ts';
import type {ValuePath} from './jsonc.ts';
import type {Settings} from './settings.ts';

export type Config = {
  /** Absolute path; undefined if no folder for it is known. */
  readonly file: string | undefined;
  readonly exists: boolean;
  readonly settings: Settings;
  /** The line of a setting. */
  readonly lineOf: (path: ValuePath) => number;
  readonly mistakes: readonly ConfigMistake[];
};

/** A mistake, in words that are safe to show; without a line it concerns the file itself. */
export type ConfigMistake = {readonly line?: number; readonly message: string};

/** No configuration: every setting has its default. */
export const noConfig: Config = {
  file: undefined,
  exists: false,
  settings: {},
  lineOf: () => 1,
  mistakes: [],
};

/** Read the configuration. Never throws: an unreadable file is a mistake. */
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

  // Without a file there is nothing to check, and the program starts sooner without the schema.
  const {readSettings} = await import('./read-settings.ts');
  return {file, exists: true, ...readSettings(text)};
}

/** `config` with `keys` in place of its own; `mistakes` were found in those. */
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

/** A mistake as one line: `/home/a/.config/jangada/config.json, line 3: …`. */
export function mistakeLine({file}: Pick<Config, 'file'>, {line, message}: ConfigMistake): string {
  return line === undefined || file === undefined
    ? message
    : `${displayName(file)}, line ${line}: ${message}`;
}
