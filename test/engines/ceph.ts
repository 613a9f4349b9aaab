/**
 * A Ceph cluster on this machine that serves S3 while a test needs it: one monitor, three OSDs that keep their objects in
 * memory, and the gateway (RGW). All of them listen on 127.0.0.1 and keep their files in a temporary folder. The programs
 * come from Debian's packages ceph-mon, ceph-osd, ceph-common and radosgw.
 */
import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {randomBytes, randomUUID} from 'node:crypto';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {request} from 'node:http';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {promisify} from 'node:util';

const run = promisify(execFile);

const programs = [
  'monmaptool',
  'ceph-mon',
  'ceph-osd',
  'ceph',
  'crushtool',
  'radosgw',
  'radosgw-admin',
];

const osds = 3;
const bytesOfOsd = 4_294_967_296;

type Keys = {readonly accessKeyId: string; readonly secretAccessKey: string};

/** The keys are those of the owner of all buckets. */
export type Ceph = Keys & {
  /** The address of S3: `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** Add a user with other keys. */
  makeUser(name: string): Promise<Keys>;
  /** Stop the gateway (SIGSTOP), or let it continue (SIGCONT). */
  signalGateway(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Kill the gateway, and start another one at the same address. */
  restartGateway(): Promise<void>;
  /** Kill an OSD for good. Its objects remain only if there are several copies. */
  killOsd(id: number): Promise<void>;
  close(): Promise<void>;
};

/** Why this system cannot start a cluster; undefined if it can. */
export function whyNoCeph(): string | undefined {
  const missing = programs.find(program => !isInstalled(program));
  return missing === undefined
    ? undefined
    : `${missing} is not installed: apt-get install --no-install-recommends ceph-mon ceph-osd ceph-common radosgw`;
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Start a cluster that keeps so many copies of each object. Resolves once the gateway answers. */
export async function startCeph({copies = 1} = {}): Promise<Ceph> {
  const cluster = new Cluster(copies);
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    const log = cluster.lastLog();
    await cluster.close();
    throw new Error(`Ceph does not start. Its last lines:\n${log}`, {cause: error});
  }
}

class Cluster implements Ceph {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'jangada-ceph-'));
  readonly #children = new Set<ChildProcess>();
  readonly #osds: ChildProcess[] = [];
  readonly #copies: number;
  #gateway: ChildProcess | undefined;
  #port = 0;

  constructor(copies: number) {
    this.#copies = copies;
    ({accessKeyId: this.accessKeyId, secretAccessKey: this.secretAccessKey} = newKeys());
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const [monPort, port] = [await freePort(), await freePort()];
    this.#port = port;
    const fsid = randomUUID();
    writeFileSync(
      this.#conf,
      configuration({folder: this.#folder, fsid, monPort, port, copies: this.#copies}),
    );
    const mon = ['-c', this.#conf, '-i', 'a', '--mon-data', join(this.#folder, 'mon')];
    const map = join(this.#folder, 'monmap');
    await run('monmaptool', [
      ...['--create', '--fsid', fsid, '--addv', 'a', `[v2:127.0.0.1:${monPort}]`, map],
    ]);
    await run('ceph-mon', [...mon, '--mkfs', '--monmap', map]);
    this.#spawn('ceph-mon', [...mon, '-f']);
    await Promise.all(Array.from({length: osds}, (_, id) => this.#startOsd(id)));
    await this.#startGateway();
    await this.#makeUser('test', this);
  }

  async makeUser(name: string): Promise<Keys> {
    const keys = newKeys();
    await this.#makeUser(name, keys);
    return keys;
  }

  signalGateway(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#gateway?.kill(signal);
  }

  async restartGateway(): Promise<void> {
    if (this.#gateway !== undefined) {
      await end(this.#gateway);
    }

    await this.#startGateway();
  }

  async killOsd(id: number): Promise<void> {
    const osd = this.#osds[id];
    if (osd === undefined) {
      throw new Error(`There is no OSD ${id}`);
    }

    await end(osd);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#children].map(end));
    rmSync(this.#folder, {recursive: true, force: true});
  }

  /** The last lines that the programs have logged. */
  lastLog(): string {
    return readFileSync(this.#log, 'utf8').slice(-2000);
  }

  get #conf(): string {
    return join(this.#folder, 'ceph.conf');
  }

  get #log(): string {
    return join(this.#folder, 'output.log');
  }

  async #makeUser(name: string, {accessKeyId, secretAccessKey}: Keys): Promise<void> {
    await run('radosgw-admin', [
      ...['-c', this.#conf, '-n', 'client.radosgw.a', 'user', 'create', '--uid', name],
      ...['--display-name', name, '--access-key', accessKeyId, '--secret', secretAccessKey],
    ]);
  }

  async #startOsd(id: number): Promise<void> {
    const data = join(this.#folder, `osd-${id}`);
    mkdirSync(data);
    const osd = ['-c', this.#conf, '-i', String(id), '--osd-data', data];
    const uuid = randomUUID();
    await this.#ceph('osd', 'new', uuid, String(id));
    await run('ceph-osd', [...osd, '--mkfs', '--osd-uuid', uuid]);
    await this.#ceph('osd', 'crush', 'add', String(id), '1', 'root=default', `host=host-${id}`);
    this.#osds[id] = this.#spawn('ceph-osd', [...osd, '-f']);
  }

  async #startGateway(): Promise<void> {
    this.#gateway = this.#spawn('radosgw', ['-c', this.#conf, '-n', 'client.radosgw.a', '-f']);
    for (let tries = 0; tries < 600; tries++) {
      if (await answers(this.endpoint)) {
        return;
      }

      await sleep(100);
    }

    throw new Error('the gateway did not answer for a minute');
  }

  async #ceph(...words: string[]): Promise<void> {
    await run('ceph', ['-c', this.#conf, ...words], {timeout: 60_000});
  }

  #spawn(program: string, words: string[]): ChildProcess {
    const output = openSync(this.#log, 'a');
    const child = spawn(program, words, {stdio: ['ignore', output, output]});
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }
}

function newKeys(): Keys {
  return {
    accessKeyId: randomBytes(10).toString('hex').toUpperCase(),
    secretAccessKey: randomBytes(20).toString('hex'),
  };
}

type Settings = {folder: string; fsid: string; monPort: number; port: number; copies: number};

function configuration({folder, fsid, monPort, port, copies}: Settings): string {
  return `[global]
fsid = ${fsid}
mon host = [v2:127.0.0.1:${monPort}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
run dir = ${folder}
admin socket = ${folder}/$name.asok
log file =
log to stderr = true
err to stderr = true
mon cluster log file =
mon warn on pool no redundancy = false
mon allow pool size one = true
osd pool default size = ${copies}
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd crush chooseleaf type = 0
osd pool default pg autoscale mode = off
[osd]
osd objectstore = memstore
memstore device bytes = ${bytesOfOsd}
osd scrub begin hour = 0
[client.radosgw.a]
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw enable usage log = false
rgw enable ops log = false
rgw dns name = localhost
`;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }

  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await gone;
}

function answers(endpoint: string): Promise<boolean> {
  return new Promise(resolve => {
    const asked = request(endpoint, {agent: false, timeout: 2000}, response => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') {
    throw new Error('no port is free');
  }

  return address.port;
}
