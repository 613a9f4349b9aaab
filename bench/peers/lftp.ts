/** lftp, from nginx: over sftp both sides would also have to encrypt. */
import path from 'node:path';
import type {Begin, Contender} from './contender.ts';
import {fromNginx} from './nginx.ts';

/** One file in four parts at once. */
export function lftpPget(file: string): Contender {
  return lftp('lftp pget -n 4', url => [['pget', '-n', '4', `${url}/${file}`, '-o', file]]);
}

/** Resumes the existing part, without checking it. */
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

/** @param commands the words of each command, run in the target folder. */
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
      // Keeps its settings and its history out of the home folder.
      return ['env', `LFTP_HOME=${path.join(own, 'lftp')}`, 'lftp', '--norc', '-c', script];
    },
  });
}

function quoted(word: string): string {
  return `"${word.replaceAll(/["\\]/g, '\\$&')}"`;
}
