/** Every option there is, whichever commands take it. */
import type {CompressionMode} from '../../client/connection/compression/compression-choice.ts';
import {conflictAnswers} from '../../transfers/terms/conflict-policy.ts';
import {priorities} from '../../transfers/terms/priority.ts';

export const hashNames = ['sha1', 'sha256', 'blake3'] as const;
export const compressionModes = ['auto', 'never'] as const satisfies readonly CompressionMode[];

/** What `list` can be sorted by. */
export const sortKeys = ['name', 'size', 'time'] as const;
export type SortKey = (typeof sortKeys)[number];

/** What values a shell can complete: names on this machine, servers that are known, or words. */
type Values = 'file' | 'folder' | 'server' | readonly string[];

type Option = {
  /** One letter, for `-s`. */
  readonly short?: string;
  /** The word for its value in the help; without it the option takes none. */
  readonly value?: string;
  /** Its values, where there are some that a shell can complete. */
  readonly values?: Values;
  readonly summary: string;
};

/** Options by the keys of `meow`; `flagOf` gives the form that a user writes. */
const options = {
  server: {
    short: 's',
    value: 'ADDRESS',
    values: 'server',
    summary: 'jangada://HOST:PORT/DIR or ssh://HOST/DIR; more of them share the work',
  },
  ssh: {
    value: 'CMD',
    summary: 'the ssh for ssh://HOST (default: ssh; or set JANGADA_SSH)',
  },
  remoteCommand: {
    value: 'CMD',
    summary: 'the server that ssh starts there (default: jangada-server)',
  },
  tokenFile: {
    value: 'FILE',
    values: 'file',
    summary: 'file with the token of the server (or set JANGADA_TOKEN)',
  },
  fingerprint: {
    value: 'HASH',
    summary: 'the certificate of a server with TLS, as sha256:HEX',
  },
  to: {
    short: 'o',
    value: 'DIR',
    values: 'folder',
    summary: 'where local files are (default: this folder)',
  },
  connections: {value: 'N', summary: 'connections at once, 1 to 16 (default: 4)'},
  files: {value: 'N', summary: 'files at once, 1 to 16 (default: as many as --connections)'},
  limit: {value: 'RATE', summary: 'bytes a second in all: 500k, 10M, a plain number, or none'},
  compress: {
    value: 'HOW',
    values: compressionModes,
    summary: 'blocks on the way: auto (default, where the link is slow) or never',
  },
  retries: {value: 'N', summary: 'attempts to reconnect after a lost connection (default: 10)'},
  onConflict: {
    value: 'HOW',
    values: conflictAnswers,
    summary: 'if it exists: ask (default), overwrite, newer, rename, skip, resume',
  },
  dirs: {summary: 'also make the folders that the masks match, so that empty ones arrive'},
  from: {
    value: 'LOCAL',
    values: 'file',
    summary: 'what another tool has left of it: becomes the partial',
  },
  seed: {
    value: 'LOCAL',
    values: 'file',
    summary: 'an older copy, or any file with equal blocks: is copied from',
  },
  priority: {
    value: 'HOW',
    values: priorities,
    summary: 'how soon they run: high, normal (default) or low',
  },
  algorithm: {
    value: 'NAME',
    values: hashNames,
    summary: 'sha1, sha256 or blake3 (default: sha256)',
  },
  root: {summary: 'print root:ALGORITHM:HEX, the name of the content for --expect'},
  compare: {
    value: 'LOCALFILE',
    values: 'file',
    summary: 'compare with as many bytes of this local file',
  },
  expect: {value: 'CONTENT', summary: 'the content it has to have: sha256:HEX, root:ALGORITHM:HEX'},
  checksums: {
    value: 'FILE',
    values: 'file',
    summary: 'write the SHA-256 of finished files to FILE, for sha256sum -c',
  },
  checksumsFrom: {
    value: 'FILE',
    values: 'file',
    summary: 'fetch what this list of sha256sum names, if it has the SHA-256 there',
  },
  sort: {
    value: 'KEY',
    values: sortKeys,
    summary: 'name (default), size (smallest first) or time (oldest first)',
  },
  reverse: {summary: 'the other way round; folders still come first'},
  repair: {summary: 'fetch the blocks that differ, then verify again'},
  deletePartial: {summary: 'also delete what has been fetched so far'},
  json: {summary: 'print JSON'},
  quiet: {summary: 'print nothing but errors'},
  noMouse: {summary: 'leave the mouse to the terminal: it selects text'},
  screenReader: {summary: 'tell each change in a sentence, for a screen reader'},
  help: {short: 'h', summary: 'show help'},
  version: {short: 'V', summary: 'show the version'},
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof options;

export const optionNames = Object.keys(options) as OptionName[];

/** The option as a user writes it: `--on-conflict`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
}

/** The option, with the types of the table widened. */
export function optionOf(name: OptionName): Option {
  return options[name];
}
