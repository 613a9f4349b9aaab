/** An sshd at the usual port of a page's machine. The root user of the machine can log in to it with a key. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {until} from '../../fixtures/harness.ts';
import {write} from './typing.ts';
import type {World} from './world.ts';

export type SshDaemon = {
  /** The line for `authorized_keys`, without options. */
  key: string;
  /** Make this the only line of `authorized_keys`. */
  authorize(line: string): void;
};

/** @param hosts the names that clients use for the server. */
export async function startSsh(world: World, hosts: readonly string[]): Promise<SshDaemon> {
  const folder = join(world.home, '.ssh');
  mkdirSync(folder, {mode: 0o700});
  const at = (name: string) => join(folder, name);
  for (const name of ['host-key', 'id_ed25519']) {
    const {status, stderr} = spawnSync('ssh-keygen', ['-qted25519', '-N', '', '-f', at(name)]);
    assert.equal(status, 0, String(stderr));
  }

  const [kind, hostKey] = readFileSync(at('host-key.pub'), 'utf8').split(' ');
  writeFileSync(at('known_hosts'), `${hosts.join(',')} ${kind} ${hostKey}\n`);
  writeFileSync(
    at('sshd-config'),
    [
      `HostKey ${at('host-key')}`,
      `AuthorizedKeysFile ${at('authorized_keys')}`,
      `SetEnv PATH=${join(world.home, 'bin')}:/usr/bin:/bin`,
      'PidFile none',
      'StrictModes no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      '',
    ].join('\n'),
  );
  const key = readFileSync(at('id_ed25519.pub'), 'utf8').trim();
  const authorize = (line: string) => write(at('authorized_keys'), `${line}\n`);
  authorize(key);
  const daemon = world.run(`/usr/sbin/sshd -D -e -f '${at('sshd-config')}'`);
  await until(() => daemon.stderr.includes('listening') || daemon.status !== undefined);
  assert.equal(daemon.status, undefined, daemon.stderr);
  return {key, authorize};
}
