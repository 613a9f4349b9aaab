/** Many small files, and the same files again. */
import {type Recipe, small} from '../data.ts';
import {cp} from '../peers/cp.ts';
import {jangada} from '../peers/jangada.ts';
import {lftpMirror} from '../peers/lftp.ts';
import {curlTree} from '../peers/nginx.ts';
import {rcloneTree} from '../peers/rclone.ts';
import {rsync} from '../peers/rsync.ts';
import {complete} from './begin.ts';
import type {Row} from './row.ts';

const ten = small(10_000, 4096);
const many = small(200_000, 4096);

const fetch = jangada({
  words: ({server, target}) => ['mget', 'small/**', '-s', server, '--to', target, '--quiet'],
});

export const rsyncTree = (name = 'rsync', ...options: string[]) =>
  rsync({
    name,
    words: (url, target) => ['--recursive', '--times', ...options, `${url}/small`, target],
  });

/** The policies for existing local files: each is a row. */
const policies = ['skip', 'newer', 'resume'] as const;

/** The same tree once more, with nothing to download. */
export function againRows(options: {
  prefix: string;
  recipe: Recipe;
  link?: Row['link'];
  goals: Readonly<Record<(typeof policies)[number], number>>;
}): Row[] {
  const {prefix, recipe, link, goals} = options;
  return policies.map(policy => ({
    name: `${prefix}-again-${policy}`,
    about: `here already, --on-conflict ${policy}${policy === 'resume' ? ', compared by content' : ''}`,
    recipe,
    place: 'memory',
    ...(link === undefined ? {} : {link}),
    begin: complete,
    check: 'untouched',
    // The server has sent the files before; the client has forgotten that it verified them.
    jangada: jangada({
      digests: 'known',
      memory: 'none',
      words: ({server, target}) => [
        'mget',
        'small/**',
        '-s',
        server,
        '--to',
        target,
        '--on-conflict',
        policy,
        '--quiet',
      ],
    }),
    others: [{than: rsyncTree(), goal: goals[policy]}],
  }));
}

export const smallRows: readonly Row[] = [
  {
    name: 'small-tmpfs',
    about: 'in memory',
    recipe: ten,
    place: 'memory',
    check: 'same',
    jangada: fetch,
    others: [
      {than: rsyncTree(), goal: 1},
      {than: rcloneTree('small'), goal: 3},
      {than: lftpMirror('small'), goal: 8},
      {than: curlTree()},
      {than: cp('small')},
    ],
  },
  {
    name: 'small-ext4',
    about: 'to a disk, flushed',
    recipe: ten,
    place: 'disk',
    check: 'same',
    jangada: fetch,
    others: [
      {than: rsyncTree('rsync --fsync', '--fsync'), goal: 1.2},
      {than: rsyncTree(), goal: 0.8},
    ],
  },
  {
    name: 'small-many',
    about: 'in memory',
    recipe: many,
    place: 'memory',
    check: 'same',
    jangada: fetch,
    others: [{than: rsyncTree(), goal: 0.8}],
  },
  ...againRows({prefix: 'small', recipe: many, goals: {skip: 0.7, newer: 0.7, resume: 0.1}}),
  {
    name: 'small-again-known',
    about: 'here already, --on-conflict resume, compared by content in a run before',
    recipe: many,
    place: 'memory',
    begin: complete,
    check: 'untouched',
    // The uncounted round has compared the files, and the client remembers that.
    jangada: jangada({
      digests: 'known',
      words: ({server, target}) => [
        ...['mget', 'small/**', '-s', server, '--to', target],
        ...['--on-conflict', 'resume', '--quiet'],
      ],
    }),
    others: [{than: rsyncTree()}],
  },
];
