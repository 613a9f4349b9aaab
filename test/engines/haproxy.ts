/** HAProxy from Debian's package, in front of servers on this machine. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {connect, type Socket} from 'node:net';
import {join} from 'node:path';
import process from 'node:process';
import {text} from 'node:stream/consumers';
import {freePort} from '../fixtures/free-port.ts';

export const haproxyProgram = '/usr/sbin/haproxy';

/** The settings of docs/scale.md, except that a client's connections go to all servers in turn, which tests them more. */
const settings = `global
  stats socket STATS level admin
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  retries 3
  option redispatch 1
  option contstats
listen jangada
  bind 127.0.0.1:PORT
  balance roundrobin
  option tcp-check
  tcp-check send-binary 6a616e676164612f3f0d0a
  tcp-check expect ! binary 6a616e676164612f756e7265616461626c65
  tcp-check expect binary 6a616e676164612f7265616479 error-status L7OKC
  default-server SERVER-OPTIONS
`;

export class Haproxy implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #statsSocket: string;

  /**
   * @param folder the folder for its settings.
   * @param servers `host:port` of each server.
   * @param serverOptions the options of every server in the settings, such as `send-proxy-v2`.
   */
  static async start(
    folder: string,
    servers: readonly string[],
    serverOptions: string,
  ): Promise<Haproxy> {
    const port = await freePort();
    const file = join(folder, 'haproxy.cfg');
    const statsSocket = join(folder, 'haproxy.sock');
    const lines = servers.map((server, index) => `  server server-${index} ${server}\n`);
    writeFileSync(
      file,
      settings
        .replace('STATS', statsSocket)
        .replace('PORT', `${port}`)
        .replace('SERVER-OPTIONS', serverOptions) + lines.join(''),
    );
    const child = spawn(haproxyProgram, ['-db', '-f', file], {stdio: ['ignore', 'ignore', 'pipe']});
    process.once('exit', () => child.kill('SIGKILL'));
    const haproxy = new Haproxy(port, child, statsSocket);
    await haproxy.#listening();
    return haproxy;
  }

  private constructor(port: number, child: ChildProcess, statsSocket: string) {
    this.port = port;
    this.#child = child;
    this.#statsSocket = statsSocket;
  }

  /** The bytes sent to clients so far, and the state of each server. */
  async stats(): Promise<{bytesOut: number; states: string[]}> {
    const socket = connect(this.#statsSocket);
    socket.end('show stat\n');
    const [head = '', ...rows] = (await text(socket)).trim().split('\n');
    const columns = head.replace('# ', '').split(',');
    const cells = rows.map(row => row.split(','));
    const column = (name: string) => columns.indexOf(name);
    return {
      bytesOut: Number(
        cells.find(row => row[column('svname')] === 'FRONTEND')?.[column('bout')] ?? Number.NaN,
      ),
      states: cells
        .filter(row => row[column('svname')]?.startsWith('server-'))
        .map(row => row[column('status')] ?? ''),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) {
      await once(this.#child, 'close');
    }
  }

  /** Resolves when HAProxy accepts connections. @throws its error messages if it ends instead. */
  async #listening(): Promise<void> {
    let said = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (words: string) => {
      said += words;
    });
    for (;;) {
      if (this.#child.exitCode !== null) {
        throw new Error(`HAProxy has ended: ${said}`);
      }

      // HAProxy makes its two sockets one after the other.
      if (
        (await takes(connect(this.port, '127.0.0.1'))) &&
        (await takes(connect(this.#statsSocket)))
      ) {
        return;
      }
    }
  }
}

/** Whether `socket` could connect. */
async function takes(socket: Socket): Promise<boolean> {
  const isConnected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isConnected;
}
