/** Which of the programs that Jangada is compared with are installed. */
import {accessSync, constants} from 'node:fs';
import path from 'node:path';

/** The package of Debian that has the program. */
const packages: Readonly<Record<string, string>> = {
  curl: 'curl',
  nginx: 'nginx-light',
  rsync: 'rsync',
  lftp: 'lftp',
  aria2c: 'aria2',
  rclone: 'rclone',
  sftp: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  sshd: 'openssh-server',
  iperf3: 'iperf3',
  openssl: 'openssl',
  sha256sum: 'coreutils',
  cp: 'coreutils',
};

/** Its file; undefined if it is not installed. */
export function programAt(name: string): string | undefined {
  // Servers are where the path of an ordinary user may not lead.
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
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

/** Those of `programs` that are not installed. */
export function missingOf(programs: readonly string[]): string[] {
  return programs.filter(program => programAt(program) === undefined);
}

export function packageOf(program: string): string {
  return packages[program] ?? program;
}
