import {existsSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {partialName} from '../../disk/local-name.ts';

/** Whether nothing is here that could have blocks of the file that is saved as `target`: its first ones are needed in any case. */
export function isNothingHere(target: string): boolean {
  return !existsSync(target) && !existsSync(join(dirname(target), partialName(basename(target))));
}
