/** The words about each option, for the help, the manual page and completion: one without words does not compile. */
import {defaultPort} from '../../protocol/address.ts';
import {defaultPauseMs} from '../classic/classic-options.ts';
import {logLevels} from '../log-levels.ts';
import type {Flag} from './flags.ts';

/** The parts of the help, in their order. */
export const sections = [
  'Listening',
  'Access',
  'Limits',
  'Stopping',
  'Bucket',
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
    section: 'Listening',
    value: 'HOST',
    summary: 'host or address to listen on (default: 127.0.0.1, only this machine)',
  },
  port: {
    section: 'Listening',
    value: 'PORT',
    summary: `port to listen on; 0: any free port (default: ${defaultPort})`,
  },
  trustProxy: {
    section: 'Listening',
    value: 'ADDRESS,...',
    summary:
      'balancers, or their networks such as 10.0.0.0/8, that send the address of each client with the PROXY protocol; the server then uses TLS and tokens on 127.0.0.1 too',
  },
  metrics: {
    section: 'Listening',
    value: 'HOST:PORT',
    summary:
      'serve numbers for Prometheus at http://HOST:PORT/metrics, without a password; port 0: any free port, see the log',
  },
  tls: {
    section: 'Access',
    summary: 'use TLS even if only this machine can reach the server',
  },
  tlsCert: {
    section: 'Access',
    value: 'FILE',
    values: 'file',
    summary: 'your own certificate (PEM); SIGHUP makes the server read it again',
  },
  tlsKey: {
    section: 'Access',
    value: 'FILE',
    values: 'file',
    summary: 'the key of this certificate (PEM), read again together with it',
  },
  tlsMin: {
    section: 'Access',
    value: 'VERSION',
    values: ['1.2', '1.3'],
    summary: 'oldest version of TLS: 1.2 or 1.3 (default: 1.3)',
  },
  insecure: {section: 'Access', summary: 'no TLS, on any address'},
  tokenFile: {
    section: 'Access',
    value: 'FILE',
    values: 'file',
    summary: 'file with one token on each line; a client needs one of them',
  },
  token: {section: 'Access', summary: 'no token, on any address'},
  processes: {
    section: 'Limits',
    value: 'N',
    summary:
      'number of processes that serve the port, for a network that is faster than one process (default: 1)',
  },
  workers: {
    section: 'Limits',
    value: 'N',
    summary:
      'threads that hash files of the folder, at least one for each process (default: one for each core)',
  },
  maxConnections: {
    section: 'Limits',
    value: 'N',
    summary: 'connections at once, of all clients together (default: 64)',
  },
  maxConnectionsPerAddress: {
    section: 'Limits',
    value: 'N',
    summary: 'connections at once, of one address (default: 32)',
  },
  limit: {
    section: 'Limits',
    value: 'RATE',
    summary: 'bytes a second for all clients together, such as 500k or 10M',
  },
  digests: {
    section: 'Limits',
    value: 'DIR',
    values: 'folder',
    summary:
      'store block digests in DIR, outside the served folder, for servers on several machines; none: only in memory (default: in the state folder, or in the bucket if the server serves a bucket)',
  },
  drain: {
    section: 'Stopping',
    value: 'SECONDS',
    summary:
      'on SIGTERM serve normally for this time, and tell balancers to send new clients elsewhere (default: 0)',
  },
  grace: {
    section: 'Stopping',
    value: 'SECONDS',
    summary:
      'after --drain, let running answers finish for this time, then end those that still run (default: 5)',
  },
  s3Endpoint: {
    section: 'Bucket',
    value: 'URL',
    summary:
      'the service of the bucket, such as http://HOST:PORT (default: AWS); see docs/buckets.md',
  },
  stdio: {
    section: 'One client over ssh',
    summary:
      'serve one client on standard input and output, and end when it leaves (ssh://HOST/DIR uses this); logs only warnings',
  },
  restrict: {
    section: 'One client over ssh',
    value: 'DIR',
    values: 'folder',
    summary:
      'with --stdio, as command="jangada-server --stdio --restrict DIR" in authorized_keys: a client with this key can read only DIR and what is in it',
  },
  classic: {
    section: 'Old clients',
    summary: 'also answer old clients, and people with nc, on the same port; see docs/classic.md',
  },
  classicPause: {
    section: 'Old clients',
    value: 'MS',
    summary: `milliseconds between two messages to an old client (default: ${defaultPauseMs})`,
  },
  logLevel: {
    section: 'Other options',
    value: 'LEVEL',
    values: logLevels,
    summary: `${logLevels.join(', ')} (default: info)`,
  },
  help: {section: 'Other options', short: 'h', summary: 'show this text'},
  version: {section: 'Other options', short: 'V', summary: 'show the version'},
};

/** The options, in the order of the table. */
// The keys of an object that has no others.
export const optionNames = Object.keys(optionWords) as Flag[];

/** What stands below the options. */
export const notes: readonly string[] = [
  'On any other host than 127.0.0.1 the server uses TLS and asks for a token. At its first start it makes a certificate and a token, and keeps them in its state folder. The printed address contains the token and the fingerprint of the certificate. It is all that a client needs, and it is a secret. token add makes another token. With --folder the token is valid only for that folder below DIR. With --expires it is valid until the end of that day. You can add and remove tokens while the server runs.',
  'If --max-connections is reached and a new client connects, the server closes the connection that has been idle for the longest time. If none is idle, it refuses the new client (busy).',
  'The server prints one line to standard output: the address for clients. Its log goes to standard error as JSON. SIGTERM or Ctrl-C stops the server, see --drain and --grace; a second signal stops it at once.',
];

export const usages: readonly string[] = [
  'jangada-server [OPTION]... [DIR | s3://BUCKET/PREFIX]',
  'jangada-server token add NAME [--folder PATH] [--expires DATE]',
  'jangada-server token list | remove NAME',
  'jangada-server completion bash|zsh|fish|powershell',
];

export const summary =
  'Serve the folder DIR (default: the current one) or a bucket, read-only, until the server is stopped.';

type Rows = ReadonlyArray<readonly [name: string, meaning: string]>;

export const examples: Rows = [
  ['jangada-server ~/public', 'only for this machine'],
  ['jangada-server ~/public --host 192.0.2.7', 'for a network: TLS and a token'],
  ['jangada-server token add ana --folder photos --expires 2027-01-31', 'make another token'],
];

export const variables: Rows = [
  ['AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY', 'the keys for a bucket'],
  ['AWS_REGION', 'the region of the bucket (default: us-east-1)'],
  ['JANGADA_STATE', 'the folder for the certificate and the tokens, instead of the usual one'],
  ['LISTEN_FDS, LISTEN_PID', 'a socket from systemd, instead of --host and --port'],
];

export const files: Rows = [
  ['~/.aws/credentials', 'the keys for a bucket, if no variable has them'],
  [
    '~/.local/state/jangada',
    'the certificate, its key, the tokens and digests.sqlite; XDG_STATE_HOME changes the folder',
  ],
];

export const statuses: Rows = [
  ['0', 'stopped by a signal'],
  ['1', 'the server cannot serve'],
  ['2', 'wrong usage'],
];
