/** The ways to move files that are compared: cp, Jangada, and the servers that are installed. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {accessSync, constants, writeFileSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import type {Data} from './data.ts';
import {type Command, freePort, peakMB, startDaemon, stopDaemon} from './process.ts';
import {log} from './report.ts';

export type Way = AsyncDisposable & {
  name: string;
  /** Whether the memory of both sides is worth a column. */
  measured: boolean;
  /** The command that copies `large.bin`, or the folder `small`, into `target`. */
  large(target: string): Command;
  small(target: string): Command;
  /** Before each run, not timed: a server that remembers digests has to forget them. */
  prepare?(): Promise<void>;
  serverPeakMB?(): number | undefined;
};

/** Each starts the server that it needs; undefined, with a notice, where this machine lacks the program. */
export const ways: ReadonlyArray<(data: Data) => Promise<Way | undefined>> = [
  copy,
  jangada,
  curlFromNginx,
  rsyncDaemon,
];

async function copy({source}: Data): Promise<Way> {
  return {
    name: 'cp',
    measured: false,
    large: target => ({program: 'cp', args: [path.join(source, 'large.bin'), target]}),
    small: target => ({program: 'cp', args: ['-r', path.join(source, 'small'), target]}),
    async [Symbol.asyncDispose]() {},
  };
}

async function jangada({source}: Data): Promise<Way> {
  let server = await startJangada(source);
  const client = (command: string, what: string, target: string): Command => ({
    program: process.execPath,
    args: [built('jangada'), command, what, '-s', server.address, '--to', target, '--quiet'],
  });
  return {
    name: 'jangada',
    measured: true,
    large: target => client('sget', 'large.bin', target),
    small: target => client('mget', 'small/**', target),
    async prepare() {
      await stopDaemon(server.child);
      server = await startJangada(source);
    },
    serverPeakMB: () => peakMB(server.child.pid),
    [Symbol.asyncDispose]: () => stopDaemon(server.child),
  };
}

export async function startJangada(
  source: string,
  options: readonly string[] = [],
): Promise<{child: ChildProcess; address: string}> {
  const child = spawn(
    process.execPath,
    [built('jangada-server'), source, '--port', '0', '--log-level', 'warn', ...options],
    {stdio: ['ignore', 'pipe', 'inherit']},
  );
  const [address] = await once(createInterface({input: child.stdout}), 'line');
  return {child, address};
}

export function built(program: string): string {
  return path.join(import.meta.dirname, '../dist', `${program}.js`);
}

async function curlFromNginx({folder, source, smallFiles}: Data): Promise<Way | undefined> {
  if (!haveAll('curl', 'nginx')) {
    return undefined;
  }

  const port = await freePort();
  const settings = path.join(folder, 'nginx.conf');
  // nginx started as root would read as another user, that may not enter the folder.
  writeFileSync(
    settings,
    `${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off; worker_processes auto; pid nginx.pid; error_log stderr warn;
    events {}
    http {
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
      client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
      uwsgi_temp_path uwsgi; scgi_temp_path scgi;
      server { listen 127.0.0.1:${port}; root "${source}"; }
    }`,
  );
  const args = ['-p', folder, '-c', settings, '-e', 'stderr'];
  const server = await startDaemon({program: findProgram('nginx') ?? 'nginx', args}, port);

  const url = `http://127.0.0.1:${port}`;
  const list = path.join(folder, 'curl.conf');
  const quiet = ['--silent', '--show-error', '--fail'];
  return {
    name: 'curl, nginx',
    measured: false,
    large: target => ({
      program: 'curl',
      args: [...quiet, '--output', path.join(target, 'large.bin'), `${url}/large.bin`],
    }),
    small(target) {
      const lines = smallFiles.map(
        file => `url = "${url}/${file}"\noutput = "${path.join(target, file)}"\n`,
      );
      writeFileSync(list, lines.join(''));
      const parallel = ['--parallel', '--parallel-max', '8', '--create-dirs'];
      return {program: 'curl', args: [...quiet, ...parallel, '--config', list]};
    },
    [Symbol.asyncDispose]: () => stopDaemon(server),
  };
}

async function rsyncDaemon({folder, source}: Data): Promise<Way | undefined> {
  if (!haveAll('rsync')) {
    return undefined;
  }

  const port = await freePort();
  const settings = path.join(folder, 'rsyncd.conf');
  const user = process.getuid?.() === 0 ? 'uid = 0\ngid = 0\n' : '';
  writeFileSync(settings, `use chroot = no\n${user}[data]\npath = ${source}\nread only = yes\n`);
  const args = ['--daemon', '--no-detach', '--address=127.0.0.1'];
  const server = await startDaemon(
    {program: 'rsync', args: [...args, `--port=${port}`, `--config=${settings}`]},
    port,
  );

  const url = `rsync://127.0.0.1:${port}/data`;
  return {
    name: 'rsync daemon',
    measured: false,
    large: target => ({
      program: 'rsync',
      args: ['--times', '--whole-file', '--inplace', `${url}/large.bin`, target],
    }),
    small: target => ({program: 'rsync', args: ['--recursive', '--times', `${url}/small`, target]}),
    [Symbol.asyncDispose]: () => stopDaemon(server),
  };
}

/** Whether all of them are installed; if not, says so. */
export function haveAll(...programs: readonly string[]): boolean {
  const missing = programs.filter(program => findProgram(program) === undefined);
  if (missing.length > 0) {
    log(`Left out, not installed: ${missing.join(', ')}`);
  }

  return missing.length === 0;
}

function findProgram(name: string): string | undefined {
  // Servers are where the path of an ordinary user may not lead.
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'];
  return folders
    .map(folder => path.join(folder, name))
    .find(file => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
