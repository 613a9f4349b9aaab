/** sftp, with its own sshd and keys. */
import {spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {freePort, startDaemon, stopDaemon} from '../running/process.ts';
import type {Contender} from './contender.ts';
import {programAt} from './programs.ts';

export function sftp(file: string): Contender {
  return {
    name: 'sftp',
    needs: ['sftp', 'sshd', 'ssh-keygen'],
    async start({source, own, reach}) {
      const port = await freePort();
      const at = (name: string) => path.join(own, name);
      mkdirSync(own, {recursive: true});
      for (const name of ['host-key', 'key']) {
        makeKey(at(name));
      }

      writeFileSync(at('authorized'), readFileSync(at('key.pub')));
      writeFileSync(at('sshd-config'), serverSettings(port, own));
      if (process.getuid?.() === 0) {
        // sshd of root needs this folder to drop its privileges.
        mkdirSync('/run/sshd', {recursive: true});
      }

      const program = programAt('sshd') ?? 'sshd';
      const server = await startDaemon(
        {program, args: ['-D', '-f', at('sshd-config'), '-E', at('log')]},
        port,
      );
      const near = await reach(port);
      writeFileSync(at('known'), `[127.0.0.1]:${near} ${readFileSync(at('host-key.pub'), 'utf8')}`);
      writeFileSync(at('config'), clientSettings(own));
      return {
        command(target) {
          // sftp takes a name in a command for a glob, not for a shell word.
          const [from, to] = [path.join(source, file), path.join(target, file)];
          writeFileSync(at('batch'), `get "${from}" "${to}"\n`);
          const settings = ['-q', '-F', at('config'), '-P', String(near), '-R', '256'];
          return {program: 'sftp', args: [...settings, '-b', at('batch'), '127.0.0.1']};
        },
        serverPid: () => server.pid,
        [Symbol.asyncDispose]: () => stopDaemon(server),
      };
    },
  };
}

function serverSettings(port: number, own: string): string {
  return `Port ${port}
ListenAddress 127.0.0.1
HostKey "${own}/host-key"
AuthorizedKeysFile "${own}/authorized"
PidFile none
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
Subsystem sftp internal-sftp
`;
}

/** AES-GCM is the cheapest cipher on processors with instructions for it. */
function clientSettings(own: string): string {
  return `Host *
  IdentityFile "${own}/key"
  IdentitiesOnly yes
  UserKnownHostsFile "${own}/known"
  Ciphers aes128-gcm@openssh.com
  Compression no
`;
}

function makeKey(file: string): void {
  const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  if (made.status !== 0) {
    throw new Error(`ssh-keygen: ${made.stderr}`);
  }
}
