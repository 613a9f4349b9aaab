/** Jangada as it was built. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {rmSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import type {Data} from '../data.ts';
import {freePort, stopDaemon} from '../running/process.ts';
import type {Begin, Contender} from './contender.ts';

export type JangadaOptions = {
  /** Arguments of `jangada`. `server` is its address. */
  words(of: {server: string; target: string; data: Data}): readonly string[];
  /** Whether the server has to compute digests in each run, or knows them from the run before. Default: it has to. */
  digests?: 'unknown' | 'known';
  /** Whether the client remembers what it has verified in a run before. Default: it does. */
  memory?: 'none' | 'kept';
  begin?: Begin;
};

export function jangada(options: JangadaOptions): Contender {
  const {words, digests = 'unknown', memory = 'kept', begin} = options;
  return {
    name: 'jangada',
    needs: [],
    ...(begin === undefined ? {} : {begin}),
    async start({source, data, own, reach}) {
      const port = await freePort();
      const address = `jangada://127.0.0.1:${await reach(port)}`;
      const begun = () => startJangada(source, ['--port', String(port)]);
      let server = await begun();
      const [state, config] = [path.join(own, 'state'), path.join(own, 'config')];
      return {
        command: target => ({
          program: process.execPath,
          args: [built('jangada'), ...words({server: address, target, data})],
          // Its compiled code is there once it has run, as on a machine where it is used.
          env: {
            JANGADA_STATE: state,
            JANGADA_CONFIG: config,
            XDG_CACHE_HOME: path.join(own, 'cache'),
          },
        }),
        serverPid: () => server.child.pid,
        async renew() {
          if (memory === 'none') {
            rmSync(state, {recursive: true, force: true});
          }

          if (digests === 'unknown') {
            await stopDaemon(server.child);
            server = await begun();
          }
        },
        [Symbol.asyncDispose]: () => stopDaemon(server.child),
      };
    },
  };
}

export async function startJangada(
  source: string,
  options: readonly string[] = [],
): Promise<{child: ChildProcess; address: string}> {
  const port = options.includes('--port') ? [] : ['--port', '0'];
  const child = spawn(
    process.execPath,
    [built('jangada-server'), source, ...port, '--log-level', 'error', ...options],
    {stdio: ['ignore', 'pipe', 'inherit']},
  );
  const [address] = await once(createInterface({input: child.stdout}), 'line');
  return {child, address};
}

export function built(program: string): string {
  return path.join(import.meta.dirname, '../../dist', `${program}.js`);
}
