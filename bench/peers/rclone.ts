/** rclone, from nginx: as fast as from its own server, and faster than over WebDAV. */
import path from 'node:path';
import type {Contender} from './contender.ts';
import {fromNginx} from './nginx.ts';

/** One file in four parts at once. */
export function rcloneFile(file: string): Contender {
  return rclone((url, target) => [
    ...['--multi-thread-streams', '4', '--multi-thread-cutoff', '10M'],
    ...['--http-url', `${url}/`, `:http:${file}`, target],
  ]);
}

/** A tree, eight files at once. rclone gets the size and time of each file, like every other program here. */
export function rcloneTree(folder: string): Contender {
  return rclone((url, target) => [
    ...['--transfers', '8', '--checkers', '8'],
    ...['--http-url', `${url}/${folder}/`, ':http:', path.join(target, folder)],
  ]);
}

function rclone(words: (url: string, target: string) => readonly string[]): Contender {
  return fromNginx({
    name: 'rclone',
    needs: ['rclone'],
    words: (url, target, own) => [
      ...['rclone', 'copy', '--config', path.join(own, 'rclone.conf'), '--log-level', 'ERROR'],
      ...words(url, target),
    ],
  });
}
