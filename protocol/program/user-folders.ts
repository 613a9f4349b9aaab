/** The user's folders for state, configuration and cache. */
import {homedir} from 'node:os';
import {isAbsolute, join} from 'node:path';
import process from 'node:process';
import envPaths from 'env-paths';
import {absolutePath} from './local-path.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Absolute path of the folder for state: JANGADA_STATE, or else the user's default folder.
 *
 * @throws JangadaError as `absolutePath`.
 */
export function stateFolder({JANGADA_STATE, XDG_STATE_HOME}: Environment): string {
  if (JANGADA_STATE) {
    return absolutePath(JANGADA_STATE, 'JANGADA_STATE');
  }

  // Systems other than Linux have no separate folder for state.
  return linuxFolder(XDG_STATE_HOME, '.local/state') ?? envPaths('jangada', {suffix: ''}).data;
}

/**
 * Absolute path of the folder for configuration: JANGADA_CONFIG, or else the user's default folder.
 *
 * @throws JangadaError as `absolutePath`.
 */
export function configFolder({JANGADA_CONFIG, XDG_CONFIG_HOME}: Environment): string {
  if (JANGADA_CONFIG) {
    return absolutePath(JANGADA_CONFIG, 'JANGADA_CONFIG');
  }

  return linuxFolder(XDG_CONFIG_HOME, '.config') ?? envPaths('jangada', {suffix: ''}).config;
}

/** Absolute path of the cache folder: the program can create its content again. */
export function cacheFolder({XDG_CACHE_HOME}: Environment): string {
  return linuxFolder(XDG_CACHE_HOME, '.cache') ?? envPaths('jangada', {suffix: ''}).cache;
}

/**
 * The folder of this program in `base`, or in the folder `otherwise` of the home folder; undefined on systems other than
 * Linux.
 */
function linuxFolder(base = '', otherwise: string): string | undefined {
  if (process.platform !== 'linux') {
    return undefined;
  }

  // The XDG standard ignores a relative path, which would mean another folder for each current folder.
  return join(isAbsolute(base) ? base : join(homedir(), otherwise), 'jangada');
}
