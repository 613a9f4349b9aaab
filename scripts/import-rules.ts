/** The rules of docs/architecture.md: which part may import which. */

/** A file whose path matches `from` must not import one whose path matches `never`. */
type Rule = {from: RegExp; never: RegExp; why: string};

/** The rooms of source/transfers, upper ones first, with the rooms that each may import. */
const rooms = {
  queue: ['download', 'blocks', 'hashing', 'disk', 'database', 'system', 'terms'],
  download: ['blocks', 'hashing', 'disk', 'terms'],
  blocks: ['hashing', 'disk', 'terms'],
  database: ['system', 'terms'],
  hashing: ['terms'],
  disk: ['system', 'terms'],
  system: ['terms'],
  terms: [],
};

/**
 * The doors of the rooms, which the front-ends may import: a whole folder, or a single file. The full-screen client reaches
 * files and databases through the upper rooms; commands also name partial files, and edit a queue that no process has open.
 */
const doors = {
  'source/tui/': ['queue/queue.ts', 'download/', 'terms/'],
  'source/(?:commands/|library/|[^/]+$)': [
    'queue/queue.ts',
    'download/',
    'database/',
    'disk/',
    'system/',
    'terms/',
  ],
};

export const rules: readonly Rule[] = [
  {
    from: /^protocol\//,
    never: /^(?:server|source)\//,
    why: 'both sides import the protocol; it imports neither',
  },
  {from: /^server\//, never: /^source\//, why: 'the server knows nothing of the client'},
  {from: /^source\//, never: /^server\//, why: 'the client knows nothing of the server'},
  {
    from: /^(?:protocol|server|source)\//,
    never: /^(?:test|bench|scripts)\//,
    why: 'shipped code imports no code that is not shipped',
  },
  {
    from: /^server\/(?!store\/)/,
    never:
      /^server\/store\/(?!(?:store|store-errors|entry-frames|folder\/folder-store|bucket\/bucket-store|bucket\/s3\/bucket-place)\.ts$)/,
    why: 'descriptors, roots and the threads that use them stay behind the store',
  },
  {
    from: /^server\/store\/[^/]+$/,
    never: /^server\/store\/.+\//,
    why: 'code that all stores share knows no single store',
  },
  {
    from: /^server\/store\//,
    never: /^server\/(?:operations|connection|classic)\//,
    why: 'stores and their threads know nothing of requests',
  },
  {
    from: /^server\/store\/bucket\//,
    never: /^server\/store\/folder\//,
    why: 'a bucket is not a local folder',
  },
  {
    from: /^server\/(?:operations|classic)\//,
    never: /^server\/store\/(?:folder|bucket)\/|-worker\.ts$/,
    why: 'operations work on any store, and know nothing of its threads',
  },
  {
    from: /^(?:protocol|server|source\/(?:client|transfers|commands))\//,
    never: /^(?:react|react-[\w-]+|ink|ink-[\w-]+)(?:\/|$)/,
    why: 'only the full-screen client draws with React',
  },
  {
    from: /^source\/client\//,
    never: /^source\/(?!client\/)/,
    why: 'the client library imports only the protocol',
  },
  {
    from: /^source\/config\//,
    never: /^source\/(?:client|commands|tui)\/|^source\/transfers\/(?!terms\/)/,
    why: 'the configuration knows nothing of its readers',
  },
  {
    from: /^source\/library\//,
    never: /^source\/(?!client\/|transfers\/|library\/)/,
    why: 'the library knows nothing of the programs',
  },
  {
    from: /^source\/(?!library\/|index\.ts$)/,
    never: /^source\/library\//,
    why: 'the library is only for other programs',
  },
  {
    from: /^source\/transfers\//,
    never: /^source\/(?!client\/|transfers\/)/,
    why: 'transfers know nothing of the front-ends',
  },
  ...Object.entries(rooms).map(([room, below]) => ({
    from: new RegExp(`^source/transfers/${room}/`),
    never: new RegExp(`^source/transfers/(?!(?:${[room, ...below].join('|')})/)`),
    why: below.length === 0 ? `${room} is the lowest room` : `${room} imports ${inWords(below)}`,
  })),
  {
    from: /^source\/transfers\/queue\/rows\//,
    never: /^source\/transfers\/queue\/(?!rows\/)/,
    why: 'rows know nothing of the workers',
  },
  {
    from: /^source\/transfers\/queue\/work\//,
    never: /^source\/transfers\/queue\/[^/]+$/,
    why: 'the work on rows knows nothing of the processes that share a queue',
  },
  {
    from: new RegExp(`^source/transfers/(?!(?:${Object.keys(rooms).join('|')})/)`),
    never: /^source\/transfers\//,
    why: 'a file of transfers lives in a room that the rules name',
  },
  ...Object.entries(doors).map(([frontEnd, open]) => ({
    from: new RegExp(`^${frontEnd}`),
    never: new RegExp(`^source/transfers/(?!${open.map(asPattern).join('|')})`),
    why: `the doors of the transfers are ${inWords(open)}`,
  })),
  {
    from: /^source\/commands\//,
    never: /^source\/tui\//,
    why: 'only the program itself loads both the commands and the full-screen client',
  },
  {
    from: /^source\/tui\//,
    never: /^(?:source\/commands\/|node:(?:net|tls|fs|http|dgram|child_process|sqlite)(?:\/|$))/,
    why: 'the full-screen client knows nothing of sockets, files or commands',
  },
  {
    from: /^source\/(?!(?:cli|jangada)\.ts$)/,
    never: /^source\/(?:cli|jangada)\.ts$/,
    why: 'the program imports the parts, not the other way round',
  },
];

function asPattern(door: string): string {
  return door.endsWith('/') ? door : `${door.replace('.', '\\.')}$`;
}

function inWords(names: readonly string[]): string {
  const [last = '', ...others] = names.toReversed();
  return others.length === 0 ? `${last} alone` : `${others.toReversed().join(', ')} and ${last}`;
}
