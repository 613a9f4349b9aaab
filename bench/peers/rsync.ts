/** rsync with its own daemon. */
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {freePort, startDaemon, stopDaemon} from '../running/process.ts';
import type {Contender} from './contender.ts';

export function rsync(options: {
  name: string;
  words(url: string, target: string): readonly string[];
}): Contender {
  const {name, words} = options;
  return {
    name,
    needs: ['rsync'],
    async start({source, own, reach}) {
      const port = await freePort();
      const settings = path.join(own, 'rsyncd.conf');
      mkdirSync(own, {recursive: true});
      const user = process.getuid?.() === 0 ? 'uid = 0\ngid = 0\n' : '';
      writeFileSync(
        settings,
        `use chroot = no\n${user}[data]\npath = ${source}\nread only = yes\n`,
      );
      const args = ['--daemon', '--no-detach', '--address=127.0.0.1', `--port=${port}`];
      const server = await startDaemon(
        {program: 'rsync', args: [...args, `--config=${settings}`]},
        port,
      );
      const url = `rsync://127.0.0.1:${await reach(port)}/data`;
      return {
        command: target => ({program: 'rsync', args: words(url, target)}),
        serverPid: () => server.pid,
        [Symbol.asyncDispose]: () => stopDaemon(server),
      };
    },
  };
}
