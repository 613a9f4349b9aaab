import {existsSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {partialName} from '../../disk/local-name.ts';

/** Whether neither the file `target` nor its partial exists here. Then its first blocks are needed in any case. */
export function isNothingHere(target: string): boolean {
  return !existsSync(target) && !existsSync(join(dirname(target), partialName(basename(target))));
}
