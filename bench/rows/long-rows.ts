/** Rows over long links. */
import {linkLarge, small, smallNames, text} from '../data.ts';
import type {LinkOptions} from '../link/link.ts';
import {jangada} from '../peers/jangada.ts';
import {lftpMirror} from '../peers/lftp.ts';
import {curl, curlTree} from '../peers/nginx.ts';
import {rcloneTree} from '../peers/rclone.ts';
import {rsync} from '../peers/rsync.ts';
import {complete} from './begin.ts';
import type {Row} from './row.ts';
import {againRows, rsyncTree} from './small-rows.ts';

const trees = small(2000, 16_384);
const few = small(400, 16_384);

const far = (roundTripMs: number): LinkOptions => ({roundTripMs, bytesPerSecond: 20_000_000});
/** 100 Mbit/s with a short round trip. */
const slow: LinkOptions = {roundTripMs: 10, bytesPerSecond: 12_500_000};

/** All measured links. */
export const links: readonly LinkOptions[] = [far(100), far(300), slow];

const fetchOne = (name: string) =>
  jangada({words: ({server, target}) => ['sget', name, '-s', server, '--to', target, '--quiet']});

const rsyncOne = (name: string, ...options: string[]) =>
  rsync({
    name: ['rsync', ...options].join(' '),
    words: (url, target) => ['--times', ...options, `${url}/${name}`, target],
  });

export const longRows: readonly Row[] = [
  ...longRowsAt(100, {link: 0.97, rsync: 1.05, trees: 1.1}),
  ...longRowsAt(300, {link: 0.92, rsync: 1.05, trees: 1}),
  {
    name: 'verify-100ms',
    about: 'compared with the server, block by block',
    recipe: few,
    place: 'memory',
    link: far(100),
    begin: complete,
    check: 'untouched',
    jangada: jangada({
      digests: 'known',
      memory: 'none',
      words: ({server, target, data}) => [
        'verify',
        ...smallNames(data.files),
        '-s',
        server,
        '--to',
        target,
        '--quiet',
      ],
    }),
    others: [],
    budgetMs: 1500,
  },
  {
    name: 'text-100mbit',
    about: 'over 100 Mbit/s',
    recipe: text,
    place: 'memory',
    link: slow,
    check: 'same',
    jangada: fetchOne('text.log'),
    others: [
      {than: rsyncOne('text.log', '--compress'), goal: 1},
      {than: curl('text.log'), goal: 3},
    ],
  },
];

function longRowsAt(ms: number, goals: {link: number; rsync: number; trees: number}): Row[] {
  const link = far(ms);
  const about = `over 20 MB/s, round trip ${ms} ms`;
  return [
    {
      name: `long-${ms}ms-large`,
      ...{about, recipe: linkLarge, place: 'memory', link, check: 'same'},
      jangada: fetchOne('large.bin'),
      linkGoal: goals.link,
      others: [{than: rsyncOne('large.bin'), goal: goals.rsync}, {than: curl('large.bin')}],
    },
    {
      name: `long-${ms}ms-small`,
      ...{about, recipe: trees, place: 'memory', link, check: 'same'},
      jangada: jangada({
        words: ({server, target}) => ['mget', 'small/**', '-s', server, '--to', target, '--quiet'],
      }),
      others: [
        {than: rsyncTree(), goal: goals.trees},
        {than: lftpMirror('small'), goal: 20},
        {than: rcloneTree('small'), goal: 10},
        {than: curlTree()},
      ],
    },
    ...againRows({
      prefix: `long-${ms}ms`,
      recipe: trees,
      link,
      goals: {skip: 1.2, newer: 1.2, resume: 0.9},
    }),
  ];
}
