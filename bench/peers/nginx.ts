/** nginx with its best settings for files, and the programs that download from it. */
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {type Data, smallNames} from '../data.ts';
import {freePort, startDaemon, stopDaemon} from '../running/process.ts';
import type {Arena, Begin, Contender, Started} from './contender.ts';
import {programAt} from './programs.ts';

/** A program that downloads from its own nginx. */
export function fromNginx(options: {
  name: string;
  needs: readonly string[];
  /** The program and its arguments. `own` is a folder for its settings. */
  words(url: string, target: string, own: string, data: Data): readonly string[];
  begin?: Begin;
  env?: Readonly<Record<string, string>>;
}): Contender {
  const {name, needs, words, begin, env} = options;
  return {
    name,
    needs: ['nginx', ...needs],
    ...(begin === undefined ? {} : {begin}),
    async start(arena) {
      const {url, ...server} = await startNginx(arena);
      return {
        ...server,
        command(target) {
          const [program = '', ...args] = words(url, target, arena.own, arena.data);
          return {program, args, ...(env === undefined ? {} : {env})};
        },
      };
    },
  };
}

export function curl(name: string): Contender {
  return fromNginx({
    name: 'curl, nginx',
    needs: ['curl'],
    words: (url, target) => [...curlWords, '--output', path.join(target, name), `${url}/${name}`],
  });
}

/** A tree with known names, eight files at once. */
export function curlTree(): Contender {
  return fromNginx({
    name: 'curl --parallel',
    needs: ['curl'],
    words(url, target, own, data) {
      const list = path.join(own, 'curl.conf');
      const lines = smallNames(data.files).map(
        name => `url = "${url}/${name}"\noutput = "${path.join(target, name)}"\n`,
      );
      writeFileSync(list, lines.join(''));
      const parallel = ['--parallel', '--parallel-max', '8', '--create-dirs'];
      return [...curlWords, ...parallel, '--config', list];
    },
  });
}

/** curl, and a checksum of the result, because curl verifies nothing. */
export function curlAndSha256sum(name: string): Contender {
  return fromNginx({
    name: 'curl; sha256sum',
    needs: ['curl', 'sha256sum'],
    words: (url, target) => [
      'sh',
      '-c',
      `"$@" && sha256sum "${path.join(target, name)}"`,
      'sh',
      ...[...curlWords, '--output', path.join(target, name), `${url}/${name}`],
    ],
  });
}

const curlWords = ['curl', '--disable', '--silent', '--show-error', '--fail'];

async function startNginx(
  arena: Arena,
): Promise<{url: string; serverPid: NonNullable<Started['serverPid']>} & AsyncDisposable> {
  const port = await freePort();
  const settings = path.join(arena.own, 'nginx.conf');
  mkdirSync(arena.own, {recursive: true});
  // nginx started as root would switch to another user, who may not enter the folder.
  writeFileSync(
    settings,
    `${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off; worker_processes auto; pid nginx.pid; error_log stderr warn;
    events {}
    http {
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
      client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
      uwsgi_temp_path uwsgi; scgi_temp_path scgi;
      server { listen 127.0.0.1:${port}; root "${arena.source}"; autoindex on; }
    }`,
  );
  const args = ['-p', arena.own, '-c', settings, '-e', 'stderr'];
  const server = await startDaemon({program: programAt('nginx') ?? 'nginx', args}, port);
  return {
    url: `http://127.0.0.1:${await arena.reach(port)}`,
    serverPid: () => server.pid,
    [Symbol.asyncDispose]: () => stopDaemon(server),
  };
}
