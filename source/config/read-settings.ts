/** Reads the settings from the text of a configuration. Mistakes are reported, and all other settings count. */
import type * as z from 'zod';
import {displayName} from '../../protocol/display-text.ts';
import {nearest} from '../../protocol/program/nearest.ts';
import {type LineMistake, parseJsonc, type ValuePath} from './jsonc.ts';
import {type Settings, settingsSchema} from './settings.ts';

export type ReadSettings = {
  /** The settings without mistakes. */
  readonly settings: Settings;
  readonly lineOf: (path: ValuePath) => number;
  /** In the order of their lines. */
  readonly mistakes: readonly LineMistake[];
};

/** Never throws: if the text is not JSON, no setting counts. */
export function readSettings(text: string): ReadSettings {
  const read = parseJsonc(text);
  if ('mistake' in read) {
    return {settings: {}, lineOf: () => 1, mistakes: [shown(read.mistake)]};
  }

  const mistakes: LineMistake[] = [...read.repeated];
  const schema = settingsSchema();
  // Remove wrong settings one by one, so that those beside them stay.
  const kept = structuredClone(read.value);
  let checked = schema.safeParse(kept);
  while (!checked.success) {
    const removed = new Set<string>();
    for (const issue of checked.error.issues) {
      for (const path of faultyPaths(issue)) {
        // A list of keys can have several faults, and is one setting.
        const name = JSON.stringify(path);
        if (removed.has(name)) {
          continue;
        }

        removed.add(name);
        const message = complaint(issue, path, read.value);
        mistakes.push({line: read.lineOf(path), message});
        if (path.length === 0) {
          return {settings: {}, lineOf: read.lineOf, mistakes: mistakes.map(shown)};
        }

        remove(kept, path);
      }
    }

    checked = schema.safeParse(kept);
  }

  return {
    settings: checked.data,
    lineOf: read.lineOf,
    mistakes: mistakes.sort((one, other) => one.line - other.line).map(shown),
  };
}

/** No setting is deeper than this: a deeper value is a part of a setting. */
const deepestSetting = 2;

function faultyPaths(issue: z.core.$ZodIssue): ValuePath[] {
  // Names in JSON are never symbols.
  const path = issue.path.map(part => (typeof part === 'symbol' ? part.toString() : part));
  const names = issue.code === 'unrecognized_keys' ? issue.keys : [];
  return names.length > 0 ? names.map(name => [...path, name]) : [path.slice(0, deepestSetting)];
}

function complaint(issue: z.core.$ZodIssue, path: ValuePath, root: unknown): string {
  const name = path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = namesBeside(path.slice(0, -1));
    const near = nearest(String(path.at(-1)), known);
    const advice = near === undefined ? `The settings are ${known.join(', ')}` : `Write "${near}"`;
    return `unknown setting "${name}". ${advice}`;
  }

  const value = JSON.stringify(valueAt(root, path)) ?? '';
  const subject = name === '' ? 'The whole file' : `"${name}"`;
  return `${subject} cannot be ${cut(value)}. Write ${issue.message}`;
}

/** Names of the settings in the section at `path`. */
function namesBeside([section]: ValuePath): string[] {
  const {shape} = settingsSchema();
  const [, inside] = Object.entries(shape).find(([name]) => name === section) ?? [];
  const inner: object = inside?.unwrap() ?? {};
  return Object.keys('shape' in inner ? Object(inner.shape) : shape);
}

function valueAt(root: unknown, path: ValuePath): unknown {
  return path.reduce<unknown>((value, part) => (isTable(value) ? value[part] : undefined), root);
}

function remove(root: unknown, path: ValuePath): void {
  const around = valueAt(root, path.slice(0, -1));
  if (isTable(around)) {
    delete around[path.at(-1) ?? ''];
  }
}

function isTable(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}

const longestShown = 40;

function cut(value: string): string {
  return value.length > longestShown ? `${value.slice(0, longestShown)}...` : value;
}

function shown({line, message}: LineMistake): LineMistake {
  return {line, message: displayName(message)};
}
