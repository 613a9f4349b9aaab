/** Measures how fast a command gives its answer. */
import {entries, small} from '../data.ts';
import {jangada} from '../peers/jangada.ts';
import {rsync} from '../peers/rsync.ts';
import type {Row} from './row.ts';

const repeat = 10;

export const startRows: readonly Row[] = [
  {
    name: 'start-version',
    about: 'jangada --version',
    recipe: small(20, 1024),
    place: 'memory',
    check: 'status',
    jangada: jangada({digests: 'known', words: () => ['--version']}),
    others: [],
    repeat,
    budgetMs: 60,
    memoryMB: 'none',
  },
  {
    name: 'start-list',
    about: 'jangada list',
    recipe: small(20, 1024),
    place: 'memory',
    check: 'listed',
    jangada: jangada({
      digests: 'known',
      words: ({server}) => ['list', 'small/folder-0', '-s', server],
    }),
    others: [
      {
        than: rsync({
          name: 'rsync --list-only',
          words: url => ['--list-only', `${url}/small/folder-0/`],
        }),
      },
    ],
    repeat,
    budgetMs: 120,
  },
  {
    name: 'list',
    about: 'listed',
    recipe: entries,
    place: 'memory',
    check: 'listed',
    jangada: jangada({
      digests: 'known',
      words: ({server}) => ['list', 'entries', '-s', server],
    }),
    others: [
      {
        than: rsync({
          name: 'rsync --list-only',
          words: url => ['--list-only', `${url}/entries/`],
        }),
        goal: 1,
      },
    ],
  },
];
