/** Finds out which of the compared programs are installed. */
import {accessSync, constants} from 'node:fs';
import path from 'node:path';

/** The Debian package of each program. */
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

/** The file of a program; undefined if it is not installed. */
export function programAt(name: string): string | undefined {
  // Server programs may be outside the PATH of an ordinary user.
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

/** The `programs` that are not installed. */
export function missingOf(programs: readonly string[]): string[] {
  return programs.filter(program => programAt(program) === undefined);
}

export function packageOf(program: string): string {
  return packages[program] ?? program;
}
