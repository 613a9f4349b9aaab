/** The options of `jangada-server`, and how to read them. */
import meow from 'meow';
import {displayName} from '../../protocol/display-text.ts';
import {withDashValues} from '../../protocol/program/lone-dash.ts';
import {nearest} from '../../protocol/program/nearest.ts';
import {usage} from './values.ts';

const flags = {
  stdio: {type: 'boolean'},
  restrict: {type: 'string'},
  host: {type: 'string'},
  port: {type: 'string'},
  processes: {type: 'string'},
  s3Endpoint: {type: 'string'},
  workers: {type: 'string'},
  maxConnections: {type: 'string'},
  maxConnectionsPerAddress: {type: 'string'},
  limit: {type: 'string'},
  digests: {type: 'string'},
  trustProxy: {type: 'string'},
  drain: {type: 'string'},
  grace: {type: 'string'},
  metrics: {type: 'string'},
  classic: {type: 'boolean'},
  classicPause: {type: 'string'},
  logLevel: {type: 'string'},
  tls: {type: 'boolean'},
  tlsCert: {type: 'string'},
  tlsKey: {type: 'string'},
  tlsMin: {type: 'string'},
  insecure: {type: 'boolean'},
  tokenFile: {type: 'string'},
  // Written `--no-token`, which makes it false.
  token: {type: 'boolean', default: true},
  help: {type: 'boolean', shortFlag: 'h'},
  version: {type: 'boolean', shortFlag: 'V'},
} as const;

export type Flag = keyof typeof flags;

// `flags` has exactly these keys.
const names = Object.keys(flags) as Flag[];

/** Every option as users write it, without its dashes. */
const flagNames = names.map(wordOf);

/** Options that take no value. */
const switches = names.filter(name => flags[name].type === 'boolean').map(wordOf);

/** `name` as users write it, without its dashes. */
export function wordOf(name: Flag): string {
  const word = name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
  const flag: {type: string; default?: boolean} = flags[name];
  return flag.default ? `no-${word}` : word;
}

/** The option that users write as `word`, without its dashes. */
export function flagCalled(word: string): Flag | undefined {
  return names.find(name => wordOf(name) === word);
}

/**
 * Refuse unknown options and values of switches. meow suggests no right name for an unknown option, takes some of them
 * for arguments, and drops such values.
 */
export function refuseUnknown(argv: readonly string[]): void {
  const end = argv.indexOf('--');
  for (const word of end === -1 ? argv : argv.slice(0, end)) {
    if (!/^-[^\d]/.test(word) || /^-[hV]$/.test(word)) {
      continue;
    }

    const name = word.replace(/^--?/, '').replace(/=.*$/s, '');
    if (!word.startsWith('--') || !flagNames.includes(name)) {
      const closest =
        name.length === 1
          ? flagNames.find(flag => flag.startsWith(name))
          : nearest(name, flagNames);
      const advice = closest === undefined ? '--help lists them all' : `did you mean --${closest}?`;
      throw usage(`Unknown option '${displayName(word)}'; ${advice}`);
    }

    if (switches.includes(name) && word.includes('=')) {
      throw usage(`--${name} takes no value`);
    }
  }
}

export function readFlags(argv: readonly string[]) {
  try {
    return meow({
      importMeta: import.meta,
      argv: withDashValues(argv, takesValue),
      autoHelp: false,
      autoVersion: false,
      inferType: false,
      // `refuseUnknown` reports unknown options with a better message.
      allowUnknownFlags: true,
      flags,
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : 'These options cannot be read');
  }
}

/** Every option except a switch takes a value. */
function takesValue(word: string): boolean {
  return flagNames.some(name => word === `--${name}` && !switches.includes(name));
}
