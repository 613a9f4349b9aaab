/** The built Jangada. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {rmSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import type {Data} from '../data.ts';
import {freePort, stopDaemon} from '../running/process.ts';
import type {Begin, Contender} from './contender.ts';

const ownDist = path.join(import.meta.dirname, '../../dist');

export type JangadaOptions = {
  /** Arguments of `jangada`. `server` is its address. */
  words(of: {server: string; target: string; data: Data}): readonly string[];
  /** Whether the server knows digests from the run before, or has to compute them in each run. Default: unknown. */
  digests?: 'unknown' | 'known';
  /** Whether the client remembers what it has verified in a run before. Default: kept. */
  memory?: 'none' | 'kept';
  begin?: Begin;
};

export type Jangada = Contender & {
  /** The same work with another build, for example one before a change. */
  ofBuild(dist: string): Contender;
};

export function jangada(options: JangadaOptions): Jangada {
  return {
    ...contender('jangada', ownDist, options),
    ofBuild: dist => contender('other build', dist, options),
  };
}

function contender(name: string, dist: string, options: JangadaOptions): Contender {
  const {words, digests = 'unknown', memory = 'kept', begin} = options;
  return {
    name,
    needs: [],
    ...(begin === undefined ? {} : {begin}),
    async start({source, data, own, reach}) {
      const port = await freePort();
      const address = `jangada://127.0.0.1:${await reach(port)}`;
      const begun = () => startJangada(source, ['--port', String(port)], dist);
      let server = await begun();
      const [state, config] = [path.join(own, 'state'), path.join(own, 'config')];
      return {
        command: target => ({
          program: process.execPath,
          args: [built('jangada', dist), ...words({server: address, target, data})],
          // After its first run the compiled code exists, as on a machine of a user.
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
  dist = ownDist,
): Promise<{child: ChildProcess; address: string}> {
  const port = options.includes('--port') ? [] : ['--port', '0'];
  const child = spawn(
    process.execPath,
    [built('jangada-server', dist), source, ...port, '--log-level', 'error', ...options],
    {stdio: ['ignore', 'pipe', 'inherit']},
  );
  const [address] = await once(createInterface({input: child.stdout}), 'line');
  return {child, address};
}

export function built(program: string, dist = ownDist): string {
  return path.join(dist, `${program}.js`);
}
