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
    summary: 'jangada://HOST:PORT/DIR or ssh://HOST/DIR; repeat for more servers',
  },
  ssh: {
    value: 'CMD',
    summary: 'the ssh program for ssh://HOST (default: ssh; or set JANGADA_SSH)',
  },
  remoteCommand: {
    value: 'CMD',
    summary: 'the command that ssh runs on HOST (default: jangada-server)',
  },
  tokenFile: {
    value: 'FILE',
    values: 'file',
    summary: 'file with the token of the server (or set JANGADA_TOKEN)',
  },
  fingerprint: {
    value: 'HASH',
    summary: 'the fingerprint of the server certificate: sha256:HEX',
  },
  to: {
    short: 'o',
    value: 'DIR',
    values: 'folder',
    summary: 'the local folder (default: the current one)',
  },
  connections: {value: 'N', summary: 'connections at once, 1 to 16 (default: 4)'},
  files: {value: 'N', summary: 'files at once, 1 to 16 (default: as many as --connections)'},
  limit: {
    value: 'RATE',
    summary: 'limit in bytes a second for all downloads: 500k, 10M, a number, or none',
  },
  compress: {
    value: 'HOW',
    values: compressionModes,
    summary: 'compress blocks: auto (default: only on a slow link) or never',
  },
  retries: {value: 'N', summary: 'attempts to reconnect after a lost connection (default: 10)'},
  onConflict: {
    value: 'HOW',
    values: conflictAnswers,
    summary: 'if a file exists: ask (default), overwrite, newer, rename, skip, resume',
  },
  dirs: {summary: 'also create the folders that the masks match, even empty ones'},
  from: {
    value: 'LOCAL',
    values: 'file',
    summary: 'the unfinished file of another tool: it becomes the partial file',
  },
  seed: {
    value: 'LOCAL',
    values: 'file',
    summary: 'copy equal blocks from this local file, such as an older copy',
  },
  priority: {
    value: 'HOW',
    values: priorities,
    summary: 'which transfers start first: high, normal (default) or low',
  },
  algorithm: {
    value: 'NAME',
    values: hashNames,
    summary: 'sha1, sha256 or blake3 (default: sha256)',
  },
  root: {summary: 'print the root digest root:ALGORITHM:HEX, for --expect'},
  compare: {
    value: 'LOCALFILE',
    values: 'file',
    summary: 'compare with the same number of bytes of this local file',
  },
  expect: {value: 'CONTENT', summary: 'the required content: sha256:HEX or root:ALGORITHM:HEX'},
  checksums: {
    value: 'FILE',
    values: 'file',
    summary: 'write the SHA-256 of finished files to FILE, for sha256sum -c',
  },
  checksumsFrom: {
    value: 'FILE',
    values: 'file',
    summary: 'fetch the files in this list of sha256sum, and check their SHA-256',
  },
  sort: {
    value: 'KEY',
    values: sortKeys,
    summary: 'name (default), size (smallest first) or time (oldest first)',
  },
  reverse: {summary: 'reverse the order; folders still come first'},
  repair: {summary: 'fetch the blocks that differ, then verify again'},
  deletePartial: {summary: 'also delete the partial files'},
  json: {summary: 'print JSON'},
  quiet: {summary: 'print only errors'},
  noMouse: {summary: 'do not use the mouse, so that the terminal selects text with it'},
  screenReader: {summary: 'write a sentence for each change, for a screen reader'},
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
