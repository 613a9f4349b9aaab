/**
 * A machine that systemd has started. Its root is a copy-on-write view of this one, so nothing that it writes stays. It has
 * its own processes and control groups, and the address 192.0.2.7. The checkout is `/opt/jangada`, and both programs are
 * installed.
 *
 *     unshare ─► bash: a new root, the programs ─► systemd as process 1
 *     nsenter ─► bash -c LINE
 */
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, realpathSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import type {TestContext} from 'node:test';
import {type Machine, machineAt} from '../../end-to-end/machine.ts';
import {temporaryFolder, until} from '../../fixtures/harness.ts';
import {type} from './typing.ts';

const checkout = realpathSync(join(import.meta.dirname, '../../..'));
const systemd = '/lib/systemd/systemd';
/** Where Debian and others mount the control groups of systemd, if version 1 has the controllers. */
const groups = '/sys/fs/cgroup/systemd';
const programs = '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const script = `
set -e
new=$1 home=$2 checkout=$3 node=$4 group=$5
mkdir "$group"
echo $$ > "$group/cgroup.procs"
exec unshare --mount --pid --uts --ipc --net --cgroup --fork --kill-child bash -c '
set -e
new=$1/new home=$2 checkout=$3 node=$4
mount -t tmpfs tmpfs "$1"
mkdir "$1/changes" "$1/work" "$new"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/changes,workdir=$1/work" "$new"
mount -t proc proc "$new/proc"
mount -t sysfs sysfs "$new/sys"
# With its rules for temporary files, systemd empties /tmp when it starts: it must be another one.
for folder in tmp run dev sys/fs/cgroup; do mount -t tmpfs tmpfs "$new/$folder"; done
for name in null zero full random urandom tty; do
  touch "$new/dev/$name"
  mount --bind "/dev/$name" "$new/dev/$name"
done
mkdir "$new/dev/pts" "$new/dev/shm" "$new/sys/fs/cgroup/systemd"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$new/dev/pts"
ln -s pts/ptmx "$new/dev/ptmx"
mount -t cgroup -o none,name=systemd systemd "$new/sys/fs/cgroup/systemd"
mkdir -p "$new/opt/jangada" "$new/opt/node" "$new/srv/files"
mount --bind "$home" "$new/root"
for folder in jangada:"$checkout" node:"$node"; do
  mount --bind -o ro "\${folder#*:}" "$new/opt/\${folder%%:*}"
done
for program in jangada jangada-server; do
  printf "#!/bin/sh\\nexec /opt/node/bin/node /opt/jangada/dist/%s.js \\"\\$@\\"\\n" "$program" > "$new/usr/local/bin/$program"
  chmod 755 "$new/usr/local/bin/$program"
done
cp -r "$checkout/files/." "$new/srv/files"
chmod -R a+rX "$new/srv"
ip link set lo up
ip link add wire type veth peer name end
ip address add 192.0.2.7/32 dev wire
ip link set wire up
ip link set end up
cd "$new"
mkdir old
pivot_root . old
cd /
umount --lazy /old
exec env -i container=test PATH=${programs} ${systemd} --system --unit=basic.target --log-target=console
' booted "$new" "$home" "$checkout" "$node"
`;

/** Why this system cannot start such a machine; false if it can. */
export function cannotBoot(): string | false {
  const has = existsSync(systemd) && existsSync(join(groups, 'cgroup.procs'));
  const check = `
set -e
type unshare nsenter ip
exec unshare --mount --pid --uts --ipc --net --cgroup --fork bash -c '
set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/changes /mnt/work /mnt/new
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/changes,workdir=/mnt/work /mnt/new
mount -t cgroup -o none,name=systemd systemd /mnt/work
ip link add wire type veth peer name end
'`;
  return has && process.getuid?.() === 0 && spawnSync('bash', ['-c', check]).status === 0
    ? false
    : 'it needs root on Linux, with systemd, util-linux, iproute2 and control groups of version 1';
}

/** Start a machine, without the services of this one. Resolves when systemd has started everything. */
export async function bootMachine(t: TestContext): Promise<Machine> {
  const folder = temporaryFolder(t);
  const [newRoot, home] = [join(folder, 'root'), join(folder, 'home')];
  mkdirSync(newRoot);
  mkdirSync(home);
  const group = join(groups, `jangada-${process.pid}`);
  const node = realpathSync(join(process.execPath, '../..'));
  const words = ['-c', script, 'boot', newRoot, home, checkout, node, group];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'bash', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', text => {
      said += text;
    });
  }

  t.after(async () => {
    child.kill('SIGKILL');
    await until(() => child.exitCode !== null || child.signalCode !== null);
    await until(() => removeGroups(group));
  });
  const first = `/proc/${child.pid}/task/${child.pid}/children`;
  const isSystemd = () => readOr(`/proc/${readOr(first).trim()}/comm`) === 'systemd\n';
  await until(() => isSystemd() || child.exitCode !== null);
  assert.equal(child.exitCode, null, said);

  const spaces = ['--mount', '--net', '--pid', '--uts', '--ipc', '--cgroup', '--root'];
  const enter = ['nsenter', '-t', readOr(first).trim(), ...spaces];
  const environment = ['env', '-C', '/root/work', 'HOME=/root', `PATH=${programs}`];
  const machine = machineAt(t, home, [...enter, ...environment]);
  const isUp = 'systemctl is-system-running --wait 2>&1 | grep -E "running|degraded"';
  await type(machine, `until ${isUp}; do sleep 0.1; done`);
  return machine;
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Remove the control groups of the machine: `rmdir` removes those without processes. @returns whether none is left. */
function removeGroups(group: string): boolean {
  spawnSync('find', [group, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
  return !existsSync(group);
}
