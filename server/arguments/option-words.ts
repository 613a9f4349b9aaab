/** The words about each option, for the help, the manual page and completion: one without words does not compile. */
import {defaultPort} from '../../protocol/address.ts';
import {defaultPauseMs} from '../classic/classic-options.ts';
import {logLevels} from '../log-levels.ts';
import type {Flag} from './flags.ts';

/** The parts of the help, in their order. */
export const sections = [
  'Where it listens',
  'Who may come in',
  'How much it does',
  'How it ends',
  'A bucket',
  'One client over ssh',
  'Old clients',
  'Other options',
] as const;

type OptionWords = {
  readonly section: (typeof sections)[number];
  /** The word for its value; without it the option takes none. */
  readonly value?: string;
  /** Its values, where a shell can complete them. */
  readonly values?: 'file' | 'folder' | readonly string[];
  /** One letter, for `-h`. */
  readonly short?: string;
  readonly summary: string;
};

export const optionWords: Readonly<Record<Flag, OptionWords>> = {
  host: {
    section: 'Where it listens',
    value: 'HOST',
    summary: 'host or address to listen on (127.0.0.1: this machine alone)',
  },
  port: {
    section: 'Where it listens',
    value: 'PORT',
    summary: `port to listen on; 0: any that is free (${defaultPort})`,
  },
  trustProxy: {
    section: 'Where it listens',
    value: 'ADDRESS,...',
    summary:
      'balancers, or networks of them such as 10.0.0.0/8, that say with the PROXY protocol who their clients are; then TLS and tokens as on any network',
  },
  metrics: {
    section: 'Where it listens',
    value: 'HOST:PORT',
    summary:
      'tell numbers for Prometheus at http://HOST:PORT/metrics, without a password; port 0: any that is free, see the log',
  },
  tls: {
    section: 'Who may come in',
    summary: 'TLS also where only this machine reaches the server',
  },
  tlsCert: {
    section: 'Who may come in',
    value: 'FILE',
    values: 'file',
    summary: 'own certificate in PEM, read again on SIGHUP',
  },
  tlsKey: {
    section: 'Who may come in',
    value: 'FILE',
    values: 'file',
    summary: 'its key, read again with it',
  },
  tlsMin: {
    section: 'Who may come in',
    value: 'VERSION',
    values: ['1.2', '1.3'],
    summary: 'oldest version of TLS: 1.2 or 1.3 (1.3)',
  },
  insecure: {section: 'Who may come in', summary: 'no TLS, whoever reaches the server'},
  tokenFile: {
    section: 'Who may come in',
    value: 'FILE',
    values: 'file',
    summary: 'tokens, one a line: any of them lets a client in',
  },
  token: {section: 'Who may come in', summary: 'no token, whoever reaches the server'},
  processes: {
    section: 'How much it does',
    value: 'N',
    summary:
      'processes that serve behind the one port, for networks that carry more than one process sends (1)',
  },
  workers: {
    section: 'How much it does',
    value: 'N',
    summary:
      'threads that compute hashes of what is in a folder, at least one for each process (one for each core)',
  },
  maxConnections: {
    section: 'How much it does',
    value: 'N',
    summary: 'connections at once, from all clients together (64)',
  },
  maxConnectionsPerAddress: {
    section: 'How much it does',
    value: 'N',
    summary: 'connections at once from one address (32)',
  },
  limit: {
    section: 'How much it does',
    value: 'RATE',
    summary: 'bytes a second for all clients together, such as 500k or 10M',
  },
  digests: {
    section: 'How much it does',
    value: 'DIR',
    values: 'folder',
    summary:
      'keep the digests of blocks in DIR, outside of what is served, for servers of several machines; none: in memory alone (in the folder for state; those of a bucket in the bucket)',
  },
  drain: {
    section: 'How it ends',
    value: 'SECONDS',
    summary:
      'when it is to stop: go on serving for so long, while balancers that ask are told to send clients elsewhere (0)',
  },
  grace: {
    section: 'How it ends',
    value: 'SECONDS',
    summary: 'then: answers under way may take so long, and are broken off (5)',
  },
  s3Endpoint: {
    section: 'A bucket',
    value: 'URL',
    summary: 'the service that has it, such as http://HOST:PORT (AWS): docs/buckets.md',
  },
  stdio: {
    section: 'One client over ssh',
    summary:
      'serve one client at standard input and output, as ssh://HOST/DIR starts it; ends when that leaves, and logs warnings alone',
  },
  restrict: {
    section: 'One client over ssh',
    value: 'DIR',
    values: 'folder',
    summary:
      'with --stdio, as command="jangada-server --stdio --restrict DIR" in authorized_keys: the key sees DIR and what is in it, nothing else',
  },
  classic: {
    section: 'Old clients',
    summary: 'answer old clients on the same port, too, and people with nc: docs/classic.md',
  },
  classicPause: {
    section: 'Old clients',
    value: 'MS',
    summary: `milliseconds between two messages of that dialogue (${defaultPauseMs})`,
  },
  logLevel: {
    section: 'Other options',
    value: 'LEVEL',
    values: logLevels,
    summary: `${logLevels.join(', ')} (info)`,
  },
  help: {section: 'Other options', short: 'h', summary: 'show this text'},
  version: {section: 'Other options', short: 'V', summary: 'show the version'},
};

/** The options, in the order of the table. */
// The keys of an object that has no others.
export const optionNames = Object.keys(optionWords) as Flag[];

/** What stands below the options. */
export const notes: readonly string[] = [
  'With any other host than 127.0.0.1 the server speaks TLS and asks for a token. It makes a certificate and a first token at its first start, and keeps them in its folder for state. The printed address has both in it: it is all that a client needs, and a secret. token add makes a further token, for a folder below DIR or until a day if you like; tokens may be added and removed while the server runs.',
  'When all places are taken, the connection that has asked for nothing for longest gives its own to a newcomer.',
  'One line on standard output says the address to start a client with; logs go to standard error as JSON. SIGTERM or Ctrl-C ends it, see --drain and --grace; a second one ends it at once.',
];

export const usages: readonly string[] = [
  'jangada-server [OPTION]... [DIR | s3://BUCKET/PREFIX]',
  'jangada-server token add NAME [--folder PATH] [--expires DATE]',
  'jangada-server token list | remove NAME',
  'jangada-server completion bash|zsh|fish',
];

export const summary =
  'Serve the folder DIR (without it: the current one), or what is in a bucket, read-only, until it is stopped.';

type Rows = ReadonlyArray<readonly [name: string, meaning: string]>;

export const examples: Rows = [
  ['jangada-server ~/public', 'for this machine alone'],
  ['jangada-server ~/public --host 192.0.2.7', 'for a network, with TLS and a token'],
  ['jangada-server token add ana --folder photos --expires 2027-01-31', 'one more token'],
];

export const variables: Rows = [
  ['AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY', 'the keys for a bucket'],
  ['AWS_REGION', 'where the bucket is (us-east-1)'],
  ['JANGADA_STATE', 'the folder for the certificate and the tokens, in place of the usual one'],
  ['LISTEN_FDS, LISTEN_PID', 'a socket that systemd hands over, in place of --host and --port'],
];

export const files: Rows = [
  ['~/.aws/credentials', 'the keys for a bucket, where no variable has them'],
  [
    '~/.local/state/jangada',
    'the certificate, its key, the tokens and digests.sqlite (XDG_STATE_HOME counts)',
  ],
];

export const statuses: Rows = [
  ['0', 'stopped as asked'],
  ['1', 'it cannot serve'],
  ['2', 'wrong usage'],
];
