/** aria2, from nginx, over four connections. */
import type {Contender} from './contender.ts';
import {fromNginx} from './nginx.ts';

export function aria2(file: string): Contender {
  return fromNginx({
    name: 'aria2 -x4',
    needs: ['aria2c'],
    words: (url, target) => [
      ...['aria2c', '--no-conf', '--quiet', '-x4', '-s4', '--file-allocation=none'],
      ...['--dir', target, `${url}/${file}`],
    ],
  });
}
