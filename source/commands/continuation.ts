import {lstatSync} from 'node:fs';
import {withoutToken} from '../../protocol/address.ts';
import type {OnConflict} from '../transfers/terms/conflict-policy.ts';
import {type CommandName, commandOf} from './arguments/catalogue.ts';
import {flagOf} from './arguments/option-catalogue.ts';
import type {RawOptions} from './arguments/option-values.ts';
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
  const {command, onConflict} = again;
  return lineOf([command], {...Object.fromEntries(written), onConflict}, inputs);
}

/** A line for another command with the same servers and folders: the written options, as far as the command takes them. */
export function otherCommand(
  command: CommandName,
  inputs: readonly string[],
  {options}: Pick<Job, 'options'>,
): string {
  const taken: readonly string[] = commandOf(command).options;
  const written = Object.entries(options.written).filter(([name]) => taken.includes(name));
  return lineOf(command.split(' '), Object.fromEntries(written), inputs);
}

function lineOf(
  command: readonly string[],
  options: RawOptions,
  inputs: readonly string[],
): string {
  const flags = Object.entries(options).flatMap(([name, value]) =>
    typeof value === 'string' ? withValue(name, value) : value === true ? [flagOf(name)] : [],
  );
  const dashes = inputs.some(input => input.startsWith('-')) ? ['--'] : [];
  return ['jangada', ...command, ...flags, ...dashes, ...inputs].map(shellWord).join(' ');
}

function withValue(name: string, value: string): string[] {
  const values = name === 'server' ? serverWords(value) : [value];
  return values.flatMap(one => [flagOf(name), withoutToken(one)]);
}

function isGone(file: string | undefined): boolean {
  return file !== undefined && lstatSync(file, {throwIfNoEntry: false}) === undefined;
}
