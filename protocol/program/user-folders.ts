/** The folders of this user in which a program keeps its state, finds its configuration, and keeps what can be made anew. */
import {homedir} from 'node:os';
import {isAbsolute, join} from 'node:path';
import process from 'node:process';
import envPaths from 'env-paths';
import {absolutePath} from './local-path.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Absolute path of the folder for what a program has to remember: the one that JANGADA_STATE names, or
 * else that of this user.
 *
 * @throws JangadaError as `absolutePath`.
 */
export function stateFolder({JANGADA_STATE, XDG_STATE_HOME}: Environment): string {
  if (JANGADA_STATE) {
    return absolutePath(JANGADA_STATE, 'JANGADA_STATE');
  }

  // Systems other than Linux have no folder for state alone.
  return linuxFolder(XDG_STATE_HOME, '.local/state') ?? envPaths('jangada', {suffix: ''}).data;
}

/**
 * Absolute path of the folder of the configuration: the one that JANGADA_CONFIG names, or else that of
 * this user.
 *
 * @throws JangadaError as `absolutePath`.
 */
export function configFolder({JANGADA_CONFIG, XDG_CONFIG_HOME}: Environment): string {
  if (JANGADA_CONFIG) {
    return absolutePath(JANGADA_CONFIG, 'JANGADA_CONFIG');
  }

  return linuxFolder(XDG_CONFIG_HOME, '.config') ?? envPaths('jangada', {suffix: ''}).config;
}

/** Absolute path of the folder for what a program can do without, and makes anew. */
export function cacheFolder({XDG_CACHE_HOME}: Environment): string {
  return linuxFolder(XDG_CACHE_HOME, '.cache') ?? envPaths('jangada', {suffix: ''}).cache;
}

/**
 * The folder of this program in `base`, or in the folder `otherwise` of the home folder; undefined
 * elsewhere than on Linux.
 */
function linuxFolder(base = '', otherwise: string): string | undefined {
  if (process.platform !== 'linux') {
    return undefined;
  }

  // The standard wants a relative path ignored: it would be another folder from each place.
  return join(isAbsolute(base) ? base : join(homedir(), otherwise), 'jangada');
}
