/** One large file. */
import {large} from '../data.ts';
import {aria2} from '../peers/aria2.ts';
import {cp} from '../peers/cp.ts';
import {jangada} from '../peers/jangada.ts';
import {lftpContinue, lftpPget} from '../peers/lftp.ts';
import {curl, curlAndSha256sum} from '../peers/nginx.ts';
import {rcloneFile} from '../peers/rclone.ts';
import {rsync} from '../peers/rsync.ts';
import {sftp} from '../peers/sftp.ts';
import {flipped, half} from './begin.ts';
import type {Row} from './row.ts';

const fetch = jangada({
  words: ({server, target}) => ['sget', 'large.bin', '-s', server, '--to', target, '--quiet'],
});

const whole = (name: string, ...options: string[]) =>
  rsync({
    name,
    words: (url, target) => [
      ...['--times', '--whole-file', '--inplace', ...options],
      ...[`${url}/large.bin`, target],
    ],
  });

export const largeRows: readonly Row[] = [
  {
    name: 'large-tmpfs',
    about: 'in memory, each block checked, digests not known before',
    recipe: large,
    place: 'memory',
    check: 'same',
    jangada: fetch,
    others: [
      {than: curl('large.bin'), goal: 1.3},
      {than: whole('rsync'), goal: 2},
      {than: cp('large.bin'), goal: 0.5},
      {than: lftpPget('large.bin'), goal: 1.2},
      {than: aria2('large.bin'), goal: 1.5},
      {than: rcloneFile('large.bin'), goal: 1.5},
      {than: sftp('large.bin'), goal: 3},
      {than: curlAndSha256sum('large.bin'), goal: 3},
    ],
  },
  {
    name: 'large-ext4',
    about: 'to a disk, flushed',
    recipe: large,
    place: 'disk',
    check: 'same',
    jangada: fetch,
    others: [{than: whole('rsync --fsync', '--fsync'), goal: 1}, {than: whole('rsync')}],
  },
  {
    name: 'repair',
    about: 'here with one wrong byte: found and repaired',
    recipe: large,
    place: 'memory',
    begin: flipped('large.bin'),
    check: 'same',
    jangada: jangada({
      memory: 'none',
      words: ({server, target}) => ['cget', 'large.bin', '-s', server, '--to', target, '--quiet'],
    }),
    others: [
      {
        than: rsync({
          name: 'rsync -c',
          words: (url, target) => [
            ...['--times', '--checksum', '--no-whole-file', '--inplace'],
            ...[`${url}/large.bin`, target],
          ],
        }),
        goal: 2.5,
      },
    ],
  },
  {
    name: 'half',
    about: 'of which half is here: gone on with',
    recipe: large,
    place: 'memory',
    check: 'same',
    jangada: jangada({
      memory: 'none',
      words: ({server, target}) => ['sget', 'large.bin', '-s', server, '--to', target, '--quiet'],
      begin: half('large.bin', 'large.bin.jangada-part'),
    }),
    others: [{than: lftpContinue('large.bin', half('large.bin', 'large.bin')), goal: 0.8}],
  },
];
