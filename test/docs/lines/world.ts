/**
 * A machine on which the lines of a page can be typed as printed. It has its own loopback with the addresses and host names
 * of the pages, and its own `/srv`, `/data`, `/opt` and home folder of root. No other process sees any of this.
 *
 *     unshare ─► bash: addresses, a new root with binds of everything else ─► chroot ─► cat, while the test runs
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

/** The folders that the pages use and the tests fill. */
const ownFolders = ['srv', 'data', 'opt'] as const;

export type World = Machine & {
  /** The process that keeps the machine. */
  pid: number;
  /** The folders outside that are `/NAME` inside. */
  own: Readonly<Record<(typeof ownFolders)[number], string>>;
};

type WorldOptions = {
  /** Addresses besides those of the loopback. Default: one, because without any, host names are not looked up for IPv4. */
  addresses?: readonly string[];
  /** Addresses by host name. */
  hosts?: Readonly<Record<string, string>>;
  /** Another machine, which reaches this one through a bridge. The addresses of both have the same first three numbers. */
  beside?: World;
};

/** The command in front, with which the machine ends when this process ends. */
const isolation = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--net', 'bash', '-c'];

/** Why this system cannot have such a machine; false if it can. */
export function noWorld(): string | false {
  const check =
    'ip link add one type veth peer name two && mount -t tmpfs none /mnt && type nsenter chroot';
  const isPossible =
    process.getuid?.() === 0 && spawnSync('setpriv', [...isolation, check]).status === 0;
  return isPossible ? false : 'it needs root on Linux, with util-linux and iproute2';
}

const script = `
set -e
new=$1 own=$2 home=$3 checkout=$4 programs=$5 beside=$6; shift 6
ip link set lo up
# Not on the loopback: a server that listens on all addresses prints the first one by which others reach it.
ip link add wire type veth peer name end
ip link set wire up
ip link set end up
for address; do ip address add "$address/32" dev wire; done
if [ -n "$beside" ]; then
  port=end\${1##*.} subnet=\${1%.*}.0/24
  ip route add "$subnet" dev wire
  ip link set end netns "$beside" name "$port"
  nsenter -t "$beside" --net bash -ec '
    ip link show lan >/dev/null 2>&1 || {
      ip link add lan type bridge
      ip link set lan up
      ip link set end master lan
      ip route add "$2" dev wire
    }
    ip link set "$1" master lan up
  ' bridge "$port" "$subnet"
fi
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
echo ready
exec chroot "$new" cat
`;

export async function startWorld(t: TestContext, options: WorldOptions = {}): Promise<World> {
  const {addresses = ['192.0.2.1'], hosts = {}, beside} = options;
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
  const place = [beside === undefined ? '' : String(beside.pid), ...addresses];
  // The process also ends when its standard input ends.
  const child = spawn('setpriv', [...words, ...place], {stdio: ['pipe', 'pipe', 'pipe']});
  let [printed, complaint] = ['', ''];
  child.stdout.on('data', text => {
    printed += text;
  });
  child.stderr.on('data', text => {
    complaint += text;
  });
  // This happens before the folders are removed, because the root of the process is a mount in one of them.
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
  return {...machine, pid: child.pid ?? assert.fail(), own: {srv, data, opt}};
}

/** Kill the process and all others in its network, for example daemons that a line has left. */
function killAllIn(pid: number | undefined): void {
  const network = pid === undefined ? undefined : networkOf(pid);
  // Before `unshare` the process is in the network of this process.
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
      // The process has ended meanwhile.
    }
  }
}

/** Undefined if the process has ended. */
function networkOf(pid: number): string | undefined {
  const file = `/proc/${pid}/ns/net`;
  try {
    return existsSync(file) ? readlinkSync(file) : undefined;
  } catch {
    return undefined;
  }
}
