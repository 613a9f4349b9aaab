/**
 * A machine on which the lines of a page can be typed as they are printed: its own loopback with the addresses and
 * host names of the pages, its own `/srv`, `/data`, `/opt` and home folder of root, and nothing of it outside.
 *
 *     unshare ─► bash: addresses, a new root with binds of everything else ─► chroot ─► cat, as long as the test runs
 *     nsenter ─► bash -c LINE
 */
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import type {TestContext} from 'node:test';
import {type Machine, machineAt} from '../../end-to-end/machine.ts';
import {temporaryFolder, until} from '../../fixtures/harness.ts';

const checkout = realpathSync(join(import.meta.dirname, '../../..'));

/** Where pages have files, and what the test fills. */
const ownFolders = ['srv', 'data', 'opt'] as const;

/** The folder for units of the administrator. */
const system = '/etc/systemd/system';

export type World = Machine & {
  /** The folder that is `/NAME` there, and the one for units of systemd. */
  own: Readonly<Record<(typeof ownFolders)[number] | 'system', string>>;
};

type WorldOptions = {
  /** Its addresses, besides those of the loopback. Default: one, without which no host name is looked up for IPv4. */
  addresses?: readonly string[];
  /** Addresses of host names. */
  hosts?: Readonly<Record<string, string>>;
};

/** They end with this process. */
const isolation = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--net', 'bash', '-c'];

/** Why there can be no such machine here; false if there can. */
export function noWorld(): string | false {
  const check =
    'ip link add one type veth peer name two && mount -t tmpfs none /mnt && type nsenter chroot';
  const isPossible =
    process.getuid?.() === 0 && spawnSync('setpriv', [...isolation, check]).status === 0;
  return isPossible ? false : 'it needs root on Linux, with util-linux and iproute2';
}

const script = `
set -e
new=$1 own=$2 home=$3 checkout=$4 programs=$5; shift 5
ip link set lo up
# Not on the loopback: a server that listens on all addresses prints the first one by which others reach it.
ip link add wire type veth peer name end
ip link set wire up
ip link set end up
for address; do ip address add "$address/32" dev wire; done
mount -t tmpfs none "$new"
for path in /*; do
  name=\${path#/}
  case $name in srv|data|opt|root|run) continue;; esac
  if [ -L "$path" ]; then cp -P "$path" "$new/$name"
  elif [ -d "$path" ]; then mkdir "$new/$name"; mount --rbind "$path" "$new/$name"
  fi
done
for name in srv data opt; do mkdir "$new/$name"; mount --bind "$own/$name" "$new/$name"; done
mkdir "$new/root" "$new/run"
mount --bind "$home" "$new/root"
mount -t tmpfs none "$new/run"
mkdir "$new/run/sshd"
for folder in "$checkout" "$programs"; do
  [ -d "$new$folder" ] || { mkdir -p "$new$folder"; mount --bind "$folder" "$new$folder"; }
done
mount --bind "$own/hosts" "$new/etc/hosts"
mkdir "$own/system"
[ ! -d "$new${system}" ] || mount --bind "$own/system" "$new${system}"
echo ready
exec chroot "$new" cat
`;

export async function startWorld(t: TestContext, options: WorldOptions = {}): Promise<World> {
  const {addresses = ['192.0.2.1'], hosts = {}} = options;
  const own = temporaryFolder(t);
  const home = temporaryFolder(t);
  const newRoot = join(own, 'new-root');
  const folders = Object.fromEntries(ownFolders.map(name => [name, join(own, name)]));
  for (const folder of [newRoot, ...Object.values(folders)]) {
    mkdirSync(folder);
  }

  const lines = Object.entries({localhost: '127.0.0.1', ...hosts}).map(
    ([name, address]) => `${address} ${name}\n`,
  );
  writeFileSync(join(own, 'hosts'), lines.join(''));
  const nodeFolder = realpathSync(join(process.execPath, '../..'));
  const words = [...isolation, script, 'world', newRoot, own, home, checkout, nodeFolder];
  // It ends with its standard input, too.
  const child = spawn('setpriv', [...words, ...addresses], {stdio: ['pipe', 'pipe', 'pipe']});
  let [printed, complaint] = ['', ''];
  child.stdout.on('data', text => {
    printed += text;
  });
  child.stderr.on('data', text => {
    complaint += text;
  });
  // Before the folders are removed: its root is a mount on one of them.
  t.after(async () => {
    killAllIn(child.pid);
    child.kill('SIGKILL');
    await until(() => child.exitCode !== null || child.signalCode !== null);
  });
  await until(() => printed.includes('ready') || child.exitCode !== null);
  assert.equal(child.exitCode, null, complaint);

  const enter = ['nsenter', '-t', String(child.pid), '--mount', '--net', '--root'];
  const machine = machineAt(t, home, [...enter, 'env', '-C', join(home, 'work')]);
  const {srv = '', data = '', opt = ''} = folders;
  return {...machine, own: {srv, data, opt, system: join(own, 'system')}};
}

/** Kill the process and all others with its network: daemons that a line has left, too. */
function killAllIn(pid: number | undefined): void {
  const network = pid === undefined ? undefined : networkOf(pid);
  // Before it has a network of its own it has that of everybody.
  if (network === undefined || network === networkOf(process.pid)) {
    return;
  }

  const inside = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(other => networkOf(other) === network);
  for (const other of inside) {
    try {
      process.kill(other, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Undefined for a process that has ended. */
function networkOf(pid: number): string | undefined {
  const file = `/proc/${pid}/ns/net`;
  try {
    return existsSync(file) ? readlinkSync(file) : undefined;
  } catch {
    return undefined;
  }
}
