import {lstatSync} from 'node:fs';
import {withoutToken} from '../../protocol/address.ts';
import type {OnConflict} from '../transfers/terms/conflict-policy.ts';
import {flagOf} from './arguments/option-catalogue.ts';
import {serverWords} from './arguments/server-addresses.ts';
import {shellWord} from './format.ts';
import type {Job} from './job.ts';

/** A command, and its policy for local files that exist. */
export type Again = {command: string; onConflict?: OnConflict};

/**
 * The command line, for a POSIX shell, that continues an interrupted command. It has no token: jangada has remembered
 * that.
 */
export function continuation({inputs, options}: Job, again: Again): string {
  const written = Object.entries(options.written).filter(
    ([name, value]) => name !== 'onConflict' && !isGone(name, value),
  );
  const words = [
    'jangada',
    again.command,
    ...(inputs.some(input => input.startsWith('-')) ? ['--'] : []),
    ...inputs,
  ];
  const flags = [
    ...written.flatMap(([name, value]) =>
      typeof value === 'string' ? withValue(name, value) : [flagOf(name)],
    ),
    ...(again.onConflict === undefined ? [] : ['--on-conflict', again.onConflict]),
  ];
  return [...words.slice(0, 2), ...flags, ...words.slice(2)].map(shellWord).join(' ');
}

function withValue(name: string, value: string): string[] {
  const values = name === 'server' ? serverWords(value) : [value];
  return values.flatMap(one => [flagOf(name), withoutToken(one)]);
}

/** Whether an option names a local file that no longer exists because it has become the partial. */
function isGone(name: string, value: string | true | undefined): boolean {
  const isLocal = (name === 'from' || name === 'seed') && typeof value === 'string';
  return isLocal && lstatSync(value, {throwIfNoEntry: false}) === undefined;
}
