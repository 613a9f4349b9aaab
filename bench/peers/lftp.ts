/** lftp, from nginx: over sftp both sides would have to encrypt, too. */
import path from 'node:path';
import type {Begin, Contender} from './contender.ts';
import {fromNginx} from './nginx.ts';

/** One file in four parts at once. */
export function lftpPget(file: string): Contender {
  return lftp('lftp pget -n 4', url => [['pget', '-n', '4', `${url}/${file}`, '-o', file]]);
}

/** Goes on with what is there, and takes it for right. */
export function lftpContinue(file: string, begin: Begin): Contender {
  return lftp('lftp get -c', url => [['get', '-c', `${url}/${file}`, '-o', file]], begin);
}

/** A tree, eight files at once. */
export function lftpMirror(folder: string): Contender {
  return lftp('lftp mirror -P8', url => [
    ['open', `${url}/`],
    ['mirror', '-P8', folder, folder],
  ]);
}

/** @param commands words of each command, in the folder of the target. */
function lftp(
  name: string,
  commands: (url: string) => ReadonlyArray<readonly string[]>,
  begin?: Begin,
): Contender {
  return fromNginx({
    ...{name, needs: ['lftp']},
    ...(begin === undefined ? {} : {begin}),
    words(url, target, own) {
      const script = [
        ...['set cmd:fail-exit yes', 'set xfer:log no', 'set xfer:clobber yes'],
        ...['set net:connection-limit 0', `lcd ${quoted(target)}`],
        ...commands(url).map(words => words.map(quoted).join(' ')),
      ].join('; ');
      // Its settings and its history do not lie in the home folder.
      return ['env', `LFTP_HOME=${path.join(own, 'lftp')}`, 'lftp', '--norc', '-c', script];
    },
  });
}

function quoted(word: string): string {
  return `"${word.replaceAll(/["\\]/g, '\\$&')}"`;
}
