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
  // A file that has become the partial no longer exists under its name.
  const gone = (['from', 'seed'] as const).filter(name => isGone(options[name]));
  const left = ['onConflict', ...gone];
  const written = Object.entries(options.written).filter(([name]) => !left.includes(name));
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

function isGone(file: string | undefined): boolean {
  return file !== undefined && lstatSync(file, {throwIfNoEntry: false}) === undefined;
}
