/**
 * The hosts in the configuration of ssh: names that a user writes after `ssh`. Other settings of the file are used by
 * ssh itself.
 */
import {readdirSync, readFileSync, statSync} from 'node:fs';
import {homedir} from 'node:os';
import path from 'node:path';
import {type Address, parseAddress} from '../../protocol/address.ts';
import {isJangadaError} from '../../protocol/errors.ts';

/** Included files are read as deep as ssh reads them; the total size is limited. */
const mostDepth = 16;
const mostFiles = 200;
const mostBytes = 2 ** 20;
const mostHosts = 1000;

/**
 * The addresses of the hosts in the configuration of this user, in its order, each once: host names without glob signs
 * that are valid in an address. None if the file does not exist or cannot be read.
 *
 * @param folder the folder of the configuration. Default: `~/.ssh`.
 */
export function sshHosts(folder = path.join(homedir(), '.ssh')): Address[] {
  const reading = {folder, files: 0, bytes: 0, hosts: new Set<string>()};
  readFile(path.join(folder, 'config'), reading, 0);
  return [...reading.hosts].slice(0, mostHosts).flatMap(host => addressOf(host) ?? []);
}

type Reading = {
  readonly folder: string;
  files: number;
  bytes: number;
  readonly hosts: Set<string>;
};

function readFile(file: string, reading: Reading, depth: number): void {
  const text = textOf(file, reading);
  for (const line of text.split(/\r?\n/)) {
    const [keyword = '', ...values] = wordsOf(line);
    switch (keyword.toLowerCase()) {
      case 'host':
        for (const host of values) {
          reading.hosts.add(host);
        }

        break;
      case 'include':
        if (depth < mostDepth) {
          for (const included of values.flatMap(value => filesFor(value, reading.folder))) {
            readFile(included, reading, depth + 1);
          }
        }

        break;
    }
  }
}

/** The text of a file within the size limit; empty if it cannot be read: ssh reports the reason when it is used. */
function textOf(file: string, reading: Reading): string {
  try {
    const stats = statSync(file);
    reading.files++;
    reading.bytes += stats.size;
    const isTooMuch = reading.files > mostFiles || reading.bytes > mostBytes;
    return stats.isFile() && !isTooMuch && reading.hosts.size < mostHosts
      ? readFileSync(file, 'utf8')
      : '';
  } catch {
    return '';
  }
}

/** The words of a line: `Host one "two three" # remark`, or `Host=one`. */
function wordsOf(line: string): string[] {
  const [, keyword, rest = ''] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/s.exec(line) ?? [];
  if (keyword === undefined) {
    return [];
  }

  const words: string[] = [];
  for (const [word, quoted] of rest.matchAll(/"([^"]*)"|[^\s"]+/g)) {
    if (word.startsWith('#')) {
      break;
    }

    words.push(quoted ?? word);
  }

  return [keyword, ...words];
}

/** The files that the `pattern` of an `Include` names, in order; relative paths are in `folder`. */
function filesFor(pattern: string, folder: string): string[] {
  const home = path.dirname(folder);
  const whole = path.resolve(
    folder,
    pattern.replace(/^~(?=\/)/, () => home),
  );
  const {root} = path.parse(whole);
  let found = [root];
  for (const name of whole.slice(root.length).split(path.sep)) {
    found = found.flatMap(parent => namesIn(parent, name).map(own => path.join(parent, own)));
  }

  return found;
}

/** The names in `folder` that `glob` matches, in order. */
function namesIn(folder: string, glob: string): string[] {
  if (!/[*?[]/.test(glob)) {
    return [glob];
  }

  const pattern = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  try {
    const matcher = new RegExp(`^${pattern.replace(/\[!/g, '[^')}$`, 's');
    return readdirSync(folder)
      .filter(name => matcher.test(name) && (!name.startsWith('.') || glob.startsWith('.')))
      .sort()
      .slice(0, mostFiles);
  } catch {
    // The folder does not exist, or the pattern is invalid.
    return [];
  }
}

function addressOf(host: string): Address | undefined {
  if (/[*?!%/@:]/.test(host)) {
    return undefined;
  }

  try {
    return parseAddress(`ssh://${host}`);
  } catch (error) {
    if (!isJangadaError(error, 'usage')) {
      throw error;
    }

    // The name is not valid in an address.
    return undefined;
  }
}
